"""Remedy: what each one describes about itself, and the template that plans and applies it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor
from services.core.errors import RemedyRefusedError
from services.core.states import Role
from services.pipeline.events import EventName, record
from services.pipeline.retry import Retry
from services.pipeline.step_context import StepContext
from services.queue.base import Queue
from services.remedies.subjects import SubjectKind, lock_subject

Facts = TypeVar("Facts")

CHANGED = "it has changed since the dry run."


@dataclass(frozen=True)
class RemedyOffer:
    """A remedy for one subject; `argument` is a prediction's or slot's id where one is needed."""

    remedy_id: str
    subject_id: str
    argument: str | None = None
    count: int = field(default=1, compare=False)
    """How many pictures it covers, for the button."""
    suggestion: str = field(default="", compare=False)
    """What the argument's field holds at first."""
    cause: str = field(default="", compare=False)
    """The cause that it is offered for, where a diagnosis offers it."""


@dataclass(frozen=True)
class DryRun:
    """What a remedy would do now; `expected` is passed back to `apply`.

    `problem`: why it cannot be applied now.
    """

    offer: RemedyOffer
    sentence: str
    expected: Mapping[str, Any]
    credits: int = 0
    """Moved to the customer (positive) or from them (negative)."""
    cost_usd: float = 0.0
    problem: str | None = None


@dataclass(frozen=True)
class BulkItem:
    """A subject to which the remedy can be applied, with its state in the dry run."""

    subject_id: str
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class BulkRefusal:
    """Subjects to which it cannot be, or was not, applied for the same reason."""

    problem: str
    subject_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of subjects."""
        return len(self.subject_ids)


@dataclass(frozen=True)
class BulkDryRun:
    """What would be done for all subjects; credits as in a single dry run."""

    remedy_id: str
    items: tuple[BulkItem, ...]
    refusals: tuple[BulkRefusal, ...]
    """The most frequent reason first."""
    credits: int
    cost_usd: float


@dataclass(frozen=True)
class Outcome:
    """What was done, for the person who applied it."""

    sentence: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class RemedyTools:
    """What remedies work with."""

    context: StepContext
    queue: Queue
    retry: Retry


@dataclass(frozen=True)
class RemedyRequest:
    """An offer that a person applies, with the reason."""

    actor: Actor
    offer: RemedyOffer
    reason: str

    @property
    def subject_id(self) -> str:
        """Id of what it is applied to."""
        return self.offer.subject_id


@dataclass(frozen=True)
class Change:
    """What was written; `generation_id` names the timeline that gets an event."""

    sentence: str
    after: Mapping[str, Any] = field(default_factory=dict)
    generation_id: str | None = None
    run_id: str | None = None


class Remedy(ABC, Generic[Facts]):
    """A repair that is planned first, then applied once with a reason.

    Providers, storage and queue are called in `inspect`, `prepare` and `finish` only: no
    transaction is open then.
    """

    id: ClassVar[str]
    """Stored in `operations.remedy` and, after `remedy.`, in `audit.action`: never rename it."""
    label: ClassVar[str]
    icon: ClassVar[str]
    consequence: ClassVar[str]
    """What it does and does not do."""
    audit_label: ClassVar[str]
    subject: ClassVar[SubjectKind]
    role: ClassVar[Role] = Role.OPERATOR
    """Required to apply it; a dry run is open to every operator."""
    argument: ClassVar[str | None] = None
    """Label of the value that it needs beside its subject; it cannot be applied in bulk then."""

    def __init__(self, tools: RemedyTools) -> None:
        self.tools = tools
        self._context = tools.context

    def dry_run(self, offer: RemedyOffer) -> DryRun:
        """Plan it without a change; raises NotFoundError."""
        facts = self.inspect(offer)
        with self._context.database.transaction() as session:
            return self.plan(session, offer, facts)

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        """Apply it once, in one transaction with its audit row.

        Raises RemedyRefusedError when the state is not `expected` any more or forbids it.
        """
        request = RemedyRequest(actor, offer, reason)
        facts = self.inspect(offer)
        with self._context.database.transaction() as session:
            plan = self.plan(session, offer, facts)
        if plan.problem:
            self.on_refusal(offer, facts)
        _refuse_changed(plan, expected)
        facts = self.prepare(offer, facts)
        with self._context.database.transaction() as session:
            self.lock(session, offer)
            plan = self.plan(session, offer, facts)
            _refuse_changed(plan, expected)
            change = self.change(session, request, facts)
            _record(session, request, plan, change)
        message = self.finish(request, facts)
        return Outcome(f"{change.sentence} {message}".strip(), plan.expected, change.after)

    def inspect(self, offer: RemedyOffer) -> Facts:
        """Read what the plan needs from provider, storage or queue."""
        return None  # type: ignore[return-value]

    @abstractmethod
    def plan(self, session: Session, offer: RemedyOffer, facts: Facts) -> DryRun:
        """Describe the change, or why it cannot be made; raises NotFoundError."""

    def on_refusal(self, offer: RemedyOffer, facts: Facts) -> None:
        """Do what is right instead, before a plan with a problem is refused."""

    def prepare(self, offer: RemedyOffer, facts: Facts) -> Facts:
        """Store what the rows will name; harmless if the change is refused after all."""
        return facts

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the subject's rows, in the order run → generation → account."""
        lock_subject(session, self.subject, offer.subject_id)

    @abstractmethod
    def change(self, session: Session, request: RemedyRequest, facts: Facts) -> Change:
        """Write the change; the rows are locked and the plan was repeated."""

    def finish(self, request: RemedyRequest, facts: Facts) -> str:
        """Do what must follow the commit; returns a sentence for the person, or nothing."""
        return ""


def _refuse_changed(plan: DryRun, expected: Mapping[str, Any]) -> None:
    if plan.problem:
        raise RemedyRefusedError(problem=plan.problem)
    if dict(plan.expected) != dict(expected):
        raise RemedyRefusedError(problem=CHANGED)


def _record(session: Session, request: RemedyRequest, plan: DryRun, change: Change) -> None:
    """Write the audit row, and the event of the generation's timeline."""
    # A pasted link may carry a signature in its query.
    named = (request.offer.argument or "").partition("?")[0]
    argument = {"argument": named} if named else {}
    session.flush()
    record_change(
        session,
        request.actor,
        f"remedy.{request.offer.remedy_id}",
        request.subject_id,
        request.reason,
        before=dict(plan.expected),
        after={**change.after, **argument},
    )
    if change.generation_id is not None:
        record(
            session,
            EventName.REMEDY_APPLIED,
            change.generation_id,
            run_id=change.run_id,
            actor=request.actor.id,
            remedy=request.offer.remedy_id,
            subject=request.subject_id,
            reason=request.reason,
            cause=request.offer.cause or None,
        )
