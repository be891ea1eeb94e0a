"""ResumeProvider, ResumeQueue and ResumeRq: end a pause."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.errors import NotFoundError
from services.core.states import QueueName, Role
from services.database.models import ProviderState, QueueState
from services.pipeline.rate_limits import resume
from services.providers.registry import provider_label
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import SubjectKind

RQ = "rq"
"""The subject of `ResumeRq`: RQ's suspension covers all its queues."""


class ResumeProvider(Remedy[None]):
    """End the pause of a provider, or the wait that it asked for."""

    id = "resume_provider"
    label = "Resume provider"
    icon = "play_arrow"
    consequence = (
        "Submits work there again. It pauses again when the first call fails in the same way."
    )
    audit_label = "Resumed a provider"
    subject = SubjectKind.PROVIDER
    role = Role.ADMIN

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Repeat the reason of the pause, since it must be gone."""
        row = session.get(ProviderState, offer.subject_id, populate_existing=True)
        if row is None:
            raise NotFoundError(what="provider", id=offer.subject_id)
        label = provider_label(row.provider)
        paused_at = row.paused_at.isoformat() if row.paused_at else None
        blocked = row.blocked_until
        is_blocked = blocked is not None and blocked > session.scalars(select(func.now())).one()
        why = f"It was paused because: {row.paused_reason or 'unknown'}"
        if not paused_at and is_blocked:
            why = f"It asked us to wait until {blocked:%Y-%m-%d %H:%M} UTC."
        return DryRun(
            offer,
            f"{label} is called again. {why}",
            {"paused_at": paused_at, "is_blocked": is_blocked},
            problem=None if paused_at or is_blocked else f"{label} is not paused any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the provider's row."""
        session.get(ProviderState, offer.subject_id, with_for_update=True)

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """End the pause, and a wait after a 429 with it."""
        resume(session, request.subject_id)
        return Change("It is called again.", {"paused_at": None})


class ResumeQueue(Remedy[None]):
    """End the pause of a queue that a person set here; RQ's suspension is another pause."""

    id = "resume_queue"
    label = "Resume queue"
    icon = "play_arrow"
    consequence = "Lets the dispatcher fill the queue again."
    audit_label = "Resumed a queue"
    subject = SubjectKind.QUEUE

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Name who paused it."""
        if offer.subject_id not in set(QueueName):
            raise NotFoundError(what="queue", id=offer.subject_id)
        row = session.get(QueueState, QueueName(offer.subject_id), populate_existing=True)
        paused_at = row.paused_at.isoformat() if row and row.paused_at else None
        by = row.paused_by if row and row.paused_by else "somebody"
        return DryRun(
            offer,
            f"The queue {offer.subject_id} is filled again; {by} paused it.",
            {"paused_at": paused_at},
            problem=None if paused_at else "This queue is not paused any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the queue's row."""
        session.get(QueueState, QueueName(offer.subject_id), with_for_update=True)

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """End the pause."""
        resume_queue(session, QueueName(request.subject_id))
        return Change("It is filled again.", {"paused_at": None})


def resume_queue(session: Session, queue: QueueName) -> bool:
    """End the pause; returns False when the queue is not paused."""
    changed = session.execute(
        update(QueueState)
        .where(QueueState.queue == queue, QueueState.paused_at.is_not(None))
        .values(paused_at=None, paused_by=None)
        .returning(QueueState.queue)
    )
    return changed.one_or_none() is not None


class ResumeRq(Remedy[bool]):
    """End RQ's suspension: workers take jobs from then on."""

    id = "resume_rq"
    label = "Resume workers"
    icon = "play_arrow"
    consequence = "Ends RQ's suspension: workers take jobs from all queues again."
    audit_label = "Resumed the workers"
    subject = SubjectKind.QUEUE

    def inspect(self, offer: RemedyOffer) -> bool:
        """Read whether RQ is suspended; raises QueueUnavailableError."""
        if offer.subject_id != RQ:
            raise NotFoundError(what="queue server", id=offer.subject_id)
        return self.tools.queue.is_suspended()

    def plan(self, session: Session, offer: RemedyOffer, facts: bool) -> DryRun:
        """Refuse it when RQ is not suspended."""
        return DryRun(
            offer,
            "RQ's suspension ends: the workers take jobs from all queues again.",
            {"is_suspended": facts},
            problem=None if facts else "RQ is not suspended any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock nothing: the suspension is in Redis, and ending it twice is harmless."""

    def change(self, session: Session, request: RemedyRequest, facts: bool) -> Change:
        """Write the audit row only."""
        return Change("The workers take jobs again.", {"is_suspended": False})

    def finish(self, request: RemedyRequest, facts: bool) -> str:
        """End the suspension; raises QueueUnavailableError."""
        self.tools.queue.resume_all()
        return ""
