"""The budget: US dollars that may be spent at providers in a day and in a month.

Days and months are in UTC, as the providers' bills are.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import BudgetReachedError, InvalidRequestError
from services.core.states import AttemptState, Role
from services.database.clock import beginning_of
from services.database.engine import Database
from services.database.models import Attempt, Budget
from services.database.seed import BUDGET_ID

MAX_USD = 10_000_000.0


@dataclass(frozen=True)
class BudgetStatus:
    """One limit with what is spent; `limit_usd` None: no limit is set."""

    period: str
    spent_usd: float
    limit_usd: float | None
    warn_share: float
    is_stop: bool

    @property
    def share(self) -> float:
        """The spent share of the limit; 0 without a limit."""
        return self.spent_usd / self.limit_usd if self.limit_usd else 0.0

    @property
    def is_warning(self) -> bool:
        """Whether the warning share is reached."""
        return self.limit_usd is not None and self.spent_usd >= self.warn_share * self.limit_usd


@dataclass(frozen=True)
class BudgetLimits:
    """What an admin sets; None sets no limit."""

    daily_usd: float | None
    monthly_usd: float | None
    warn_share: float = 0.8
    is_stop: bool = True


class BudgetService:
    """Reads and changes the budget."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def limits(self, actor: Actor) -> BudgetLimits:
        """Return the limits that are set."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return _limits_of(session.get_one(Budget, BUDGET_ID))

    def status(self, actor: Actor) -> tuple[BudgetStatus, BudgetStatus]:
        """Return the day's and the month's limit, with what is spent."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            day, month = _statuses(session)
            return day, month

    def change(self, actor: Actor, limits: BudgetLimits, reason: str) -> None:
        """Set the limits; work that is started goes on. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        reason = reason_of(reason)
        for limit in (limits.daily_usd, limits.monthly_usd):
            if limit is not None:
                checked_usd(limit, "A limit")
        if not 0 < limits.warn_share <= 1:
            problem = "The warning comes at a share above 0 and up to 100 % of the limit."
            raise InvalidRequestError(problem=problem)
        with self._database.transaction() as session:
            row = session.get_one(Budget, BUDGET_ID, with_for_update=True)
            before, after = asdict(_limits_of(row)), asdict(limits)
            refuse_same(before, after)
            for name, value in after.items():
                setattr(row, name, value)
            row.updated_at = func.clock_timestamp()
            record_change(
                session, actor, "budget.change", row.id, reason, before=before, after=after
            )


def cost_of_attempt() -> ColumnElement[float]:
    """What an attempt cost or, until that is known, will cost."""
    return func.coalesce(Attempt.actual_cost_usd, Attempt.estimated_cost_usd)


def day_status(session: Session) -> BudgetStatus:
    """Return today's limit, with what is spent."""
    return next(_statuses(session))


def limits_in_force(session: Session) -> list[BudgetStatus]:
    """Return the periods that have a limit; reads the attempts of those periods alone."""
    return list(_statuses(session, is_limited=True))


def limits_exceeded(limits: Iterable[BudgetStatus], cost_usd: float) -> list[BudgetStatus]:
    """Return the limits that a start of this cost would exceed, where they refuse starts."""
    return [
        status
        for status in limits
        if status.is_stop and status.spent_usd + cost_usd > (status.limit_usd or 0.0)
    ]


def budget_problems(session: Session, cost_usd: float) -> list[BudgetStatus]:
    """Return the limits of today and of this month that a start of this cost would exceed."""
    return limits_exceeded(limits_in_force(session), cost_usd)


def refuse_over_budget(session: Session, cost_usd: float) -> None:
    """Raise BudgetReachedError when this cost exceeds a limit."""
    for status in budget_problems(session, cost_usd):
        raise budget_error(status, cost_usd)


def budget_error(status: BudgetStatus, cost_usd: float) -> BudgetReachedError:
    """Return the error for one limit that would be exceeded."""
    return BudgetReachedError(
        period=status.period,
        limit=f"{status.limit_usd or 0.0:,.2f}",
        spent=f"{status.spent_usd:,.2f}",
        cost=f"{cost_usd:,.2f}",
    )


def checked_usd(amount: float, what: str) -> float:
    """Return a person's amount of dollars; raises InvalidRequestError."""
    if not math.isfinite(amount) or not 0 <= amount <= MAX_USD:
        raise InvalidRequestError(problem=f"{what} is an amount of dollars from 0 upwards.")
    return amount


def refuse_same(before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    """Raise InvalidRequestError for a change that changes nothing."""
    if before == after:
        raise InvalidRequestError(problem="Nothing changed: these values are set already.")


def _statuses(session: Session, *, is_limited: bool = False) -> Iterator[BudgetStatus]:
    """Yield the day's and the month's, each summed when it is asked for."""
    row = session.get_one(Budget, BUDGET_ID)
    for unit, limit in (("day", row.daily_usd), ("month", row.monthly_usd)):
        if limit is not None or not is_limited:
            spent = _spent_since(session, unit)
            yield BudgetStatus(unit, spent, limit, row.warn_share, row.is_stop)


def _spent_since(session: Session, unit: str) -> float:
    """Sum US dollars since the beginning of this `day` or `month`: one index range."""
    total = session.scalar(
        select(func.sum(cost_of_attempt())).where(
            Attempt.created_at >= beginning_of(unit), Attempt.state != AttemptState.NOT_SENT
        )
    )
    return float(total or 0.0)


def _limits_of(row: Budget) -> BudgetLimits:
    return BudgetLimits(row.daily_usd, row.monthly_usd, row.warn_share, row.is_stop)
