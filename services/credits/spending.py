"""Report dollars spent at providers by day, kind, operator and model; forecast the month.

An attempt counts on the UTC day of its creation, with its cost or, until that is known, its
estimate; one that was never sent counts nothing. Each table is one statement on the index of the
attempts' times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Interval, cast, func, literal, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import AttemptState, Role
from services.credits.budget import cost_of_attempt
from services.database.engine import Database
from services.database.models import Attempt, Generation, Person, Run
from services.providers.registry import SIMULATED_FINGERPRINTS

MAX_DAYS = 366
PACE_DAYS = 7
MIN_PACE_SECONDS = 3600.0
"""A day's pace is computed over an hour at least, or it would jump after midnight."""


@dataclass(frozen=True)
class DaySpend:
    """One UTC day."""

    day: date
    usd: float
    attempts: int


@dataclass(frozen=True)
class SpendRow:
    """The cost of one kind, operator or model. `settled_usd` is final, the rest is estimated."""

    key: str
    label: str
    usd: float
    settled_usd: float
    attempts: int


@dataclass(frozen=True)
class SpendReport:
    """The spend of a number of days, today included; `days` has each of them, oldest first."""

    days: tuple[DaySpend, ...]
    kinds: tuple[SpendRow, ...]
    operators: tuple[SpendRow, ...]
    models: tuple[SpendRow, ...]
    simulated_usd: float = 0.0
    """Of attempts that the simulator answered: no provider bills it."""

    @property
    def usd(self) -> float:
        """The total."""
        return sum(day.usd for day in self.days)


@dataclass(frozen=True)
class Forecast:
    """The month's dollars so far, and projected to its end at two paces."""

    today_usd: float
    month_usd: float
    at_today_usd: float
    at_week_usd: float


class Spending:
    """Reads what was spent at providers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, actor: Actor, days: int = 30) -> SpendReport:
        """Return the spend of the last `days`; raises InvalidRequestError."""
        require(actor, Role.VIEWER)
        if not 1 <= days <= MAX_DAYS:
            raise InvalidRequestError(problem=f"Choose 1 to {MAX_DAYS} days.")
        with self._database.transaction() as session:
            return SpendReport(
                days=_by_day(session, days),
                kinds=_by(session, days, Generation.kind, Generation.kind),
                operators=_by(session, days, Generation.person_id, Person.name),
                models=_by_model(session, days),
                simulated_usd=_simulated(session, days),
            )

    def forecast(self, actor: Actor) -> Forecast:
        """Return the month's forecast; one statement over this month and the last seven days."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return forecast_of(session)


def forecast_of(session: Session) -> Forecast:
    """Forecast the month's spend as of the transaction's start.

    Each pace is dollars a second times the seconds left of the month: today's is measured since
    midnight UTC, over an hour at least, the other over the last seven times 24 hours.
    """
    now = func.now()
    day, month = _start_of("day", now), _start_of("month", now)
    month_end = func.timezone("UTC", func.timezone("UTC", month) + cast("1 month", Interval))
    left, elapsed = _seconds(month_end - now), _seconds(now - day)
    week = cast(f"{PACE_DAYS} days", Interval)
    cost, at = cost_of_attempt(), Attempt.created_at
    sums = [
        func.coalesce(func.sum(cost).filter(at >= since), 0.0) for since in (day, month, now - week)
    ]
    query = select(*sums, left, elapsed).where(
        at >= func.least(month, now - week), Attempt.state != AttemptState.NOT_SENT
    )
    today, so_far, last_days, seconds_left, seconds_elapsed = map(
        float, session.execute(query).one()
    )
    return Forecast(
        today_usd=today,
        month_usd=so_far,
        at_today_usd=so_far + today / max(MIN_PACE_SECONDS, seconds_elapsed) * seconds_left,
        at_week_usd=so_far + last_days / (PACE_DAYS * 86_400) * seconds_left,
    )


def _start_of(unit: str, now: Any) -> Any:
    return func.date_trunc(unit, now, "UTC")


def _seconds(span: Any) -> Any:
    return func.extract("epoch", span)


def _counted(query: Any, days: int) -> Any:
    """Restrict a query to the attempts of the last `days` UTC days."""
    first = _start_of("day", func.now()) - cast(literal(f"{days - 1} days"), Interval)
    return query.where(Attempt.created_at >= first, Attempt.state != AttemptState.NOT_SENT)


def _by_day(session: Session, days: int) -> tuple[DaySpend, ...]:
    day = cast(func.timezone("UTC", Attempt.created_at), Date)
    query = _counted(select(day, func.sum(cost_of_attempt()), func.count()), days).group_by(day)
    found = {row[0]: DaySpend(row[0], float(row[1]), row[2]) for row in session.execute(query)}
    today = session.scalars(select(cast(func.timezone("UTC", func.now()), Date))).one()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    return tuple(found.get(one, DaySpend(one, 0.0, 0)) for one in dates)


def _measures() -> tuple[Any, ...]:
    settled = func.coalesce(func.sum(Attempt.actual_cost_usd), 0.0)
    return func.sum(cost_of_attempt()), settled, func.count()


def _by(session: Session, days: int, key: Any, label: Any) -> tuple[SpendRow, ...]:
    query = (
        select(key, label, *_measures())
        .join(Run, Run.id == Attempt.run_id)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Person, Person.id == Generation.person_id)
        .group_by(*dict.fromkeys((key, label)))
    )
    return _rows(session.execute(_counted(query, days)).all())


def _by_model(session: Session, days: int) -> tuple[SpendRow, ...]:
    """Count a version under its model, as the price list does."""
    model = func.split_part(Attempt.model, ":", 1)
    query = select(Attempt.provider, model, *_measures()).group_by(Attempt.provider, model)
    rows = session.execute(_counted(query, days)).all()
    return _rows([(f"{row[0]}/{row[1]}", row[1], *row[2:]) for row in rows])


def _simulated(session: Session, days: int) -> float:
    query = select(func.coalesce(func.sum(cost_of_attempt()), 0.0))
    is_simulated = Attempt.token_fingerprint.in_(SIMULATED_FINGERPRINTS)
    return float(session.scalars(_counted(query.where(is_simulated), days)).one())


def _rows(found: Sequence[Any]) -> tuple[SpendRow, ...]:
    rows = [
        SpendRow(str(row[0]), str(row[1]), float(row[2]), float(row[3]), row[4]) for row in found
    ]
    return tuple(sorted(rows, key=lambda row: (-row.usd, row.key)))
