"""Pausing: who may, what the trail records, and that nothing ends a person's pause."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Kind, QueueName, RunState
from services.database.engine import Database
from services.database.models import Audit, ProviderState
from services.jobs.jobs import Jobs
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.failures import pause_provider
from services.pipeline.rate_limits import register_tokens
from services.providers.base import FailureClass, ProviderError
from tests.integration.jobs.conftest import ADMIN, OPERATOR, VIEWER
from tests.integration.jobs.planted import add_run
from tests.integration.pipeline.manual_pipeline import RecordingQueue


def provider_row(database: Database) -> ProviderState:
    with database.transaction() as session:
        return session.get_one(ProviderState, "replicate")


@pytest.fixture
def registered(database: Database) -> None:
    with database.transaction() as session:
        register_tokens(session, {"replicate": "one"})


def test_a_queue_is_paused_with_a_trail(jobs: Jobs, database: Database) -> None:
    jobs.pause_queue(OPERATOR, QueueName.LOW, "  night\nshift ")
    low = jobs.board(OPERATOR).queues[-1]
    assert (low.name, low.paused_by, low.paused_reason) == (QueueName.LOW, "Olga", "night shift")
    assert low.paused_at is not None
    with pytest.raises(InvalidRequestError, match="already paused"):
        jobs.pause_queue(ADMIN, QueueName.LOW, "again")
    with database.transaction() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.actor, row.action, row.subject_id, row.reason) for row in rows] == [
        ("olga", "queue.pause", "low", "night shift"),
    ]


@pytest.mark.usefixtures("registered")
def test_a_provider_is_paused_with_a_trail(jobs: Jobs, database: Database) -> None:
    jobs.pause_provider(ADMIN, "replicate", "too slow")
    row = provider_row(database)
    assert (row.paused_reason, row.paused_failure) == ("Paused by Ada: too slow", None)
    (gate,) = jobs.board(OPERATOR).providers
    assert gate.paused_at and gate.paused_reason == "Paused by Ada: too slow"
    with pytest.raises(InvalidRequestError, match="already paused"):
        jobs.pause_provider(ADMIN, "replicate", "again")
    with pytest.raises(NotFoundError):
        jobs.pause_provider(ADMIN, "nobody", "why not")
    with database.transaction() as session:
        actions = session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert actions == ["provider.pause"]


Change = Callable[[Jobs, Actor, str], None]
QUEUE_CHANGES: tuple[Change, ...] = (
    lambda jobs, actor, reason: jobs.pause_queue(actor, QueueName.HIGH, reason),
)
PROVIDER_CHANGES: tuple[Change, ...] = (
    lambda jobs, actor, reason: jobs.pause_provider(actor, "replicate", reason),
)


def test_roles_and_reasons_are_asked_for(jobs: Jobs, database: Database) -> None:
    for actor, changes in ((VIEWER, QUEUE_CHANGES), (OPERATOR, PROVIDER_CHANGES)):
        for change in changes:
            with pytest.raises(NotAllowedError):
                change(jobs, actor, "because")
    for change in (*QUEUE_CHANGES, *PROVIDER_CHANGES):
        with pytest.raises(InvalidRequestError, match="Give a reason"):
            change(jobs, ADMIN, " ")
    with database.transaction() as session:
        assert session.scalars(select(Audit)).all() == []


@pytest.mark.usefixtures("registered")
def test_nothing_but_a_person_ends_a_person_s_pause(jobs: Jobs, database: Database) -> None:
    jobs.pause_provider(ADMIN, "replicate", "too slow")
    refused = ProviderError(FailureClass.CONFIGURATION, "401", pauses_provider=True)
    with database.transaction() as session:
        # A submit that was on its way meanwhile is refused; then another token is set.
        pause_provider(session, add_run(session), refused)
        register_tokens(session, {"replicate": "two"})
    row = provider_row(database)
    assert row.paused_at and row.paused_reason == "Paused by Ada: too slow"
    assert row.paused_failure is None and row.token_fingerprint == "two"


@pytest.mark.usefixtures("registered")
def test_a_failure_s_pause_ends_with_another_token(database: Database) -> None:
    refused = ProviderError(FailureClass.CONFIGURATION, "401", pauses_provider=True)
    with database.transaction() as session:
        pause_provider(session, add_run(session), refused)
    assert provider_row(database).paused_failure == "configuration"
    with database.transaction() as session:
        register_tokens(session, {"replicate": "two"})
    row = provider_row(database)
    assert (row.paused_at, row.paused_reason, row.paused_failure) == (None, None, None)


@pytest.mark.usefixtures("registered")
def test_runs_of_a_paused_queue_delay_no_others(jobs: Jobs, database: Database) -> None:
    rules = DispatchRules(rates={"replicate": None}, min_jobs=2)
    with database.transaction() as session:
        for _ in range(3):
            add_run(session, RunState.INGESTING, kind=Kind.TRAINING, made=60)
        looked_at = add_run(session, RunState.WAITING)
    jobs.pause_queue(OPERATOR, QueueName.LOW, "the disk is full")
    queue = RecordingQueue()
    Dispatcher(database, queue, rules).tick()
    assert [step.run_id for step in queue.jobs] == [looked_at.id]


@pytest.mark.usefixtures("registered")
def test_a_pause_of_the_high_queue_delays_polls_but_not_weights(
    jobs: Jobs, database: Database
) -> None:
    rules = DispatchRules(rates={"replicate": None})
    with database.transaction() as session:
        weights = add_run(session, RunState.INGESTING, kind=Kind.TRAINING)
        add_run(session, RunState.WAITING)
        free = add_run(session, priority=0)
        add_run(session)
    jobs.pause_queue(OPERATOR, QueueName.HIGH, "a test")
    queue = RecordingQueue()
    Dispatcher(database, queue, rules).tick()
    assert {step.run_id for step in queue.jobs} == {weights.id, free.id}
