"""What was read about a generation and its house at one moment: the rules see this and no more.

Times are the database's, but for those of a provider or Redis, which are marked. None means that it
was not asked, or that there is nothing; each field says which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.core.states import (
    AttemptState,
    GenerationState,
    Kind,
    MissingCause,
    QueueName,
    RunState,
    SlotRole,
    SlotState,
)
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.queue.base import JobFacts, QueueState


@dataclass(frozen=True)
class Pause:
    """Who paused one of our queues, and when."""

    at: datetime
    by: str


@dataclass(frozen=True)
class House:
    """Everything that is not about one generation."""

    now: datetime
    processes: tuple[ProcessFacts, ...]
    providers: Mapping[str, ProviderStatus]
    queue: QueueState | None
    paused_queues: Mapping[QueueName, Pause]
    room: int = 10
    """How many jobs the dispatcher lets wait in the queues."""
    storage_problem: str | None = None
    """What the storage said when it refused, if it was asked and refused."""


@dataclass(frozen=True)
class LiveLook:
    """What a provider says of a prediction right now; exactly one of `status`, `problem` is set."""

    at: datetime
    status: str | None = None
    problem: str | None = None
    is_unknown: bool = False
    """The provider knows no such prediction: it is gone, or another account's."""
    progress: float | None = None
    error: str | None = None
    logs: str = ""
    output_count: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    predict_seconds: float | None = None
    is_data_removed: bool = False
    web_url: str | None = None


@dataclass(frozen=True)
class AttemptFacts:
    """One create at a provider."""

    id: str
    number: int
    provider: str
    model: str
    version: str | None
    """Of the model, where the provider has versions."""
    state: AttemptState
    seed: int
    prediction_id: str | None
    web_url: str | None
    token_fingerprint: str | None
    created_at: datetime
    accepted_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    failure: str | None
    failure_detail: str | None
    output_count: int = 0
    stored_keys: tuple[str, ...] = ()
    """Outputs that our storage holds already (a synchronous answer)."""
    actual_cost_usd: float | None = None
    estimated_cost_usd: float = 0.0


@dataclass(frozen=True)
class LastEvent:
    """The newest event of one name."""

    at: datetime
    reason: str = ""
    part: str = ""
    """Which part of ours failed: `storage`, `network` or `picture`."""


@dataclass(frozen=True)
class RunFacts:
    """One run with its newest attempt; `job` None: Redis did not answer, or the run has ended."""

    id: str
    kind: Kind
    provider: str
    model: str
    queue: QueueName
    """Where its next step waits."""
    ahead: int
    """Submits of its provider that are due, not rung yet, and have their turn before this one."""
    priority: int
    state: RunState
    seq: int
    due_at: datetime
    enqueued_at: datetime | None
    lease_until: datetime | None
    worker: str | None
    attempt_count: int
    refused_count: int
    step_failures: int
    provider_status: str | None
    progress: float | None
    stage: str | None
    deadline_at: datetime | None
    failure: str | None
    failure_detail: str | None
    created_at: datetime
    started_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    slot_ids: tuple[str, ...]
    attempt: AttemptFacts | None = None
    job: JobFacts | None = None
    usual_seconds: float | None = None
    slow_seconds: float | None = None
    """95% of this model's newest predictions took less; None without a history."""
    live: LiveLook | None = None
    """None: not asked."""
    last: Mapping[str, LastEvent] = field(default_factory=dict)
    """By event name, of this run: rescued, rung_again, throttled, step_failed, retried."""
    candidates: tuple[str, ...] = ()
    """Of an unknown submit: predictions at the provider that look exactly like it."""


@dataclass(frozen=True)
class FileFacts:
    """A stored file; `has_object` None: the storage was not asked, or did not answer."""

    asset_id: str
    storage_key: str
    storage_uri: str
    expected_uri: str
    """Where the present settings would put it."""
    thumbnail_key: str | None
    missing_at: datetime | None
    missing_cause: MissingCause | None
    checked_at: datetime | None
    deleted_at: datetime | None
    has_object: bool | None = None
    has_thumbnail: bool | None = None


@dataclass(frozen=True)
class SlotFacts:
    """One picture that is owed."""

    id: str
    position: int
    role: SlotRole
    label: str
    state: SlotState
    price_credits: int
    provider: str
    failure: str | None
    failure_detail: str | None
    parent_slot_id: str | None
    file: FileFacts | None
    refunds: int = 0
    """Refund entries that name its newest charge."""


@dataclass(frozen=True)
class Money:
    """A generation's credits; even when charged = consumed + refunded + held."""

    charged: int = 0
    consumed: int = 0
    refunded: int = 0
    held: int = 0
    unrefunded_slots: tuple[str, ...] = ()
    """Slots that ended without a picture and were never given back."""

    @property
    def surplus(self) -> int:
        """More went back or was used than was charged (positive); less (negative)."""
        return self.consumed + self.refunded + self.held - self.charged


@dataclass(frozen=True)
class GenerationFacts:
    """What a person started."""

    id: str
    kind: Kind
    title: str
    state: GenerationState
    account_id: str
    account_name: str
    person_name: str
    created_at: datetime
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    quota_left: int | None = None
    """Of its account today; None: no quota, or not read."""


@dataclass(frozen=True)
class Case:
    """One generation in its house: what every rule is given."""

    house: House
    generation: GenerationFacts
    runs: tuple[RunFacts, ...]
    slots: tuple[SlotFacts, ...]
    money: Money
