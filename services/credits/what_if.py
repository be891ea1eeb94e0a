"""What so many jobs would cost, by the price lists and the models' usual durations of now."""

from dataclasses import dataclass

from sqlalchemy import select

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import AttemptState, PriceUnit, Role
from services.credits.costs import ANY_MODEL, UnitPrice, unit_price
from services.credits.ledger import price_of
from services.credits.part import Part
from services.database.models import Attempt, ProviderPrice

MOST_JOBS = 1_000_000
FALLBACK_SECONDS = 25.0
"""For a model that has not run here yet, until a person says better."""


@dataclass(frozen=True)
class WhatIf:
    """So many slots on one model. `usd` is None where no price is listed.

    `is_usual`: the seconds are this desk's own median, not a guess.
    """

    credits_each: int
    credits: int
    usd_each: float | None
    usd: float | None
    unit: PriceUnit | None
    seconds_each: float
    is_usual: bool


class WhatIfs(Part):
    """Reckons, changes nothing."""

    def models(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Provider and model of every price that names one, and of whatever ran here."""
        require(actor, Role.VIEWER)
        listed = select(ProviderPrice.provider, ProviderPrice.model).where(
            ProviderPrice.model != ANY_MODEL
        )
        used = (
            select(Attempt.provider, Attempt.model)
            .where(Attempt.state == AttemptState.SUCCEEDED)
            .distinct()
        )
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
        """Credits and dollars of so many slots; `seconds` takes the place of the usual ones.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.VIEWER)
        if not 1 <= jobs <= MOST_JOBS:
            raise InvalidRequestError(problem=f"Choose 1 to {MOST_JOBS:,} jobs.")
        with self._database.transaction() as session:
            credits = price_of(session, item)
            price = unit_price(session, provider, model)
            durations = self._durations(session, provider, model)
        each = seconds or durations or FALLBACK_SECONDS
        usd = price.of(each) if price else None
        return WhatIf(
            credits_each=credits,
            credits=credits * jobs,
            usd_each=usd,
            usd=None if usd is None else usd * jobs,
            unit=_unit(price),
            seconds_each=each,
            is_usual=seconds is None and durations is not None,
        )


def _unit(price: UnitPrice | None) -> PriceUnit | None:
    return price.unit if price else None
