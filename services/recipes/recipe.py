"""What every recipe has: the services it plans with, and a quote made in one way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, QuotaReachedError
from services.core.states import ACTIVE_GENERATIONS, GenerationState, Kind, RunState, Tier
from services.credits.budget import BudgetStatus, budget_error, limits_exceeded, limits_in_force
from services.credits.costs import estimated_usd
from services.credits.ledger import frozen_price, price_of, quota_left
from services.database.engine import Database
from services.database.models import Account, Generation, Run
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    ModelCatalogue,
    Provider,
    ProviderError,
    SynchronousProvider,
    TrainingProvider,
)
from services.providers.durations import DurationEstimator
from services.recipes.base import (
    ExistingResult,
    FinalPrompt,
    GenerationPlan,
    Order,
    Quote,
    Started,
    fingerprint_of,
)
from services.recipes.work import Work

NOT_BEGUN = (RunState.QUEUED, RunState.SUBMITTING)


class TypicalSeconds:
    """What providers say of their models, for those that have no history here yet."""

    def __init__(self, providers: Mapping[str, Provider], trainer: str) -> None:
        self._providers = providers
        self._trainer = trainer

    def __call__(self, provider_name: str, model: str) -> float | None:
        """Seconds, or None for a provider that is not set up or a trainer that nobody knows."""
        provider = self._providers.get(provider_name)
        if provider is None:
            return None
        if model != self._trainer:
            return provider.capabilities(model).typical_seconds
        if not isinstance(provider, TrainingProvider):
            return None
        return provider.trainings.capabilities(model).typical_seconds


class Estimates:
    """Needs to know how much may run side by side."""

    def __init__(
        self, durations: DurationEstimator, worker_threads: int, rates: dict[str, float | None]
    ) -> None:
        self._durations = durations
        self._worker_threads = max(1, worker_threads)
        self._rates = rates

    def each(
        self, session: Session, provider: Provider, model: str, typical_seconds: float
    ) -> float:
        """Seconds that one picture of this model usually takes; typical ones without a history."""
        return self._durations(session, provider.name, model) or typical_seconds

    def seconds(
        self, session: Session, provider: Provider, each: float, pictures: int, rounds: int = 1
    ) -> float:
        """Seconds until the last of `pictures` is there; `rounds` that wait for each other."""
        waiting = session.scalar(
            select(func.count())
            .select_from(Run)
            .where(Run.provider == provider.name, Run.state.in_(NOT_BEGUN))
        )
        ahead = int(waiting or 0)
        if isinstance(provider, SynchronousProvider):
            turns = math.ceil((ahead + pictures) / self._worker_threads)
            return each * max(rounds, turns)
        rate = self._rates.get(provider.name) or 10.0
        return each * rounds + (ahead + pictures) / rate


MISSING_VERSION = "The provider has no {model} any more. Nothing was charged: choose another model, or train it anew."
OFFERED = (*ACTIVE_GENERATIONS, GenerationState.SUCCEEDED)


class Starter(Protocol):
    """Writes a generation with its slots, runs and charge in one transaction (the pipeline)."""

    def start(self, actor: Actor, plan: GenerationPlan, idempotency_key: str) -> Started:
        """Start the plan once per key; raises the errors of `services.pipeline.start`."""


@dataclass(frozen=True)
class RecipeTools:
    """What recipes plan with; the same for all of them."""

    database: Database
    starter: Starter
    estimates: Estimates
    providers: Mapping[str, Provider]


@dataclass(frozen=True)
class QuoteBasis:
    """What a quote is made of: the request as it is kept, what it orders, and what stands against it."""

    account_id: str
    request: dict[str, Any]
    orders: tuple[Order, ...]
    problems: Sequence[str] = ()
    prompts: tuple[FinalPrompt, ...] = ()
    note: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PriceItem:
    """An item of the price list: its words on pages, and credits for one slot at first."""

    label: str
    credits: int


class Recipe:
    """One kind of work. Pages, prices and the pipeline read what a recipe says of itself."""

    kind: ClassVar[Kind]
    work: ClassVar[Work] = Work()
    """What the pipeline asks while a run of it is under way."""
    label: ClassVar[str]
    icon: ClassVar[str]
    """The Material symbol of its page; the page's folder and address are the kind's value."""
    noun: ClassVar[str] = "batch"
    """What one start of it is called in a sentence."""
    prices: ClassVar[Mapping[str, PriceItem]]
    tiles_in_group: ClassVar[int] = 1
    """So many pictures of a batch belong together."""
    is_compared: ClassVar[bool] = False
    """Whether its pictures are shown beside the one they were made from."""
    orders_follow: ClassVar[bool] = False
    """Whether each of its orders begins when the one before it is there; else side by side."""

    def __init__(self, tools: RecipeTools) -> None:
        self._database = tools.database
        self._starter = tools.starter
        self._estimates = tools.estimates
        self._providers = tools.providers

    def _price(self, session: Session, account_id: str, item: str) -> int:
        """Credits for one slot of this item, for this account, today."""
        account = session.get(Account, account_id)
        return frozen_price(account.tier if account else Tier.FREE, price_of(session, item))

    def _capabilities_of(self, session: Session, provider: str, model: str) -> ModelCapabilities:
        """What a model can do; asked when it is needed: a provider's library is slow to load."""
        return self._providers[provider].capabilities(model)

    def _each_seconds(self, session: Session, provider: str, model: str) -> float:
        """How long one picture of this model usually takes."""
        typical = self._capabilities_of(session, provider, model).typical_seconds
        return self._estimates.each(session, self._providers[provider], model, typical)

    def _cost_usd(self, session: Session, provider: str, model: str, effort: float = 1.0) -> float:
        """What one picture will cost at the provider."""
        seconds = self._each_seconds(session, provider, model) * effort
        return estimated_usd(session, provider, model, seconds)

    def _refuse_missing(self, provider_name: str, model: str) -> None:
        """Raise InvalidRequestError when the provider says that this version is not there any more.

        Asked before the charge, outside of any transaction. What it does not answer is left to the
        run, which gives the credits back.
        """
        provider = self._providers[provider_name]
        if not isinstance(provider, ModelCatalogue):
            return
        try:
            provider.current_version(model)
        except ProviderError as error:
            if error.failure is FailureClass.CONFIGURATION and not error.pauses_provider:
                raise InvalidRequestError(problem=MISSING_VERSION.format(model=model)) from error

    def _priced(self, session: Session, account_id: str, order: Order) -> tuple[int, float]:
        """Credits and dollars of one slot of an order."""
        credits = self._price(session, account_id, order.item)
        return credits, self._cost_usd(session, order.provider, order.model, order.effort)

    def _quoted(self, session: Session, wish: QuoteBasis) -> Quote:
        """Price, cost and time; a balance, quota or budget that is too small joins the problems."""
        account = session.get(Account, wish.account_id)
        count = sum(order.count for order in wish.orders)
        price = sum(
            self._price(session, wish.account_id, order.item) * order.count for order in wish.orders
        )
        cost = sum(
            self._cost_usd(session, order.provider, order.model, order.effort) * order.count
            for order in wish.orders
            if not order.is_same_run
        )
        left = quota_left(session, account) if account and account.tier is Tier.UNLIMITED else None
        limits = limits_in_force(session)
        problems = (
            *wish.problems,
            *_money_problems(session, account, count, price, left),
            *(budget_error(status, cost).sentence for status in limits_exceeded(limits, cost)),
        )
        return Quote(
            picture_count=count,
            price_credits=price,
            cost_usd=cost,
            seconds=self._seconds(session, wish.orders),
            balance=account.balance if account else 0,
            final_prompts=wish.prompts,
            problems=problems,
            note=wish.note,
            warnings=(*wish.warnings, *_budget_warnings(limits)),
            existing=self._existing(session, wish) if not problems else None,
            quota_left=left,
        )

    def _seconds(self, session: Session, orders: Sequence[Order]) -> float:
        """Until the last one is there."""
        each = [
            self._estimates.seconds(
                session,
                self._providers[order.provider],
                self._each_seconds(session, order.provider, order.model) * order.effort,
                order.count,
                order.rounds,
            )
            for order in orders
            if order.count and not order.is_same_run
        ]
        return sum(each) if self.orders_follow else max(each, default=0.0)

    def _existing(self, session: Session, wish: QuoteBasis) -> ExistingResult | None:
        """The newest generation of the very same request that made, or is making, everything."""
        fingerprint = fingerprint_of(self.kind, wish.account_id, wish.request)
        row = session.execute(
            select(Generation.id, Generation.created_at, Generation.state)
            .where(Generation.fingerprint == fingerprint, Generation.state.in_(OFFERED))
            .order_by(Generation.created_at.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        return ExistingResult(row.id, row.created_at, row.state is GenerationState.SUCCEEDED)


def _money_problems(
    session: Session, account: Account | None, count: int, price: int, left: int | None
) -> list[str]:
    balance = account.balance if account else 0
    if price > balance:
        text = f"This costs {price:,} credits and the account holds {balance:,}."
        return [f"{text} Make fewer pictures, or ask an admin for a grant."]
    if left is not None and account is not None and count > left:
        quota = QuotaReachedError(
            requested=count, left=left, quota=account.daily_quota, zone=account.time_zone
        )
        return [quota.sentence]
    return []


def _budget_warnings(limits: Sequence[BudgetStatus]) -> list[str]:
    return [
        f"${status.spent_usd:,.2f} of this {status.period}'s budget of ${status.limit_usd:,.2f}"
        " is spent."
        for status in limits
        if status.is_warning
    ]
