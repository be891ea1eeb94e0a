"""One generation's verdict with its evidence, as pages and the command show it."""

from dataclasses import dataclass
from datetime import datetime

from services.diagnosis.cause import Finding


@dataclass(frozen=True)
class CheckedSource:
    """One source that was checked for a verdict, and its answer; `is_ok` None: not checked."""

    name: str
    is_ok: bool | None
    sentence: str
    unchecked: str = ""
    """What of it could not be checked, and why; empty when all was."""


@dataclass(frozen=True)
class TimelineRow:
    """One line of the merged timeline. `clock` names the clock of `at`."""

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
    """The generation that was diagnosed."""

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
class NoteDetail:
    """A note with its author's name."""

    at: datetime
    person_name: str
    text: str
    link: str | None


@dataclass(frozen=True)
class Diagnosis:
    """A verdict, its evidence, the timeline and the texts to copy."""

    subject: Subject
    verdict: Finding
    findings: tuple[Finding, ...]
    """The verdict first."""
    checked: tuple[CheckedSource, ...]
    timeline: tuple[TimelineRow, ...]
    """Oldest first."""
    notes: tuple[NoteDetail, ...]
    customer_answer: str
    provider_report: str
    """Markdown; contains no token and no signed address."""
    seconds: float
    providers: tuple[str, ...] = ()
    """Names of the providers of its runs."""
    unchecked: tuple[str, ...] = ()
    """What the verdict does not rest on, because it could not be checked."""
