"""ResumeProvider, ResumeQueue and ResumeRq end a pause."""

from datetime import timedelta

import pytest
from redis import Redis
from rq.suspension import is_suspended, suspend
from sqlalchemy import func, update

from services.core.errors import NotFoundError
from services.core.states import QueueName
from services.database.models import ProviderState, QueueState
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup


def test_paused_provider_is_resumed(setup: RemedySetup) -> None:
    setup.write(
        update(ProviderState)
        .where(ProviderState.provider == "replicate")
        .values(paused_at=func.clock_timestamp(), paused_reason="Out of credit")
    )
    assert "Out of credit" in setup.dry_run("resume_provider", "replicate").sentence
    setup.apply_once("resume_provider", "replicate")
    assert setup.by_hand.provider().paused_at is None
    with pytest.raises(NotFoundError):
        setup.dry_run("resume_provider", "nobody")


def test_a_provider_that_asked_for_hours_is_called_again(setup: RemedySetup) -> None:
    setup.write(
        update(ProviderState)
        .where(ProviderState.provider == "replicate")
        .values(blocked_until=func.clock_timestamp() + timedelta(hours=9))
    )
    assert "asked us to wait until" in setup.dry_run("resume_provider", "replicate").sentence
    setup.apply_once("resume_provider", "replicate")
    assert setup.by_hand.provider().blocked_until is None


def test_paused_queue_is_resumed(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    paused = QueueState(queue=QueueName.HIGH, paused_at=func.clock_timestamp(), paused_by="Ana")
    with by_hand.context.database.transaction() as session:
        session.add(paused)
    setup.pose()
    assert by_hand.tick() == []
    assert "Ana paused it" in setup.dry_run("resume_queue", "high").sentence
    setup.apply_once("resume_queue", "high")
    assert len(by_hand.tick()) == 1
    assert setup.dry_run("resume_queue", "low").problem is not None
    with pytest.raises(NotFoundError):
        setup.dry_run("resume_queue", "other")


def test_suspended_rq_is_resumed(setup: RemedySetup, redis: Redis) -> None:
    suspend(redis)
    setup.apply_once("resume_rq", "rq")
    assert not is_suspended(redis)
    assert setup.dry_run("resume_rq", "rq").problem == "RQ is not suspended any more."
