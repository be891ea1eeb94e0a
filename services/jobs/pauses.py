"""Pausing and resuming queues and providers; each change has a reason and an audit row."""

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import QueueName, Role
from services.database.models import ProviderState, QueueState
from services.jobs.part import Part
from services.pipeline import rate_limits


def pause_queue(session: Session, queue: QueueName, by: str) -> bool:
    """Ring nothing more into this queue; False when it is paused already."""
    paused = {"paused_at": func.clock_timestamp(), "paused_by": by}
    changed = session.execute(
        insert(QueueState)
        .values(queue=queue, **paused)
        .on_conflict_do_update(
            index_elements=[QueueState.queue], set_=paused, where=QueueState.paused_at.is_(None)
        )
        .returning(QueueState.queue)
    )
    return changed.one_or_none() is not None


def resume_queue(session: Session, queue: QueueName) -> bool:
    """End a queue's pause; False when there was none."""
    changed = session.execute(
        update(QueueState)
        .where(QueueState.queue == queue, QueueState.paused_at.is_not(None))
        .values(paused_at=None, paused_by=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


class Pauses(Part):
    """Each method raises InvalidRequestError without a reason, or when nothing would change."""

    def pause_queue(self, actor: Actor, queue: QueueName, reason: str) -> None:
        """Hold what is not rung yet; what is rung is finished."""
        require(actor, Role.OPERATOR)
        told = reason_of(reason)
        with self._database.transaction() as session:
            if not pause_queue(session, queue, actor.name):
                raise InvalidRequestError(problem=f"The queue {queue.value} is paused already.")
            record_change(session, actor, "queue.pause", queue.value, told)

    def resume_queue(self, actor: Actor, queue: QueueName, reason: str) -> None:
        """Ring again what waited."""
        require(actor, Role.OPERATOR)
        told = reason_of(reason)
        with self._database.transaction() as session:
            if not resume_queue(session, queue):
                raise InvalidRequestError(
                    problem=f"The queue {queue.value} is not paused any more."
                )
            record_change(session, actor, "queue.resume", queue.value, told)

    def pause_provider(self, actor: Actor, provider: str, reason: str) -> None:
        """Submit nothing more to it until a person resumes it; raises NotFoundError."""
        require(actor, Role.ADMIN)
        told = reason_of(reason)
        with self._database.transaction() as session:
            if session.get(ProviderState, provider) is None:
                raise NotFoundError(what="provider", id=provider)
            if not rate_limits.pause(session, provider, f"Paused by {actor.name}: {told}"):
                raise InvalidRequestError(problem="This provider is paused already.")
            record_change(session, actor, "provider.pause", provider, told)

    def resume_provider(self, actor: Actor, provider: str, reason: str) -> None:
        """Submit to it again, whatever had paused it."""
        require(actor, Role.ADMIN)
        told = reason_of(reason)
        with self._database.transaction() as session:
            if not rate_limits.resume(session, provider):
                raise InvalidRequestError(problem="This provider is not paused any more.")
            record_change(session, actor, "provider.resume", provider, told)
