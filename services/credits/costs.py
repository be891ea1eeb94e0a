"""Dollars: what a provider will charge for a piece of work, and what it did charge.

The price list is `provider_prices`; a model without a row has its provider's `*`.
"""

from dataclasses import dataclass

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from services.database.models import Attempt, ProviderPrice
from services.statuses import AttemptState, PriceUnit

ANY_MODEL = "*"


@dataclass(frozen=True)
class UnitPrice:
    """US dollars for a second of the provider's work, or for a picture."""

    unit: PriceUnit
    usd: float

    def of(self, seconds: float, pictures: int = 1) -> float:
        """The price of work that takes so long and makes so many pictures."""
        return self.usd * (seconds if self.unit is PriceUnit.SECOND else pictures)


def unit_price(session: Session, provider: str, model: str) -> UnitPrice | None:
    """The listed price; a version behind a colon is its model's. None where nobody knows one."""
    name = model.partition(":")[0]
    row = session.execute(
        select(ProviderPrice.unit, ProviderPrice.usd)
        .where(ProviderPrice.provider == provider, ProviderPrice.model.in_((name, ANY_MODEL)))
        .order_by(case((ProviderPrice.model == ANY_MODEL, 1), else_=0))
        .limit(1)
    ).first()
    return UnitPrice(*row) if row else None


def estimated_usd(session: Session, provider: str, model: str, seconds: float) -> float:
    """What one picture will cost that takes so long; 0 where no price is listed."""
    price = unit_price(session, provider, model)
    return price.of(seconds) if price else 0.0


def settle_cost(session: Session, attempt_id: str) -> None:
    """Write what an attempt cost, now that it has ended.

    By the second: its active time, which a canceled or failed one is charged for too. By the
    picture: what it made. An answer that nobody saw keeps its estimate, since it may have been paid.
    """
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    if attempt.state is AttemptState.NOT_SENT:
        usd: float | None = 0.0
    elif attempt.state in (AttemptState.LOST, AttemptState.UNKNOWN):
        usd = None
    else:
        price = unit_price(session, attempt.provider, attempt.model)
        usd = price.of(attempt.predict_seconds or 0.0, len(attempt.outputs)) if price else None
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(actual_cost_usd=usd)
        .execution_options(synchronize_session=False)
    )
