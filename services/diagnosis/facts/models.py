"""Facts about a generation and the system at one moment: the only input of the causes' rules.

Times are the database's unless a field names the provider or Redis. None means not read or
nothing there; each field states which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from services.core.states import (
    AttemptState,
    GenerationState,
    Kind,
    MissingCause,
    QueueName,
    RunState,
    SlotState,
)
from services.core.thresholds import Thresholds
from services.diagnosis.facts.system import SystemFacts
from services.monitoring.providers import ProviderStatus
from services.pipeline.transitions import PARENT_FAILED
from services.providers.registry import provider_label
from services.queue.base import JobFacts


@dataclass(frozen=True)
class LivePrediction:
    """A prediction as its provider reports it now; exactly one of `status`, `problem` is set."""

    at: datetime
    status: str | None = None
    problem: str | None = None
    is_unknown: bool = False
    """The provider knows no such prediction: deleted, or another account's."""
    is_refused: bool = False
    """The provider refused the token."""
    error: str | None = None
    logs: str = ""
    output_count: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    is_data_removed: bool = False
    web_url: str | None = None


@dataclass(frozen=True)
class AttemptFacts:
    """One create at a provider."""

    id: str
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
    failure_detail: str | None
    output_count: int = 0
    stored_keys: tuple[str, ...] = ()
    """Outputs of a synchronous answer, in our storage already."""
    actual_cost_usd: float | None = None
    logs: str = ""
    """The end of its log; read for a single generation only."""


@dataclass(frozen=True)
class LastEvent:
    """The newest event of one name."""

    at: datetime
    reason: str = ""
    component: str = ""
    """What failed: `storage`, `network` or `picture`."""


@dataclass(frozen=True)
class RunFacts:
    """One run with its newest attempt; `job` None: Redis did not answer, or the run has ended."""

    id: str
    generation_id: str
    kind: Kind
    provider: str
    queue: QueueName
    """Where its next step waits."""
    ahead: int
    """Due submits of its provider that come before this one and are not enqueued yet."""
    state: RunState
    seq: int
    due_at: datetime
    enqueued_at: datetime | None
    lease_until: datetime | None
    worker: str | None
    step_failures: int
    provider_status: str | None
    progress: float | None
    stage: str | None
    deadline_at: datetime | None
    failure_detail: str | None
    created_at: datetime
    started_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    slot_ids: tuple[str, ...]
    attempt: AttemptFacts | None = None
    job: JobFacts | None = None
    median_seconds: float | None = None
    """Of this model."""
    p95_seconds: float | None = None
    """Of this model's newest predictions; None without a history."""
    live: LivePrediction | None = None
    """None: not polled."""
    last: Mapping[str, LastEvent] = field(default_factory=dict)
    """The newest event of each name in `runs.RECENT_EVENTS`."""
    was_searched: bool = False
    """The provider's list was searched for an unknown submit."""
    candidates: tuple[str, ...] = ()
    """Of an unknown submit: predictions at the provider with exactly its input."""


@dataclass(frozen=True)
class FileFacts:
    """A stored file; `has_object` None: not checked, or the storage did not answer."""

    asset_id: str
    storage_key: str
    storage_uri: str
    expected_uri: str
    """Where the current settings would store it."""
    thumbnail_key: str
    """Empty where it has none."""
    byte_count: int
    missing_at: datetime | None
    missing_cause: MissingCause | None
    checked_at: datetime | None
    deleted_at: datetime | None
    has_object: bool | None = None
    has_thumbnail: bool | None = None
    stored_bytes: int | None = None
    """Size of the object in the storage."""
    has_other_content: bool = False
    """Whether the object was read now and is not the one that its name says."""

    @property
    def is_damaged(self) -> bool:
        """Whether the object has another size than its row says, or other bytes were read."""
        if self.has_other_content:
            return True
        if self.stored_bytes is not None and self.stored_bytes != self.byte_count:
            return True
        return self.missing_cause is MissingCause.DAMAGED and self.has_object is not False

    @property
    def is_gone(self) -> bool:
        """Whether the storage has no object; without its answer, what reconciliation recorded."""
        if self.has_object is None:
            return self.missing_at is not None and not self.is_damaged
        return not self.has_object


@dataclass(frozen=True)
class SlotFacts:
    """One output that a generation owes."""

    id: str
    label: str
    state: SlotState
    price_credits: int
    provider: str
    failure: str | None
    failure_detail: str | None
    parent_slot_id: str | None
    file: FileFacts | None
    model: str = ""
    prompt: str = ""
    is_charge_kept: bool = False
    """Refused by a content filter, and not refunded by the rule for that."""
    refunds: int = 0
    """Refund entries that name its newest charge."""

    @property
    def is_skipped(self) -> bool:
        """Whether it was not made because its source picture failed."""
        return self.failure == PARENT_FAILED


