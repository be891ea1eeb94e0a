"""Estimate and settle what a provider charges for an attempt, in US dollars.

The price list is `provider_prices`; a model without a row has its provider's `*`.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from services.core.states import AttemptState, PriceUnit
from services.database.models import Attempt, ProviderPrice

ANY_MODEL = "*"


@dataclass(frozen=True)
class UnitPrice:
    """US dollars for a second of the provider's work, or for a picture."""

    unit: PriceUnit
    usd: float

    def of(self, seconds: float, pictures: int = 1) -> float:
        """Return the price of work of this duration and number of pictures."""
        return self.usd * (seconds if self.unit is PriceUnit.SECOND else pictures)


def unit_price(session: Session, provider: str, model: str) -> UnitPrice | None:
    """Return the listed price or None; a version after the colon has its model's price."""
    name = model.partition(":")[0]
    row = session.execute(
        _price_row(select(ProviderPrice.unit, ProviderPrice.usd), provider, name)
    ).first()
    return UnitPrice(*row) if row else None


def estimated_usd(session: Session, provider: str, model: str, seconds: float) -> float:
    """Estimate the cost of one picture of this duration; 0 where no price is listed."""
    price = unit_price(session, provider, model)
    return price.of(seconds) if price else 0.0


def settle_cost(session: Session, attempt_id: str) -> None:
    """Store what an ended attempt cost.

    By the second: its active time, which is charged for canceled and failed ones too. By the
    picture: its outputs. An attempt without a response retains its estimate: it may be charged.
    """
    unanswered = Attempt.state.in_((AttemptState.LOST, AttemptState.UNKNOWN))
    by_state = case(
        (Attempt.state == AttemptState.NOT_SENT, 0.0), (unanswered, None), else_=_listed()
    )
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(actual_cost_usd=by_state)
        .execution_options(synchronize_session=False)
    )


def cost_of(state: AttemptState, seconds: Any = None, pictures: Any = None) -> Any:
    """Return the cost to store in the update that ends an attempt in this state.

    `seconds` and `pictures` where the same update writes them; None: the columns' values.
    """
    if state is AttemptState.NOT_SENT:
        return 0.0
    if state in (AttemptState.LOST, AttemptState.UNKNOWN):
        return None
    return _listed(seconds, pictures)


def expected_cost(provider: str, model: str, seconds: float, pictures: int) -> Any:
    """Return the cost to store in the insert of an attempt; 0 where no price is listed."""
    amount = case((ProviderPrice.unit == PriceUnit.SECOND, seconds * pictures), else_=pictures)
    price = _price_row(select(ProviderPrice.usd * amount), provider, model.partition(":")[0])
    return func.coalesce(price.scalar_subquery(), 0.0)


def _price_row(query: Any, provider: Any, model: Any) -> Any:
    """Restrict a query on the price list to the model's row, or to its provider's `*`."""
    names = (model, ANY_MODEL)
    return (
        query.where(ProviderPrice.provider == provider, ProviderPrice.model.in_(names))
        .order_by(ProviderPrice.model == ANY_MODEL)
        .limit(1)
    )


def _listed(seconds: Any = None, pictures: Any = None) -> Any:
    """Price an attempt's seconds or pictures, inside a statement on attempts."""
    name = func.split_part(Attempt.model, ":", 1)
    seconds = func.coalesce(Attempt.predict_seconds if seconds is None else seconds, 0.0)
    pictures = func.jsonb_array_length(Attempt.outputs) if pictures is None else pictures
    amount = case((ProviderPrice.unit == PriceUnit.SECOND, seconds), else_=pictures)
    price = _price_row(select(ProviderPrice.usd * amount), Attempt.provider, name)
    return price.correlate(Attempt).scalar_subquery()
