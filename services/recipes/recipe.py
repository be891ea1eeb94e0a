"""The base of every recipe: its description, its quote and its estimates."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, QuotaReachedError
from services.core.states import ACTIVE_GENERATIONS, GenerationState, Kind, Role, RunState, Tier
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
    Quote,
    QuoteLine,
    Started,
    fingerprint_of,
)
from services.recipes.work import Work

NOT_BEGUN = (RunState.QUEUED, RunState.SUBMITTING)


class TypicalSeconds:
    """Reads providers' typical durations, for models without history."""

    def __init__(self, providers: Mapping[str, Provider], trainer: str) -> None:
        self._providers = providers
        self._trainer = trainer

    def __call__(self, provider_name: str, model: str) -> float | None:
        """Return seconds; None for a provider that is not configured or an unknown trainer."""
        provider = self._providers.get(provider_name)
        if provider is None:
            return None
        if model != self._trainer:
            return provider.capabilities(model).typical_seconds
        if not isinstance(provider, TrainingProvider):
            return None
        return provider.trainings.capabilities(model).typical_seconds


class Estimates:
    """Estimates durations from history and from how much may run in parallel."""

    def __init__(
        self, durations: DurationEstimator, worker_threads: int, rates: dict[str, float | None]
    ) -> None:
        self._durations = durations
        self._worker_threads = max(1, worker_threads)
        self._rates = rates

    def each(
        self, session: Session, provider: Provider, model: str, typical_seconds: float
    ) -> float:
        """Return the median seconds of one picture; typical ones without a history."""
        return self._durations(session, provider.name, model) or typical_seconds

    def seconds(
        self, session: Session, provider: Provider, each: float, pictures: int, rounds: int = 1
    ) -> float:
        """Return seconds until the last of `pictures` is finished; `rounds` run one after another."""
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
    """The services that all recipes plan with."""

    database: Database
    starter: Starter
    estimates: Estimates
    providers: Mapping[str, Provider]


@dataclass(frozen=True)
class Draft:
    """A checked request: as it is stored, its quote lines, its problems and its plan.

    `plan` is called only where there are no problems. `versions`: provider and model of trained
    versions that must still exist at the provider.
    """

    account_id: str
    request: dict[str, Any]
    lines: tuple[QuoteLine, ...]
    problems: Sequence[str]
    plan: Callable[[], GenerationPlan] | None = None
    prompts: tuple[FinalPrompt, ...] = ()
    note: str = ""
    warnings: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


Request = TypeVar("Request")


@dataclass(frozen=True)
class PriceItem:
    """An item of the price list: its words on pages, and credits for one slot at first."""

    label: str
    credits: int


