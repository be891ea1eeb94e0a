"""Was the storage compared with the rows lately, and do remedies for many go on?"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from services.core.states import OperationState, ReconciliationScope, ReconciliationState
from services.database.models import Operation, Reconciliation
from services.health.check import Answer, Question, ok, unknown, warning
from services.health.system_under_check import House

STANDS_STILL = timedelta(minutes=2)
_FIX = "The dispatcher begins each comparison by itself; see its own check, under Work."


@dataclass(frozen=True)
class _Round:
    """One kind of comparison, and how old the last one may be."""

    name: str
    scope: ReconciliationScope
    limit: timedelta
    what: str


_ROUNDS = (
    _Round(
        "Whole storage compared", ReconciliationScope.FULL, timedelta(hours=26), "the whole storage"
    ),
    _Round(
        "New files compared", ReconciliationScope.NEW, timedelta(minutes=15), "the newest files"
    ),
)


def round_questions(house: House) -> list[Question]:
    """One question for each kind of comparison."""
    return [_question(house, kind) for kind in _ROUNDS]


def operation_questions(house: House) -> list[Question]:
    """The one question about remedies that are ordered for many at once."""
    return [Question("Remedies for many", "Work", lambda: _operations(house))]


def _question(house: House, kind: _Round) -> Question:
    return Question(kind.name, "Storage", lambda: _compared(house, kind))


def _compared(house: House, kind: _Round) -> Answer:
    newest = select(Reconciliation).where(Reconciliation.scope == kind.scope)
    newest = newest.order_by(Reconciliation.began_at.desc()).limit(1)
    ended = select(func.clock_timestamp() - func.max(Reconciliation.ended_at)).where(
        Reconciliation.scope == kind.scope, Reconciliation.state == ReconciliationState.DONE
    )
    with house.transaction() as session:
        last, age = session.scalar(newest), session.scalar(ended)
    if last is None or (age is None and last.state is ReconciliationState.RUNNING):
        began = "has not ended yet" if last else "was not made yet"
        return unknown(f"The first comparison with {kind.what} {began}.", f"Wait a while. {_FIX}")
    problem = (
        f" The newest one failed: {_reason(last)}."
        if last.state is ReconciliationState.FAILED
        else ""
    )
    if age is None:
        return warning(f"No comparison with {kind.what} has ended.{problem}", _FIX)
    told = f"The last comparison with {kind.what} ended {_ago(age)}.{problem}"
    if age > kind.limit:
        return warning(told, _FIX)
    return ok(told)


def _reason(failed: Reconciliation) -> str:
    return (failed.problem or "no reason was kept").rstrip(".")


def _operations(house: House) -> Answer:
    silent = func.clock_timestamp() - Operation.heartbeat_at > STANDS_STILL
    query = select(func.count(), func.count().filter(silent)).where(
        Operation.state == OperationState.RUNNING
    )
    with house.transaction() as session:
        running, still = session.execute(query).one()
    if still:
        many = "1 remedy for many stands" if still == 1 else f"{still} remedies for many stand"
        return warning(
            f"{many} still for more than two minutes.",
            "Open it on Diagnose and let it go on: what is done already is not done again.",
        )
    return ok(f"{running} running, none stands still." if running else "None is running.")


def _ago(age: timedelta) -> str:
    minutes = age / timedelta(minutes=1)
    if minutes < 90:
        return f"{minutes:.0f} min ago"
    return f"{minutes / 60:.0f} h ago"
