"""Poses: a finished mascot in a position that words describe, one run for each picture."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.credits import price_of
from services.database.engine import Database
from services.database.models import Account, Asset, Mascot, Slot
from services.errors import InvalidRequestError
from services.generations.start import Starter
from services.providers.base import Provider
from services.recipes.base import (
    FinalPrompt,
    GenerationPlan,
    Quote,
    SlotPlan,
    Started,
    prompt_problems,
)
from services.recipes.estimates import Estimates
from services.recipes.mascots import BEST_PICTURE
from services.recipes.text import clean
from services.statuses import Kind, Role, SlotRole, SlotState

MAX_COUNT = 20
BOOSTERS = "same character, full body, sharp focus, clean edges, balanced light, high detail"


@dataclass(frozen=True)
class PosesRequest:
    """What the form asks for: a mascot, the pose in words, how many pictures."""

    account_id: str
    mascot_id: str
    prompt: str
    count: int

    def cleaned(self) -> "PosesRequest":
        """The same request with its texts as they will be kept."""
        return replace(self, prompt=clean(self.prompt))


@dataclass(frozen=True)
class _Subject:
    mascot: Mascot
    asset_id: str


class Poses:
    """Quotes and starts poses of a mascot."""

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

    def quote(self, actor: Actor, request: PosesRequest) -> Quote:
        """Price, time and prompt; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        with self._database.transaction() as session:
            subject = _subject(session, request)
            problems = self._problems(request, subject)
            count = max(0, request.count)
            price = price_of(session, "pose") * count
            balance = session.scalar(
                select(Account.balance).where(Account.id == request.account_id)
            )
            if price > (balance or 0):
                problems.append(
                    f"This costs {price:,} credits and the account holds {balance or 0:,}."
                    " Make fewer pictures, or ask an admin for a grant."
                )
            seconds = self._estimates.seconds(session, self._provider, self._model, count)
        prompts = (FinalPrompt("Pose", _prompt(request, subject)),) if subject else ()
        return Quote(
            picture_count=count,
            price_credits=price,
            cost_usd=count * self._provider.capabilities(self._model).cost_usd,
            seconds=seconds,
            balance=balance or 0,
            final_prompts=prompts,
            problems=tuple(problems),
        )

    def start(self, actor: Actor, request: PosesRequest, idempotency_key: str) -> Started:
        """Start the poses; raises InvalidRequestError with the first problem, before any charge."""
        require(actor, Role.OPERATOR)
        request = request.cleaned()
        with self._database.transaction() as session:
            subject = _subject(session, request)
            problems = self._problems(request, subject)
            if problems or subject is None:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, request, subject)
        return self._starter.start(actor, plan, idempotency_key)

    def _problems(self, request: PosesRequest, subject: _Subject | None) -> list[str]:
        problems = []
        if subject is None:
            problems.append(
                "This mascot has no picture yet. Choose one that has, or wait until its batch"
                " has made one."
            )
        if not 1 <= request.count <= MAX_COUNT:
            problems.append(f"Choose 1 to {MAX_COUNT} pictures.")
        if not request.prompt.strip():
            return [*problems, "The pose is empty: say what the mascot does."]
        capabilities = self._provider.capabilities(self._model)
        return problems + prompt_problems("The pose", _prompt(request, subject), capabilities)

    def _plan(self, session: Session, request: PosesRequest, subject: _Subject) -> GenerationPlan:
        slot = SlotPlan(
            role=SlotRole.POSE,
            provider=self._provider.name,
            model=self._model,
            prompt=_prompt(request, subject),
            price_credits=price_of(session, "pose"),
            cost_usd=self._provider.capabilities(self._model).cost_usd,
            input_asset_ids=(subject.asset_id,),
        )
        return GenerationPlan(
            kind=Kind.POSES,
            account_id=request.account_id,
            title=f"{subject.mascot.name}: {request.prompt.strip()}"[:160],
            request=asdict(request),
            slots=(slot,) * request.count,
            mascot_id=subject.mascot.id,
        )


def _prompt(request: PosesRequest, subject: _Subject | None) -> str:
    name = f"{subject.mascot.name}, {subject.mascot.description}" if subject else "the mascot"
    return f"{request.prompt.strip()}. {name}, {BOOSTERS}"


def _subject(session: Session, request: PosesRequest) -> _Subject | None:
    """The mascot with its full body, else its avatar, else its square icon."""
    row = session.execute(
        select(Mascot, Asset.id)
        .join(Slot, Slot.mascot_id == Mascot.id)
        .join(Asset, Asset.id == Slot.asset_id)
        .where(
            Mascot.id == request.mascot_id,
            Mascot.account_id == request.account_id,
            Slot.kind == Kind.MASCOTS,
            Slot.state == SlotState.FILLED,
            Asset.deleted_at.is_(None),
        )
        .order_by(case(BEST_PICTURE, value=Slot.role))
        .limit(1)
    ).first()
    return _Subject(row[0], row[1]) if row else None
