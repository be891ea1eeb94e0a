"""How every remedy is done: ask outside, look in one transaction, act in another that locks first."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor
from services.core.errors import RemedyRefusedError
from services.pipeline.events import EventName, record
from services.pipeline.retry import Retry
from services.pipeline.step_context import StepContext
from services.queue.base import Queue
from services.remedies.base import DryRun, Outcome, RemedyKind, RemedyOffer

Known = TypeVar("Known")

CHANGED = "it is not any more as it was when this was offered."


@dataclass(frozen=True)
class RemedyTools:
    """What remedies work with. `parts` are those of the pipeline's steps."""

    parts: StepContext
    queue: Queue
    retry: Retry


@dataclass(frozen=True)
class Order:
    """A remedy that a person has ordered."""

    actor: Actor
    offer: RemedyOffer
    reason: str

    @property
    def subject_id(self) -> str:
        """What it is ordered for."""
        return self.offer.subject_id


@dataclass(frozen=True)
class Done:
    """What was written; a timeline tells of it where `generation_id` is given."""

    sentence: str
    after: Mapping[str, Any] = field(default_factory=dict)
    generation_id: str | None = None
    run_id: str | None = None


class RemedyTemplate(ABC, Generic[Known]):
    """One kind of remedy. Subclasses say what is asked, planned, locked and done.

    Providers, storage and queue are called in `ask`, `before` and `afterwards` alone: no
    transaction is open then.
    """

    kind: RemedyKind

    def __init__(self, tools: RemedyTools) -> None:
        self.tools = tools
        self._parts = tools.parts

    def dry_run(self, offer: RemedyOffer) -> DryRun:
        """Change nothing; raises NotFoundError."""
        known = self.ask(offer)
        with self._parts.database.transaction() as session:
            return self.plan(session, offer, known)

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        """Do it once; raises RemedyRefusedError when the state is another one, or has a problem."""
        order = Order(actor, offer, reason)
        known = self.ask(offer)
        with self._parts.database.transaction() as session:
            plan = self.plan(session, offer, known)
        if plan.problem:
            self.refused(offer, known)
        _refuse(plan, expected)
        known = self.before(offer, known)
        with self._parts.database.transaction() as session:
            self.lock(session, offer)
            plan = self.plan(session, offer, known)
            _refuse(plan, expected)
            done = self.do(session, order, known)
            _keep(session, order, plan, done)
        told = self.afterwards(order, known)
        return Outcome(f"{done.sentence} {told}".strip(), plan.expected, done.after)

    def ask(self, offer: RemedyOffer) -> Known:
        """Ask provider, storage or queue what the plan depends on; changes nothing."""
        return None  # type: ignore[return-value]

    @abstractmethod
    def plan(self, session: Session, offer: RemedyOffer, known: Known) -> DryRun:
        """What would be done now, or why it cannot be; raises NotFoundError."""

    def refused(self, offer: RemedyOffer, known: Known) -> None:
        """What is better than the remedy, when that cannot be done; nothing by default."""

    def before(self, offer: RemedyOffer, known: Known) -> Known:
        """What must be there before the rows say so; harmless when it is not used after all."""
        return known

    @abstractmethod
    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the rows, in the order run → generation → account."""

    @abstractmethod
    def do(self, session: Session, order: Order, known: Known) -> Done:
        """Write it, after the plan was made once more with the rows locked."""

    def afterwards(self, order: Order, known: Known) -> str:
        """What follows from the commit, outside; a sentence about it, or none."""
        return ""


def _refuse(plan: DryRun, expected: Mapping[str, Any]) -> None:
    if plan.problem:
        raise RemedyRefusedError(problem=plan.problem)
    if dict(plan.expected) != dict(expected):
        raise RemedyRefusedError(problem=CHANGED)


def _keep(session: Session, order: Order, plan: DryRun, done: Done) -> None:
    # A pasted link may carry a signature behind its question mark.
    given = (order.offer.argument or "").partition("?")[0]
    argument = {"argument": given} if given else {}
    session.flush()
    record_change(
        session,
        order.actor,
        f"remedy.{order.offer.kind.value}",
        order.subject_id,
        order.reason,
        before=dict(plan.expected),
        after={**done.after, **argument},
    )
    if done.generation_id is not None:
        record(
            session,
            EventName.REMEDY_APPLIED,
            done.generation_id,
            run_id=done.run_id,
            actor=order.actor.id,
            remedy=order.offer.kind.value,
            subject=order.subject_id,
            reason=order.reason,
        )