class Recipe(ABC, Generic[Request]):
    """One kind of work, with the description that pages, prices and the pipeline read."""

    kind: ClassVar[Kind]
    work: ClassVar[Work] = Work()
    """What the pipeline uses for its runs."""
    label: ClassVar[str]
    icon: ClassVar[str]
    """The Material symbol of its page; the page's folder and address are the kind's value."""
    noun: ClassVar[str] = "batch"
    """The word for one start of it in a sentence."""
    prices: ClassVar[Mapping[str, PriceItem]]
    tiles_in_group: ClassVar[int] = 1
    """How many consecutive pictures of a batch belong together."""
    is_compared: ClassVar[bool] = False
    """Whether its pictures are shown beside the one they were made from."""
    are_lines_sequential: ClassVar[bool] = False
    """Whether each line of a quote begins when the one before it has ended; else in parallel."""

    def __init__(self, tools: RecipeTools, provider_name: str = "", model: str = "") -> None:
        """`provider_name` and `model`: what the settings choose, for recipes with one model."""
        self._database = tools.database
        self._starter = tools.starter
        self._estimates = tools.estimates
        self._providers = tools.providers
        self._provider_name = provider_name
        self._model = model

    def start(self, actor: Actor, request: Request, idempotency_key: str) -> Started:
        """Start the request; raises InvalidRequestError with its first problem, uncharged."""

        def draft_of(session: Session) -> Draft:
            return self._draft(session, request, idempotency_key)

        return self._start(actor, draft_of, idempotency_key)

    @abstractmethod
    def _draft(self, session: Session, request: Request, idempotency_key: str = "") -> Draft:
        """Check the request; the key of its start, where it is being started."""

    def _quote(self, draft_of: Callable[[Session], Draft]) -> Quote:
        with self._database.transaction() as session:
            return self._quoted(session, draft_of(session))

    def _start(
        self, actor: Actor, draft_of: Callable[[Session], Draft], idempotency_key: str
    ) -> Started:
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            draft = draft_of(session)
            if draft.problems:
                raise InvalidRequestError(problem=draft.problems[0])
            assert draft.plan is not None, "a draft without a plan has a problem"
            plan = draft.plan()
        for provider, version in draft.versions:
            self._refuse_missing(provider, version)
        return self._starter.start(actor, plan, idempotency_key)

    def _price(self, session: Session, account_id: str, item: str) -> int:
        """Return today's credits for one slot of this item and account."""
        account = session.get(Account, account_id)
        return frozen_price(account.tier if account else Tier.FREE, price_of(session, item))

    @property
    def _capabilities(self) -> ModelCapabilities:
        return self._providers[self._provider_name].capabilities(self._model)

    def _capabilities_of(self, session: Session, provider: str, model: str) -> ModelCapabilities:
        """Return what a model can do; read late, since a provider's library is slow to load."""
        return self._providers[provider].capabilities(model)

    def _each_seconds(self, session: Session, provider: str, model: str) -> float:
        """Estimate the seconds of one picture of this model."""
        typical = self._capabilities_of(session, provider, model).typical_seconds
        return self._estimates.each(session, self._providers[provider], model, typical)

    def _cost_usd(self, session: Session, provider: str, model: str, effort: float = 1.0) -> float:
        """Estimate the cost of one picture at the provider."""
        seconds = self._each_seconds(session, provider, model) * effort
        return estimated_usd(session, provider, model, seconds)

    def _refuse_missing(self, provider_name: str, model: str) -> None:
        """Raise InvalidRequestError when the provider no longer has this version.

        Called before the charge, outside of any transaction. Without an answer the run finds out,
        and its failure is refunded.
        """
        provider = self._providers[provider_name]
        if not isinstance(provider, ModelCatalogue):
            return
        try:
            provider.current_version(model)
        except ProviderError as error:
            if error.failure is FailureClass.CONFIGURATION and not error.pauses_provider:
                raise InvalidRequestError(problem=MISSING_VERSION.format(model=model)) from error

    def _priced(self, session: Session, account_id: str, line: QuoteLine) -> tuple[int, float]:
        """Return credits and dollars of one slot of a line."""
        credits = self._price(session, account_id, line.item)
        return credits, self._cost_usd(session, line.provider, line.model, line.effort)

    def _quoted(self, session: Session, draft: Draft) -> Quote:
        """Quote price, cost and time; a balance, quota or budget that is too small is a problem."""
        account = session.get(Account, draft.account_id)
        count = sum(line.count for line in draft.lines)
        price = sum(
            self._price(session, draft.account_id, line.item) * line.count for line in draft.lines
        )
        cost = sum(
            self._cost_usd(session, line.provider, line.model, line.effort) * line.count
            for line in draft.lines
            if not line.is_same_run
        )
        left = quota_left(session, account) if account and account.tier is Tier.UNLIMITED else None
        limits = limits_in_force(session)
        problems = (
            *draft.problems,
            *_money_problems(session, account, count, price, left),
            *(budget_error(status, cost).sentence for status in limits_exceeded(limits, cost)),
        )
        return Quote(
            picture_count=count,
            price_credits=price,
            cost_usd=cost,
            seconds=self._seconds(session, draft.lines),
            balance=account.balance if account else 0,
            final_prompts=draft.prompts,
            problems=problems,
            note=draft.note,
            warnings=(*draft.warnings, *_budget_warnings(limits)),
            existing=self._existing(session, draft) if not problems else None,
            quota_left=left,
            providers=tuple(dict.fromkeys(line.provider for line in draft.lines if line.count)),
        )

    def _seconds(self, session: Session, lines: Sequence[QuoteLine]) -> float:
        """Estimate seconds until the last slot is filled."""
        each = [
            self._estimates.seconds(
                session,
                self._providers[line.provider],
                self._each_seconds(session, line.provider, line.model) * line.effort,
                line.count,
                line.rounds,
            )
            for line in lines
            if line.count and not line.is_same_run
        ]
        return sum(each) if self.are_lines_sequential else max(each, default=0.0)

    def _existing(self, session: Session, draft: Draft) -> ExistingResult | None:
        """Return the newest generation of an identical request that succeeded or is running."""
        fingerprint = fingerprint_of(self.kind, draft.account_id, draft.request)
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
