"""What the rules conclude: a cause with its evidence, in sentences that a person would say."""

from dataclasses import dataclass
from datetime import datetime

from services.diagnosis.causes import CAUSES, Cause, Scope, Severity, runbook_of
from services.remedies.base import RemedyOffer


@dataclass(frozen=True)
class Evidence:
    """One fact that was checked, and where it was read."""

    source: str
    """`database`, `queue`, `storage`, or a provider's label."""
    fact: str
    at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One cause that holds for one subject now."""

    cause: Cause
    severity: Severity
    sentence: str
    """What happened and what it means, in one or two sentences with the facts filled in."""
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[RemedyOffer, ...] = ()
    """The safest first."""
    run_id: str | None = None
    slot_id: str | None = None
    since: datetime | None = None
    """When it went wrong, as far as that is known."""
    is_healing: bool = False
    """It is put right by itself within seconds; a person may watch."""

    @property
    def title(self) -> str:
        """The cause's own words."""
        return CAUSES[self.cause].title

    @property
    def scope(self) -> Scope:
        """What the cause is about."""
        return CAUSES[self.cause].scope

    @property
    def runbook(self) -> str:
        """Its page below docs/runbooks/."""
        return runbook_of(self.cause)


@dataclass(frozen=True)
class Checked:
    """One part that was asked for a verdict, and what it said; `is_ok` None: not asked."""

    part: str
    is_ok: bool | None
    sentence: str


@dataclass(frozen=True)
class TimelineRow:
    """One line of the merged timeline. `clock` says whose time `at` is."""

    at: datetime
    source: str
    clock: str
    text: str
    detail: str = ""
    tone: str = ""
    """`""`, `good`, `bad` or `warn`."""
    run_id: str | None = None
    link: str | None = None
    name: str = ""
    """Of an event of the pipeline: its constant name."""


@dataclass(frozen=True)
class Subject:
    """What was diagnosed, for the head of the page."""

    generation_id: str
    kind: str
    title: str
    state: str
    account_id: str
    account_name: str
    person_name: str
    created_at: datetime
    finished_at: datetime | None
    filled: int
    total: int


@dataclass(frozen=True)
class NoteView:
    """A note as pages show it."""

    at: datetime
    person_name: str
    text: str
    link: str | None


@dataclass(frozen=True)
class Diagnosis:
    """One generation's verdict with everything that it rests on."""

    subject: Subject
    verdict: Finding
    findings: tuple[Finding, ...]
    """All of them, the verdict first."""
    checked: tuple[Checked, ...]
    timeline: tuple[TimelineRow, ...]
    """Oldest first."""
    notes: tuple[NoteView, ...]
    customer_answer: str
    provider_report: str
    """Markdown; holds no token, no signed address."""
    seconds: float
