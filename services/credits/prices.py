"""Price lists: credits for a slot, dollars at providers; and what a number of jobs would cost."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.audit.changes import lock_name, one_line, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import AttemptState, PriceUnit, Role
from services.credits.budget import checked_usd, refuse_same
from services.credits.costs import ANY_MODEL, unit_price
from services.credits.ledger import price_of
from services.database.engine import Database
from services.database.models import Attempt, Price, ProviderPrice
from services.providers.durations import DurationEstimator

MAX_SLOT_CREDITS = 1_000_000
MAX_MODEL_CHARACTERS = 200
MAX_JOBS = 1_000_000
FALLBACK_SECONDS = 25.0
"""Assumed duration of a model that has not run here yet."""


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
class WhatIf:
    """The cost of a number of slots on one model. `usd` is None where no price is listed.

    `is_measured`: the seconds are the median of this model's runs here.
    """

    credits_each: int
    credits: int
    usd_each: float | None
    usd: float | None
    unit: PriceUnit | None
    seconds_each: float
    is_measured: bool


class Prices:
    """Reads and changes the price lists, and computes with them."""

    def __init__(self, database: Database, durations: DurationEstimator) -> None:
        self._database = database
        self._durations = durations

    def item_prices(self, actor: Actor) -> tuple[PriceView, ...]:
        """Return credits by item."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(select(Price).order_by(Price.item))
            return tuple(PriceView(row.item, row.credits, row.updated_at) for row in rows)

    def set_item_price(self, actor: Actor, item: str, credits: int, reason: str) -> None:
        """Set what one slot costs from now on; what is started retains its price.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.ADMIN)
        reason = reason_of(reason)
        if not 0 <= credits <= MAX_SLOT_CREDITS:
            problem = f"A price is a number of credits from 0 to {MAX_SLOT_CREDITS:,}."
            raise InvalidRequestError(problem=problem)
        with self._database.transaction() as session:
            row = session.get(Price, item, with_for_update=True)
            if row is None:
                raise NotFoundError(what="price", id=item)
            before, after = {"credits": row.credits}, {"credits": credits}
            refuse_same(before, after)
            row.credits, row.updated_at = credits, func.clock_timestamp()
            record_change(session, actor, "price.change", item, reason, before=before, after=after)

    def provider_prices(self, actor: Actor) -> tuple[ProviderPriceView, ...]:
        """Return dollars by provider and model."""
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
        """Set or add a model's price; settled costs stay.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.ADMIN)
        reason, model, usd = reason_of(reason), _checked_model(model), checked_usd(usd, "A price")
        with self._database.transaction() as session:
            lock_name(session, "provider_prices")
            _refuse_unknown_provider(session, provider)
            row = session.get(ProviderPrice, (provider, model))
            before = {"unit": row.unit, "usd": row.usd} if row else None
            after = {"unit": unit, "usd": usd}
            refuse_same(before, after)
            row = row or ProviderPrice(provider=provider, model=model)
            row.unit, row.usd, row.updated_at = unit, usd, func.clock_timestamp()
            session.add(row)
            subject, name = f"{provider}/{model}", "provider_price.change"
            record_change(session, actor, name, subject, reason, before=before, after=after)

    def models(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Return provider and model of every price that names one, and of all that ran here."""
        require(actor, Role.VIEWER)
        is_model = ProviderPrice.model != ANY_MODEL
        listed = select(ProviderPrice.provider, ProviderPrice.model).where(is_model)
        has_run = Attempt.state == AttemptState.SUCCEEDED
        used = select(Attempt.provider, Attempt.model).where(has_run).distinct()
        with self._database.transaction() as session:
            rows = session.execute(listed.union(used)).all()
        return tuple(sorted({(row[0], row[1].partition(":")[0]) for row in rows}))

    def what_if(
        self,
        actor: Actor,
        item: str,
        jobs: int,
        provider: str,
        model: str,
        seconds: float | None = None,
    ) -> WhatIf:
        """Return credits and dollars of so many slots; `seconds` replaces the model's median.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.VIEWER)
        if not 1 <= jobs <= MAX_JOBS:
            raise InvalidRequestError(problem=f"Choose 1 to {MAX_JOBS:,} jobs.")
        with self._database.transaction() as session:
            credits = price_of(session, item)
            price = unit_price(session, provider, model)
            median = self._durations(session, provider, model)
        each = seconds or median or FALLBACK_SECONDS
        usd = price.of(each) if price else None
        return WhatIf(
            credits_each=credits,
            credits=credits * jobs,
            usd_each=usd,
            usd=None if usd is None else usd * jobs,
            unit=price.unit if price else None,
            seconds_each=each,
            is_measured=seconds is None and median is not None,
        )


def _refuse_unknown_provider(session: Session, provider: str) -> None:
    known = select(ProviderPrice.provider).where(ProviderPrice.provider == provider).limit(1)
    if session.scalar(known) is None:
        raise NotFoundError(what="provider", id=provider)


def _checked_model(text: str) -> str:
    model = one_line(text)
    if not model or len(model) > MAX_MODEL_CHARACTERS or " " in model or ":" in model:
        raise InvalidRequestError(
            problem="Name the model without its version, like black-forest-labs/flux-dev."
        )
    return model
