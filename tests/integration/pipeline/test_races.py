"""Two at once about the same slot: one outcome, whoever was first."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from services.core.errors import LeaseLostError
from services.core.states import EntryKind, RunState, SlotState, Tier
from services.database.engine import Database
from services.database.models import LedgerEntry, Slot
from services.pipeline.leases import Step
from services.pipeline.steps.ingest import ingest
from services.pipeline.transitions import fail_run
from tests.integration.pipeline.lifecycle_world import World

RACES = 100


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    yield World(database, Tier.PRO, 30 * RACES, 0)


def at_once(*doings: Callable[[], object]) -> None:
    """Let all of them begin at the same moment; each may find that it came too late."""
    start = Barrier(len(doings))

    def run(doing: Callable[[], object]) -> None:
        start.wait(10)
        try:
            doing()
        except LeaseLostError:
            return

    with ThreadPoolExecutor(len(doings)) as pool:
        for done in [pool.submit(run, doing) for doing in doings]:
            done.result(30)


def ready_to_ingest(world: World) -> tuple[str, Step]:
    """A slot whose picture is finished at the provider and not fetched yet."""
    generation = world.start(1, 0)
    assert generation
    (run,) = world.runs(RunState.QUEUED)
    world.do(run)
    (prediction,) = world.provider.running()
    world.provider.end(prediction, "picture")
    (run,) = world.runs(RunState.WAITING)
    world.do(run)
    (run,) = world.runs(RunState.INGESTING)
    return generation, Step(run.id, run.seq)


def outcome(world: World, generation: str) -> tuple[SlotState, int]:
    """The slot's state, and how often it was refunded."""
    with world.database.transaction() as session:
        state = session.scalars(select(Slot.state).where(Slot.generation_id == generation)).one()
        refunds = session.scalars(
            select(func.count())
            .select_from(LedgerEntry)
            .where(LedgerEntry.generation_id == generation, LedgerEntry.kind == EntryKind.REFUND)
        ).one()
    return state, refunds


def test_a_refund_against_a_late_success_has_one_outcome(world: World) -> None:
    seen = set()
    for _ in range(RACES):
        generation, step = ready_to_ingest(world)

        def give_up(step: Step = step) -> None:
            with world.database.transaction() as session:
                fail_run(session, step, "timed_out", "It was not ready when its time was up.")

        def succeed(step: Step = step) -> None:
            ingest(world.context, step, "late")

        at_once(give_up, succeed)
        found = outcome(world, generation)
        assert found in ((SlotState.FILLED, 0), (SlotState.FAILED, 1))
        seen.add(found[0])
    assert world.violations() == []
    assert seen, "no race was run"


def test_two_deliveries_of_one_job_fill_a_slot_once(world: World) -> None:
    for _ in range(20):
        generation, step = ready_to_ingest(world)
        twin = partial(ingest, world.context, step, "twin")
        at_once(twin, twin)
        assert outcome(world, generation) == (SlotState.FILLED, 0)
    assert world.violations() == []


def test_two_clicks_on_retry_charge_once(world: World) -> None:
    for _ in range(20):
        generation, step = ready_to_ingest(world)
        with world.database.transaction() as session:
            fail_run(session, step, "unknown", "no")
        at_once(partial(world.retry, generation), partial(world.retry, generation))
        with world.database.transaction() as session:
            charges = session.scalars(
                select(func.count())
                .select_from(LedgerEntry)
                .where(
                    LedgerEntry.generation_id == generation, LedgerEntry.kind == EntryKind.CHARGE
                )
            ).one()
        assert charges == 2
        assert world.violations() == []
        world.settle()


def test_canceling_while_a_step_runs_has_one_outcome(world: World) -> None:
    for _ in range(30):
        generation = world.start(1, 0)
        assert generation
        (run,) = world.runs(RunState.QUEUED)
        at_once(partial(world.do, run), partial(world.cancel, generation))
        world.settle()
        assert outcome(world, generation) in ((SlotState.FILLED, 0), (SlotState.CANCELED, 1))
        assert world.violations() == []
