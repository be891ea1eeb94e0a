"""Opens what keeps work waiting: a paused provider, a paused queue, RQ's own switch."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.core.errors import NotFoundError
from services.core.states import QueueName
from services.database.models import ProviderState, QueueState
from services.pipeline.rate_limits import resume
from services.providers.registry import provider_label
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate

RQ = "rq"
"""The subject of `ResumeRq`: the switch that RQ has for all its queues."""


class ResumeProvider(RemedyTemplate[None]):
    """What waited for the provider is submitted again."""

    kind = RemedyKind.RESUME_PROVIDER

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """The reason of the pause is repeated, since it must be gone."""
        row = session.get(ProviderState, offer.subject_id, populate_existing=True)
        if row is None:
            raise NotFoundError(what="provider", id=offer.subject_id)
        label = provider_label(row.provider)
        paused_at = row.paused_at.isoformat() if row.paused_at else None
        return DryRun(
            offer,
            f"{label} is called again. It was paused because: {row.paused_reason or 'unknown'}",
            {"paused_at": paused_at},
            problem=None if paused_at else f"{label} is not paused any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The provider's row."""
        query = select(ProviderState.provider).where(ProviderState.provider == offer.subject_id)
        session.execute(query.with_for_update())

    def do(self, session: Session, order: Order, known: None) -> Done:
        """End the pause, and a wait after a 429 with it."""
        resume(session, order.subject_id)
        return Done("It is called again.", {"paused_at": None})


class ResumeQueue(RemedyTemplate[None]):
    """The dispatcher rings this queue again."""

    kind = RemedyKind.RESUME_QUEUE

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """Our own pause; RQ's is another."""
        if offer.subject_id not in set(QueueName):
            raise NotFoundError(what="queue", id=offer.subject_id)
        row = session.get(QueueState, QueueName(offer.subject_id), populate_existing=True)
        paused_at = row.paused_at.isoformat() if row and row.paused_at else None
        by = row.paused_by if row and row.paused_by else "somebody"
        return DryRun(
            offer,
            f"The queue {offer.subject_id} is rung again; {by} paused it.",
            {"paused_at": paused_at},
            problem=None if paused_at else "This queue is not paused any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The queue's row."""
        query = select(QueueState.queue).where(QueueState.queue == QueueName(offer.subject_id))
        session.execute(query.with_for_update())

    def do(self, session: Session, order: Order, known: None) -> Done:
        """End the pause."""
        session.execute(
            update(QueueState)
            .where(QueueState.queue == QueueName(order.subject_id))
            .values(paused_at=None, paused_by=None)
        )
        return Done("It is rung again.", {"paused_at": None})


class ResumeRq(RemedyTemplate[bool]):
    """RQ's own suspension ends: workers take jobs again."""

    kind = RemedyKind.RESUME_RQ

    def ask(self, offer: RemedyOffer) -> bool:
        """Whether RQ is suspended; raises QueueUnavailableError."""
        if offer.subject_id != RQ:
            raise NotFoundError(what="queue server", id=offer.subject_id)
        return self.tools.queue.is_suspended()

    def plan(self, session: Session, offer: RemedyOffer, known: bool) -> DryRun:
        """One switch for all queues."""
        return DryRun(
            offer,
            "RQ's suspension ends: the workers take jobs from all queues again.",
            {"is_suspended": known},
            problem=None if known else "RQ is not suspended any more.",
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Nothing: the switch is in Redis, and turning it twice is harmless."""

    def do(self, session: Session, order: Order, known: bool) -> Done:
        """The audit row alone."""
        return Done("The workers take jobs again.", {"is_suspended": False})

    def afterwards(self, order: Order, known: bool) -> str:
        """Turn the switch; raises QueueUnavailableError."""
        self.tools.queue.resume_all()
        return ""
