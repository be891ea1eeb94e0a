"""The plan of a start and its quote, which recipes return and the pipeline writes."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.core.states import Kind, SlotRole
from services.database.models import Generation, Slot
from services.providers.base import (
    FailureClass,
    LearnsModels,
    ModelCapabilities,
    Provider,
    ProviderError,
)


@dataclass(frozen=True)
class SlotPlan:
    """One picture to be made. `parent` is the position of the slot that it is made from."""

    role: SlotRole
    provider: str
    model: str
    prompt: str
    price_credits: int
    cost_usd: float
    aspect_ratio: str | None = None
    input_asset_ids: tuple[str, ...] = ()
    parent: int | None = None
    mascot: int | None = None
    """The index of the plan's mascot that it belongs to."""
    pose_id: str | None = None
    control_skeleton: dict[str, Any] | None = None
    """The control image's skeleton, as `Skeleton.as_json` returns it."""
    options: dict[str, Any] = field(default_factory=dict)
    """What the model is sent beside the prompt (`PictureRequest.options`)."""
    seed: int | None = None
    """Drawn at random where it is None."""
    group: int | None = None
    """Slots of one group are filled by one run; None: a run of its own."""


@dataclass(frozen=True)
class MascotPlan:
    """One variation that the batch will hold."""

    name: str
    description: str
    style: str


@dataclass(frozen=True)
class GenerationPlan:
    """Everything that one start writes."""

    kind: Kind
    account_id: str
    title: str
    request: dict[str, Any]
    slots: tuple[SlotPlan, ...]
    mascots: tuple[MascotPlan, ...] = ()
    mascot_id: str | None = None
    also_write: Callable[[Session, Generation, Sequence[Slot]], None] | None = None
    """Rows of the recipe's own, written in the transaction that charges."""

    @property
    def price_credits(self) -> int:
        """The price of all slots."""
        return sum(slot.price_credits for slot in self.slots)

    @property
    def cost_usd(self) -> float:
        """The estimated cost at the providers."""
        return sum(slot.cost_usd for slot in self.slots)


def fingerprint_of(kind: Kind, account_id: str, request: dict[str, Any]) -> str:
    """Return a hash that is equal for identical requests."""
    canonical = json.dumps([kind, account_id, request], sort_keys=True)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class QuoteLine:
    """Slots of one price item on one model, as a quote counts them.

    `rounds`: how many run one after another. `effort`: each one's duration in medians.
    """

    item: str
    provider: str
    model: str
    count: int
    rounds: int = 1
    effort: float = 1.0
    is_same_run: bool = False
    """They come from the run of another line: they add no cost and no time."""


@dataclass(frozen=True)
class FinalPrompt:
    """A prompt as it will be sent, shown before the start."""

    label: str
    text: str


@dataclass(frozen=True)
class ExistingResult:
    """An identical request that succeeded or is running: offered instead of a new start."""

    generation_id: str
    created_at: datetime
    is_finished: bool


@dataclass(frozen=True)
class Quote:
    """Price, cost, time and prompts before the start; `problems` prevent it."""

    picture_count: int
    price_credits: int
    cost_usd: float
    seconds: float
    balance: int
    final_prompts: tuple[FinalPrompt, ...] = ()
    problems: tuple[str, ...] = field(default=())
    note: str = ""
    """How the chosen model treats the request, where that is not obvious."""
    warnings: tuple[str, ...] = ()
    """Sentences that do not prevent the start."""
    existing: ExistingResult | None = None
    quota_left: int | None = None
    """Slots that the unlimited tier may still start today; None for the other tiers."""
    providers: tuple[str, ...] = ()
    """Those that would be called, by name."""


@dataclass(frozen=True)
class Started:
    """The result of a start; one with a known idempotency key is not new."""

    generation_id: str
    is_new: bool
    is_queue_available: bool


def prompt_problems(label: str, text: str, capabilities: ModelCapabilities) -> list[str]:
    """Return why a text cannot be sent to this model, as sentences."""
    if not text.strip():
        return [f"{label} is empty: say what the picture should show."]
    limit = capabilities.max_prompt_characters
    if len(text) > limit:
        reads = f"{capabilities.model} reads {limit:,} at most"
        return [f"{label} has {len(text):,} characters; {reads}. Shorten it."]
    return []


NO_USE = (FailureClass.MODEL_RETIRED, FailureClass.BAD_INPUT, FailureClass.CONFIGURATION)


def model_problem(providers: Mapping[str, Provider], name: str, model: str) -> str | None:
    """Ask what a model takes where its provider alone knows; returns why it is of no use.

    Bounded in time, and cached for a while. A provider that cannot be asked now is no problem:
    the run asks it again.
    """
    provider = providers.get(name)
    if not isinstance(provider, LearnsModels):
        return None
    try:
        provider.learn(model)
    except ProviderError as error:
        is_of_no_use = error.failure in NO_USE or error.pauses_provider
        return f"{model} cannot be used: {error.detail}" if is_of_no_use else None
    return None