@dataclass(frozen=True)
class CreditFacts:
    """A generation's credits; balanced when charged = consumed + refunded + held."""

    charged: int = 0
    consumed: int = 0
    refunded: int = 0
    held: int = 0
    charged_again: int = 0
    """Of `charged`: for slots that had been refunded before."""
    unrefunded_slots: tuple[str, ...] = ()
    """Slots that ended without a picture and without a refund."""

    @property
    def returned(self) -> int:
        """Credits that are back on the account now: refunded, and not charged again since."""
        return max(0, self.refunded - self.charged_again)

    @property
    def surplus(self) -> int:
        """Credits used or refunded beyond the charge; negative: credits missing."""
        return self.consumed + self.refunded + self.held - self.charged

    @property
    def summary(self) -> str:
        """The four sums in one line."""
        return (
            f"Charged {self.charged}, used {self.consumed}, refunded {self.refunded}, held"
            f" {self.held}."
        )


@dataclass(frozen=True)
class GenerationFacts:
    """The generation's row with its account and person."""

    id: str
    kind: Kind
    title: str
    state: GenerationState
    account_id: str
    account_name: str
    person_name: str
    created_at: datetime
    finished_at: datetime | None
    quota_left: int | None = None
    """Of its account today; None: no quota, or not read."""
    quota_renewed_at: datetime | None = None
    """The next midnight of its account."""


@dataclass(frozen=True)
class CaseFacts:
    """One generation with the system around it: the input of its rules."""

    system: SystemFacts
    generation: GenerationFacts
    runs: tuple[RunFacts, ...]
    slots: tuple[SlotFacts, ...]
    credits: CreditFacts

    def run_of(self, slot: SlotFacts) -> RunFacts | None:
        """The newest run that fills this slot."""
        return next((run for run in reversed(self.runs) if slot.id in run.slot_ids), None)

    @property
    def ended_slots(self) -> list[SlotFacts]:
        """Slots without a live file that failed or were canceled."""
        return [
            slot
            for slot in self.slots
            if (slot.file is None or slot.file.deleted_at is not None)
            and slot.state in (SlotState.FAILED, SlotState.CANCELED)
        ]

    @property
    def skipped_slots(self) -> list[SlotFacts]:
        """Ended slots that were not made because the slot that they are made from ended."""
        ended = {slot.id for slot in self.ended_slots}
        return [it for it in self.ended_slots if it.is_skipped and it.parent_slot_id in ended]

    @property
    def files(self) -> list[tuple[SlotFacts, FileFacts]]:
        """Slots with a file that was not erased."""
        return [
            (slot, slot.file) for slot in self.slots if slot.file and slot.file.deleted_at is None
        ]


@dataclass(frozen=True, slots=True)
class RunCase:
    """One open run with the system around it: the input of its rules."""

    system: SystemFacts
    run: RunFacts
    limits: Thresholds

    @property
    def provider(self) -> ProviderStatus | None:
        """Its provider's state; None: never called and not configured."""
        return self.system.providers.get(self.run.provider)

    @property
    def provider_label(self) -> str:
        """Its provider's name for people."""
        return provider_label(self.run.provider)

    @property
    def is_enqueued(self) -> bool:
        """Whether it should have a job in Redis: enqueued and claimed by no worker."""
        return self.run.enqueued_at is not None and self.run.lease_until is None

    @property
    def late_seconds(self) -> float | None:
        """How long its step is due (negative: not yet).

        None once it is enqueued or claimed, and while a person must decide: nothing enqueues it then.
        """
        run = self.run
        is_undecided = run.state is RunState.NEEDS_REVIEW
        if is_undecided or run.enqueued_at is not None or run.lease_until is not None:
            return None
        return self.seconds_since(self.run.due_at)

    @property
    def is_late(self) -> bool:
        """Whether its step is due and not enqueued."""
        late = self.late_seconds
        return late is not None and late >= 0

    def seconds_since(self, at: datetime) -> float:
        """Seconds from then to the moment of the facts; negative: in the future."""
        return (self.system.now - at).total_seconds()


Facts = TypeVar("Facts")


def facts_of_row(facts_type: type[Facts], row: Any, **given: Any) -> Facts:
    """Build facts from the columns of the same names of a row; `given` are all other fields."""
    columns = type(row).__mapper__.column_attrs.keys()
    names = {it.name for it in fields(facts_type)} - given.keys()  # type: ignore[arg-type]
    return facts_type(**{name: getattr(row, name) for name in names & {*columns}}, **given)
