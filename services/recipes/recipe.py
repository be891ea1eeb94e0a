"""The base of every recipe: its description, its quote and its estimates."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
)
from services.providers.durations import Capacity, DurationEstimator
from services.providers.registry import DEFINITIONS
from services.recipes.base import (
    ExistingResult,
    FinalPrompt,
    GenerationPlan,
    Quote,
    QuoteLine,
    Started,
    fingerprint_of,
    model_problem,
)
from services.recipes.prompt_texts import PromptText
from services.recipes.work import Work

NOT_BEGUN = (RunState.QUEUED, RunState.SUBMITTING)
MISSING_MODEL = (
    "The provider has no {model} any more. Nothing was charged: choose another model, or train it"
    " anew."
)
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
    durations: DurationEstimator
    """Of models with a history; for others a recipe supplies the figure."""
    capacity: Capacity
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
    texts: ClassVar[tuple[PromptText, ...]] = ()
    """The words of its prompts that admins may change."""
    tiles_in_group: ClassVar[int] = 1
    """How many consecutive pictures of a batch belong together."""
    is_compared: ClassVar[bool] = False
    """Whether its pictures are shown beside the one they were made from."""
    quote_role: ClassVar[Role] = Role.VIEWER
    """Who may ask for a quote."""
    are_lines_sequential: ClassVar[bool] = False
    """Whether each line of a quote begins when the one before it has ended; else in parallel."""

    def __init__(self, tools: RecipeTools, provider_name: str = "", model: str = "") -> None:
        """`provider_name` and `model`: what the settings choose, for recipes with one model."""
        self._database = tools.database
        self._starter = tools.starter
        self._durations = tools.durations
        self._capacity = tools.capacity
        self._providers = tools.providers
        self._provider_name = provider_name
        self._model = model

    def quote(self, actor: Actor, request: Request) -> Quote:
        """Quote price, time and prompts; incomplete input becomes `problems`."""
        require(actor, self.quote_role)
        self._learn()
        return self._quote(lambda session: self._draft(session, request))

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
        self._learn()
        with self._database.transaction() as session:
            draft = draft_of(session)
            if draft.problems:
                raise InvalidRequestError(problem=draft.problems[0])
            assert draft.plan is not None, "a draft without a plan has a problem"
            plan = draft.plan()
        retiring = {(it.provider, it.model) for it in draft.lines if _retirement(it)}
        for provider, model in {*draft.versions, *retiring}:
            self._refuse_missing(provider, model)
        return self._starter.start(actor, plan, idempotency_key)

    def _models_used(self) -> Iterable[tuple[str, str]]:
        """Return provider and model of what a request may name."""
        return [(self._provider_name, self._model)] if self._provider_name else []

    def _learn(self) -> None:
        """Ask providers what models without a row take, before a transaction begins."""
        for provider, model in self._models_used():
            model_problem(self._providers, provider, model)

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
        median = self._durations(session, provider, model)
        return median or self._capabilities_of(session, provider, model).typical_seconds

    def _cost_usd(self, session: Session, provider: str, model: str, effort: float = 1.0) -> float:
        """Estimate the cost of one picture at the provider."""
        seconds = self._each_seconds(session, provider, model) * effort
        return estimated_usd(session, provider, model, seconds)

    def _refuse_missing(self, provider_name: str, model: str) -> None:
        """Raise InvalidRequestError when the provider no longer has this model.

        Called before the charge, outside of any transaction. Without an answer the run finds out,
        and its failure is refunded.
        """
        provider = self._providers[provider_name]
        if not isinstance(provider, ModelCatalogue):
            return
        try:
            provider.current_version(model)
        except ProviderError as error:
            if error.failure is FailureClass.MODEL_RETIRED:
                raise InvalidRequestError(problem=MISSING_MODEL.format(model=model)) from error

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
            warnings=(*draft.warnings, *_retirements(draft.lines), *_budget_warnings(limits)),
            existing=self._existing(session, draft) if not problems else None,
            quota_left=left,
            providers=tuple(dict.fromkeys(line.provider for line in draft.lines if line.count)),
        )

    def _seconds(self, session: Session, lines: Sequence[QuoteLine]) -> float:
        """Estimate seconds until the last slot is filled."""
        capacity = self._capacity.now(session)
        seconds = [
            self._line_seconds(session, line, capacity)
            for line in lines
            if line.count and not line.is_same_run
        ]
        return sum(seconds) if self.are_lines_sequential else max(seconds, default=0.0)

    def _line_seconds(self, session: Session, line: QuoteLine, capacity: Capacity) -> float:
        waiting = session.scalar(
            select(func.count())
            .select_from(Run)
            .where(Run.provider == line.provider, Run.state.in_(NOT_BEGUN))
        )
        each = self._each_seconds(session, line.provider, line.model) * line.effort
        count = int(waiting or 0) + line.count
        return max(line.rounds * each, capacity.seconds(line.provider, count, each))

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


def _retirement(line: QuoteLine) -> str | None:
    """Say that a line's model is switched off by its provider, or soon will be."""
    facts = DEFINITIONS[line.provider].model(line.model)
    notice = facts.retirement(date.today())
    return notice and f"{notice} Its replacement is {facts.replacement}."


def _retirements(lines: Sequence[QuoteLine]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(_retirement, lines))))


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
