"""The desk's budget: what may be spent at providers in a day and in a month, in US dollars.

Days and months are UTC's, as the providers' bills are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.core.errors import BudgetReachedError
from services.core.states import AttemptState
from services.database.clock import beginning_of
from services.database.models import Attempt, Budget
from services.database.seed import BUDGET_ID


@dataclass(frozen=True)
class BudgetStatus:
    """One limit with what is spent against it; `limit_usd` None: no limit is set."""

    period: str
    spent_usd: float
    limit_usd: float | None
    warn_share: float
    is_stop: bool

    @property
    def share(self) -> float:
        """How much of it is spent; 0 without a limit."""
        return self.spent_usd / self.limit_usd if self.limit_usd else 0.0

    @property
    def is_warning(self) -> bool:
        """Whether a person should know."""
        return self.limit_usd is not None and self.spent_usd >= self.warn_share * self.limit_usd


def cost_of_attempt() -> ColumnElement[float]:
    """What an attempt cost or, until that is known, will cost; nothing for one never sent."""
    return func.coalesce(Attempt.actual_cost_usd, Attempt.estimated_cost_usd)


def spent_since(session: Session, unit: str) -> float:
    """US dollars since the beginning of this `day` or `month`: one index range."""
    total = session.scalar(
        select(func.sum(cost_of_attempt())).where(
            Attempt.created_at >= beginning_of(unit), Attempt.state != AttemptState.NOT_SENT
        )
    )
    return float(total or 0.0)


def budget_status(session: Session) -> tuple[BudgetStatus, BudgetStatus]:
    """The day's and the month's."""
    row = session.get_one(Budget, BUDGET_ID)
    month = spent_since(session, "month")
    return day_status(session), BudgetStatus(
        "month", month, row.monthly_usd, row.warn_share, row.is_stop
    )


def day_status(session: Session) -> BudgetStatus:
    """The day's alone."""
    row = session.get_one(Budget, BUDGET_ID)
    spent = spent_since(session, "day")
    return BudgetStatus("day", spent, row.daily_usd, row.warn_share, row.is_stop)


def limits_in_force(session: Session) -> list[BudgetStatus]:
    """The periods that have a limit; without any, nothing is summed up.

    With one, each start reads the period's attempts once.
    """
    row = session.get_one(Budget, BUDGET_ID)
    return [
        BudgetStatus(unit, spent_since(session, unit), limit, row.warn_share, row.is_stop)
        for unit, limit in (("day", row.daily_usd), ("month", row.monthly_usd))
        if limit is not None
    ]


def passed_by(limits: Iterable[BudgetStatus], cost_usd: float) -> list[BudgetStatus]:
    """The limits that a start of this cost would pass, where they stop starts."""
    return [
        status
        for status in limits
        if status.is_stop and status.spent_usd + cost_usd > (status.limit_usd or 0.0)
    ]


def budget_problems(session: Session, cost_usd: float) -> list[BudgetStatus]:
    """The limits of today and of this month that a start of this cost would pass."""
    return passed_by(limits_in_force(session), cost_usd)


def refuse_over_budget(session: Session, cost_usd: float) -> None:
    """Raise BudgetReachedError when the desk may not spend so much more."""
    for status in budget_problems(session, cost_usd):
        raise budget_error(status, cost_usd)


def budget_error(status: BudgetStatus, cost_usd: float) -> BudgetReachedError:
    """The sentence for one limit that would be passed."""
    return BudgetReachedError(
        period=status.period,
        limit=f"{status.limit_usd or 0.0:,.2f}",
        spent=f"{status.spent_usd:,.2f}",
        cost=f"{cost_usd:,.2f}",
    )
