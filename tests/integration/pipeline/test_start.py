"""A start charges and writes everything or nothing, once for each form that was sent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import func, select

from services.container import build_dispatcher, build_services
from services.core.actors import Actor
from services.core.errors import (
    IdempotencyConflictError,
    InsufficientCreditsError,
    InvalidRequestError,
    NotAllowedError,
)
from services.core.states import EntryKind, Role, RunState, SlotState
from services.database.models import (
    Account,
    Base,
    Event,
    Generation,
    LedgerEntry,
    Mascot,
    Run,
    RunSlot,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.providers.registry import token_fingerprints
from services.recipes.base import Started
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup

WRITTEN: tuple[type[Base], ...] = (Generation, Mascot, Slot, Run, RunSlot, LedgerEntry, Event)
THREADS = 8


def counts(studio: PipelineSetup) -> dict[str, int]:
    """How many rows there are of all that a start writes, and the balance."""
    with studio.services.database.transaction() as session:
        rows = {
            table.__name__: session.scalars(select(func.count()).select_from(table)).one()
            for table in WRITTEN
        }
        balance = session.get_one(Account, DEFAULT_ACCOUNT_ID).balance
    return rows | {"balance": balance}


def leave(studio: PipelineSetup, balance: int) -> None:
    """Take all but so many credits from the account."""
    amount = balance - counts(studio)["balance"]
    with studio.services.database.transaction() as session:
        session.add(
            LedgerEntry(
                id=new_id("led"),
                account_id=DEFAULT_ACCOUNT_ID,
                kind=EntryKind.GRANT,
                amount=amount,
                idempotency_key="taken",
                actor="test",
                reason="test",
            )
        )


def test_a_start_charges_once_and_queues_what_needs_nothing_else(
    fast_studio: PipelineSetup,
) -> None:
    before = counts(fast_studio)
    started = fast_studio.start_mascots(variations=2)
    after = counts(fast_studio)
    assert started.is_new and started.is_queue_available
    assert after["balance"] == before["balance"] - 60
    assert (after["Slot"], after["Mascot"], after["Run"], after["RunSlot"]) == (6, 2, 2, 2)
    with fast_studio.services.database.transaction() as session:
        states = session.scalars(select(Slot.state).order_by(Slot.position)).all()
        charged = session.scalars(
            select(LedgerEntry.amount).where(LedgerEntry.generation_id == started.generation_id)
        ).all()
    assert states == [SlotState.PENDING, SlotState.BLOCKED, SlotState.BLOCKED] * 2
    assert charged == [-60]
    fast_studio.assert_sound(started.generation_id)


def test_an_error_at_the_end_of_a_start_leaves_nothing_behind(
    fast_studio: PipelineSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(fast_studio)

    def fail(*_: Any) -> None:
        raise RuntimeError("the last statement failed")

    monkeypatch.setattr("services.pipeline.start.add_runs", fail)
    with pytest.raises(RuntimeError):
        fast_studio.start_mascots()
    assert counts(fast_studio) == before


def test_a_balance_that_is_one_credit_short_starts_nothing(fast_studio: PipelineSetup) -> None:
    leave(fast_studio, 29)
    before = counts(fast_studio)
    with pytest.raises(InsufficientCreditsError) as caught:
        fast_studio.start_mascots()
    assert (caught.value.price, caught.value.balance) == (30, 29)
    assert counts(fast_studio) == before


def test_the_last_credit_can_be_spent(fast_studio: PipelineSetup) -> None:
    leave(fast_studio, 30)
    fast_studio.start_mascots()
    assert counts(fast_studio)["balance"] == 0


def test_the_same_form_sent_twice_starts_once(fast_studio: PipelineSetup) -> None:
    first = fast_studio.start_mascots(key="form")
    before = counts(fast_studio)
    second = fast_studio.start_mascots(key="form")
    assert (first.is_new, second.is_new) == (True, False)
    assert first.generation_id == second.generation_id
    assert counts(fast_studio) == before


def test_the_same_form_sent_by_eight_threads_at_once_starts_once(
    fast_studio: PipelineSetup,
) -> None:
    before = counts(fast_studio)
    ready = threading.Barrier(THREADS)

    def send(_: int) -> Started:
        ready.wait()
        return fast_studio.start_mascots(key="form")

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(send, range(THREADS)))
    assert len({answer.generation_id for answer in answers}) == 1
    assert sum(answer.is_new for answer in answers) == 1
    after = counts(fast_studio)
    assert (after["Generation"], after["balance"]) == (1, before["balance"] - 30)


def test_the_same_form_with_another_request_is_a_conflict(fast_studio: PipelineSetup) -> None:
    fast_studio.start_mascots(key="form", variations=1)
    before = counts(fast_studio)
    with pytest.raises(IdempotencyConflictError):
        fast_studio.start_mascots(key="form", variations=2)
    with pytest.raises(IdempotencyConflictError):
        fast_studio.start_poses(finished_mascot(fast_studio.services), key="form")
    after = counts(fast_studio)
    assert after["Run"] == before["Run"]


def test_without_redis_a_start_is_stored_and_enqueued_when_redis_is_back(
    fast_studio: PipelineSetup, redis: Redis
) -> None:
    settings = fast_studio.services.settings
    nowhere = SecretStr("unix:///nonexistent/redis.socket")
    services = build_services(settings.model_copy(update={"redis_address": nowhere}))
    request = MascotsRequest(DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), 1)
    started = services.mascots.start(fast_studio.actor, request, "form")
    services.database.close()
    assert started.is_new and not started.is_queue_available
    dispatcher, database = build_dispatcher(settings)
    dispatcher.register(token_fingerprints(settings))
    assert dispatcher.tick().enqueued == 1
    with database.transaction() as session:
        run = session.scalars(select(Run)).one()
        assert run.state is RunState.QUEUED and run.enqueued_at
        jobs = redis.lrange("rq:queue:high", 0, -1)
        assert jobs == [f"{run.id}-{run.seq}".encode()]
    database.close()


def test_a_dispatcher_without_redis_marks_nothing_as_rung(fast_studio: PipelineSetup) -> None:
    settings = fast_studio.services.settings
    nowhere = SecretStr("unix:///nonexistent/redis.socket")
    fast_studio.start_mascots()
    dispatcher, database = build_dispatcher(settings.model_copy(update={"redis_address": nowhere}))
    dispatcher.register(token_fingerprints(settings))
    tick = dispatcher.tick()
    assert (tick.enqueued, tick.is_queue_up) == (0, False)
    with database.transaction() as session:
        assert session.scalars(select(Run.enqueued_at)).all() == [None]
    database.close()


def test_a_viewer_starts_nothing(fast_studio: PipelineSetup) -> None:
    viewer = Actor(fast_studio.actor.id, "Guest", Role.VIEWER)
    before = counts(fast_studio)
    request = MascotsRequest(DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), 1)
    with pytest.raises(NotAllowedError):
        fast_studio.services.mascots.start(viewer, request, "form")
    assert fast_studio.services.mascots.quote(viewer, request).problems == ()
    assert counts(fast_studio) == before


def test_a_deleted_reference_is_refused_before_any_charge(fast_studio: PipelineSetup) -> None:
    reference = fast_studio.upload()
    fast_studio.services.references.delete_many(fast_studio.actor, [reference])
    before = counts(fast_studio)
    with pytest.raises(InvalidRequestError, match="was deleted"):
        fast_studio.start_mascots(references=(reference,))
    assert counts(fast_studio) == before


def test_a_mascot_without_a_picture_cannot_pose(fast_studio: PipelineSetup) -> None:
    fast_studio.start_mascots()
    with fast_studio.services.database.transaction() as session:
        mascot = session.scalars(select(Mascot.id)).one()
    before = counts(fast_studio)
    request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot, "waving", 1)
    for unfinished in (request, PosesRequest(DEFAULT_ACCOUNT_ID, "mas_nobody", "waving", 1)):
        with pytest.raises(InvalidRequestError, match="no picture yet"):
            fast_studio.services.poses.start(fast_studio.actor, unfinished, "form")
    assert counts(fast_studio) == before
