"""Resuming: a provider, a queue, RQ's own switch."""

import pytest
from redis import Redis
from rq.suspension import is_suspended, suspend
from sqlalchemy import func, update

from services.core.errors import NotFoundError
from services.core.states import QueueName
from services.database.models import ProviderState, QueueState
from services.remedies.base import RemedyKind
from tests.integration.diagnosis.remedies.surgery import Surgery


def test_a_paused_provider_is_called_again(surgery: Surgery) -> None:
    surgery.write(
        update(ProviderState)
        .where(ProviderState.provider == "replicate")
        .values(paused_at=func.clock_timestamp(), paused_reason="Out of credit")
    )
    assert "Out of credit" in surgery.look(RemedyKind.RESUME_PROVIDER, "replicate").sentence
    surgery.order(RemedyKind.RESUME_PROVIDER, "replicate")
    assert surgery.by_hand.provider().paused_at is None
    with pytest.raises(NotFoundError):
        surgery.look(RemedyKind.RESUME_PROVIDER, "nobody")


def test_a_paused_queue_is_rung_again(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    paused = QueueState(queue=QueueName.HIGH, paused_at=func.clock_timestamp(), paused_by="Ana")
    with by_hand.parts.database.transaction() as session:
        session.add(paused)
    surgery.pose()
    assert by_hand.tick() == []
    assert "Ana paused it" in surgery.look(RemedyKind.RESUME_QUEUE, "high").sentence
    surgery.order(RemedyKind.RESUME_QUEUE, "high")
    assert len(by_hand.tick()) == 1
    assert surgery.look(RemedyKind.RESUME_QUEUE, "low").problem is not None
    with pytest.raises(NotFoundError):
        surgery.look(RemedyKind.RESUME_QUEUE, "other")


def test_a_suspended_rq_takes_jobs_again(surgery: Surgery, redis: Redis) -> None:
    suspend(redis)
    surgery.order(RemedyKind.RESUME_RQ, "rq")
    assert not is_suspended(redis)
    assert surgery.look(RemedyKind.RESUME_RQ, "rq").problem == "RQ is not suspended any more."
