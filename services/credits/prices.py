"""The price lists and the budget, as an admin reads and changes them."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.audit.changes import one_at_a_time, one_line, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import PriceUnit, Role
from services.credits.budget import BudgetStatus, budget_status
from services.credits.part import Part
from services.database.models import Budget, Price, ProviderPrice
from services.database.seed import BUDGET_ID

MOST_CREDITS_A_SLOT = 1_000_000
MOST_USD = 10_000_000.0
MOST_MODEL_CHARACTERS = 200


@dataclass(frozen=True)
class PriceView:
    """Credits for one slot of a kind of work."""

    item: str
    credits: int
    updated_at: datetime


@dataclass(frozen=True)
class ProviderPriceView:
    """US dollars for a second or a picture of a model; model `*` is for those without a row."""

    provider: str
    model: str
    unit: PriceUnit
    usd: float
    updated_at: datetime


@dataclass(frozen=True)
class BudgetView:
    """What the desk may spend; None sets no limit."""

    daily_usd: float | None
    monthly_usd: float | None
    warn_share: float = 0.8
    is_stop: bool = True


class Prices(Part):
    """Reads and changes what things cost."""

    def prices(self, actor: Actor) -> tuple[PriceView, ...]:
        """Credits by item."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(select(Price).order_by(Price.item))
            return tuple(PriceView(row.item, row.credits, row.updated_at) for row in rows)

    def set_price(self, actor: Actor, item: str, credits: int, reason: str) -> None:
        """Set what one slot costs from now on; what is started keeps its price.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.ADMIN)
        kept_reason = reason_of(reason)
        if not 0 <= credits <= MOST_CREDITS_A_SLOT:
            told = f"A price is a number of credits from 0 to {MOST_CREDITS_A_SLOT:,}."
            raise InvalidRequestError(problem=told)
        with self._database.transaction() as session:
            row = session.get(Price, item, with_for_update=True)
            if row is None:
                raise NotFoundError(what="price", id=item)
            before, after = {"credits": row.credits}, {"credits": credits}
            _refuse_same(before, after)
            row.credits, row.updated_at = credits, func.clock_timestamp()
            record_change(
                session, actor, "price.change", item, kept_reason, before=before, after=after
            )

    def provider_prices(self, actor: Actor) -> tuple[ProviderPriceView, ...]:
        """Dollars by provider and model."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            order = (ProviderPrice.provider, ProviderPrice.model)
            rows = session.scalars(select(ProviderPrice).order_by(*order))
            return tuple(
                ProviderPriceView(row.provider, row.model, row.unit, row.usd, row.updated_at)
                for row in rows
            )

    def set_provider_price(
        self, actor: Actor, provider: str, model: str, unit: PriceUnit, usd: float, reason: str
    ) -> None:
        """Set or add a model's price; costs that are settled stay. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        kept_reason, kept_model = reason_of(reason), _model_of(model)
        price = _usd(usd, "A price")
        with self._database.transaction() as session:
            one_at_a_time(session, "provider_prices")
            _refuse_unknown(session, provider)
            row = session.get(ProviderPrice, (provider, kept_model))
            before = {"unit": row.unit, "usd": row.usd} if row else None
            after = {"unit": unit, "usd": price}
            _refuse_same(before, after)
            row = row or ProviderPrice(provider=provider, model=kept_model)
            row.unit, row.usd, row.updated_at = unit, price, func.clock_timestamp()
            session.add(row)
            subject = f"{provider}/{kept_model}"
            action = "provider_price.change"
            record_change(session, actor, action, subject, kept_reason, before=before, after=after)

    def budget(self, actor: Actor) -> BudgetView:
        """What is set."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return _budget_view(session.get_one(Budget, BUDGET_ID))

    def budget_status(self, actor: Actor) -> tuple[BudgetStatus, BudgetStatus]:
        """The day's and the month's, with what is spent."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return budget_status(session)

    def set_budget(self, actor: Actor, budget: BudgetView, reason: str) -> None:
        """Set the limits; work that is started goes on. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        kept_reason = reason_of(reason)
        for limit in (budget.daily_usd, budget.monthly_usd):
            if limit is not None:
                _usd(limit, "A limit")
        if not 0 < budget.warn_share <= 1:
            told = "The warning comes at a share above 0 and up to 100 % of the limit."
            raise InvalidRequestError(problem=told)
        with self._database.transaction() as session:
            row = session.get_one(Budget, BUDGET_ID, with_for_update=True)
            before, after = asdict(_budget_view(row)), asdict(budget)
            _refuse_same(before, after)
            for name, value in after.items():
                setattr(row, name, value)
            row.updated_at = func.clock_timestamp()
            record_change(
                session, actor, "budget.change", row.id, kept_reason, before=before, after=after
            )


def _budget_view(row: Budget) -> BudgetView:
    return BudgetView(row.daily_usd, row.monthly_usd, row.warn_share, row.is_stop)


def _refuse_same(before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    if before == after:
        raise InvalidRequestError(problem="Nothing is changed: this is what is set now.")


def _refuse_unknown(session: Session, provider: str) -> None:
    known = select(ProviderPrice.provider).where(ProviderPrice.provider == provider).limit(1)
    if session.scalar(known) is None:
        raise NotFoundError(what="provider", id=provider)


def _model_of(text: str) -> str:
    model = one_line(text)
    if not model or len(model) > MOST_MODEL_CHARACTERS or " " in model or ":" in model:
        raise InvalidRequestError(
            problem="Name the model without its version, like black-forest-labs/flux-dev."
        )
    return model


def _usd(amount: float, what: str) -> float:
    if not math.isfinite(amount) or not 0 <= amount <= MOST_USD:
        raise InvalidRequestError(problem=f"{what} is an amount of dollars from 0 upwards.")
    return amount
