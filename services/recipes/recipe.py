"""What every recipe has: its provider and model, and a quote made in one way."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credits import price_of
from services.database.engine import Database
from services.database.models import Account
from services.generations.start import Starter
from services.providers.base import ModelCapabilities, Provider
from services.recipes.base import FinalPrompt, Quote
from services.recipes.estimates import Estimates


class Recipe:
    """One kind of work on one model of one provider."""

    price_item: str
    """The row of the price list that each of its pictures costs."""
    rounds: int = 1
    """How many of its pictures wait for each other, one after the other."""

    def __init__(
        self,
        database: Database,
        starter: Starter,
        estimates: Estimates,
        providers: Mapping[str, Provider],
        provider_name: str,
        model: str,
    ) -> None:
        self._database = database
        self._starter = starter
        self._estimates = estimates
        self._providers = providers
        self._provider_name = provider_name
        self._model = model

    @property
    def _provider(self) -> Provider:
        """Taken when it is needed: a provider's library is slow to load."""
        return self._providers[self._provider_name]

    @property
    def _capabilities(self) -> ModelCapabilities:
        return self._provider.capabilities(self._model)

    def _quoted(
        self,
        session: Session,
        account_id: str,
        pictures: int,
        problems: Sequence[str],
        prompts: tuple[FinalPrompt, ...],
        note: str = "",
    ) -> Quote:
        """The quote for so many pictures; a balance that is too small joins the problems."""
        price = price_of(session, self.price_item) * pictures
        balance = session.scalar(select(Account.balance).where(Account.id == account_id)) or 0
        too_dear = (
            f"This costs {price:,} credits and the account holds {balance:,}."
            " Make fewer pictures, or ask an admin for a grant."
        )
        return Quote(
            picture_count=pictures,
            price_credits=price,
            cost_usd=pictures * self._capabilities.cost_usd,
            seconds=self._estimates.seconds(
                session, self._provider, self._model, pictures, self.rounds
            ),
            balance=balance,
            final_prompts=prompts,
            problems=(*problems, too_dear) if price > balance else tuple(problems),
            note=note,
        )
