"""Who may write to a run: only the newest fence; what killed its workers too often ends."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func
from sqlalchemy.orm import Session

from services.core.errors import LeaseLostError
from services.core.states import AttemptState, GenerationState, RunState
from services.database.models import Run
from services.pipeline import checkpoints
from services.pipeline.leases import LeaseRenewer, Step, reschedule
from services.providers.base import FailureClass
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from workers import steps

ENDS_AFTER = 7


@pytest.fixture
def pose(by_hand: ManualPipeline) -> str:
    """A started pose; its generation's id."""
    return by_hand.studio.start_poses(finished_mascot(by_hand.studio.services)).generation_id


class Zombie:
    """A step that stops at a checkpoint, loses its lease there, and wakes up again."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, place: str, step: Callable[[], None]
    ) -> None:
        self._place = place
        self._asleep, self._woken = threading.Event(), threading.Event()
        self.error: Exception | None = None
        monkeypatch.setattr(checkpoints, "_listeners", [self._fall_asleep])
        self._thread = threading.Thread(target=self._work, args=(step,))
        self._thread.start()
        assert self._asleep.wait(10)

    def wake(self) -> None:
        """Let it go on to its end."""
        self._woken.set()
        self._thread.join(10)

    def _fall_asleep(self, name: str) -> None:
        if name == self._place and threading.current_thread() is self._thread:
            self._asleep.set()
            self._woken.wait(20)

    def _work(self, step: Callable[[], None]) -> None:
        try:
            step()
        except LeaseLostError as error:
            self.error = error


def only_run(_: Session, run: Run) -> Run:
    """Read nothing but the run that was claimed."""
    return run


def zombie_at(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch, generation: str, place: str
) -> Zombie:
    """Advance until the step with this checkpoint is due, and let it fall asleep there."""
    requested = place.split(".")[0]
    while True:
        by_hand.hurry()
        for job in by_hand.tick():
            if job.step == requested:
                zombie = Zombie(monkeypatch, place, partial(by_hand.do, job))
                by_hand.end_lease(by_hand.run(generation).id)
                return zombie
            by_hand.do(job)


@pytest.mark.parametrize(
    "place",
    ["submit.claimed", "submit.prepared", "submit.created", "poll.asked", "ingest.stored"],
)
def test_a_worker_that_wakes_up_too_late_changes_nothing(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch, pose: str, place: str
) -> None:
    zombie = zombie_at(by_hand, monkeypatch, pose, place)
    before = by_hand.run(pose)
    assert by_hand.finish(pose) is GenerationState.SUCCEEDED
    assert by_hand.run(pose).seq > before.seq
    zombie.wake()
    assert isinstance(zombie.error, LeaseLostError)
    assert by_hand.studio.state(pose) is GenerationState.SUCCEEDED
    by_hand.studio.assert_sound(pose)
    assert by_hand.studio.creates() == 1


@pytest.mark.parametrize(
    "place", ["submit.prepared", "submit.created", "poll.asked", "ingest.stored"]
)
def test_a_worker_that_lost_its_run_cannot_go_on_even_when_nobody_has_taken_it_yet(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch, pose: str, place: str
) -> None:
    zombie = zombie_at(by_hand, monkeypatch, pose, place)
    assert by_hand.dispatcher.tick().recovered == 1
    recovered = by_hand.run(pose)
    zombie.wake()
    assert isinstance(zombie.error, LeaseLostError)
    after = by_hand.run(pose)
    assert (after.state, after.seq) == (recovered.state, recovered.seq)
    assert by_hand.finish(pose) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 1


def test_a_lease_that_is_over_is_rescued_once_under_a_new_fence(
    by_hand: ManualPipeline, pose: str
) -> None:
    (job,) = by_hand.tick()
    step = Step(job.run_id, job.seq)
    with by_hand.context.claimed(step, RunState.QUEUED, "dies", only_run) as claimed:
        assert claimed is not None
        with by_hand.context.claimed(step, RunState.QUEUED, "too late", only_run) as second:
            assert second is None
        by_hand.end_lease(job.run_id)
        assert by_hand.dispatcher.tick().recovered == 1
        assert by_hand.dispatcher.tick().recovered == 0
        with pytest.raises(LeaseLostError), by_hand.context.database.transaction() as session:
            reschedule(session, step, 0.0)
    assert by_hand.run(pose).seq == job.seq + 1
    assert by_hand.events(pose).count("run.recovered") == 1


def test_a_renewed_lease_is_not_rescued_until_its_step_hangs(
    by_hand: ManualPipeline, pose: str
) -> None:
    (job,) = by_hand.tick()
    step = Step(job.run_id, job.seq)
    renewer = LeaseRenewer(by_hand.context.database, lease_seconds=30.0, step_limit_seconds=240.0)
    with by_hand.context.claimed(step, RunState.QUEUED, "busy", only_run):
        renewer.hold(step, now=0.0)
        by_hand.end_lease(job.run_id)
        assert renewer.renew(now=239.0) == 1
        assert by_hand.dispatcher.tick().recovered == 0
        by_hand.end_lease(job.run_id)
        assert renewer.renew(now=241.0) == 0
        assert by_hand.dispatcher.tick().recovered == 1
        assert renewer.renew(now=200.0) == 0
    assert by_hand.run(pose).lease_until is None


def kill_every_worker(by_hand: ManualPipeline, generation: str, state: RunState) -> int:
    """Claim and die, again and again, until the run is not given out any more."""
    deaths = 0
    while by_hand.run(generation).state is state:
        by_hand.hurry()
        for job in by_hand.tick():
            with by_hand.context.claimed(
                Step(job.run_id, job.seq), state, "dies", only_run
            ) as claimed:
                assert claimed is not None
            by_hand.end_lease(job.run_id)
            deaths += 1
        assert deaths <= ENDS_AFTER
    return deaths


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.WAITING, RunState.INGESTING])
def test_a_run_that_kills_every_worker_ends_and_is_refunded(
    by_hand: ManualPipeline, pose: str, state: RunState
) -> None:
    held = by_hand.balance()
    by_hand.until_run(pose, state)
    assert kill_every_worker(by_hand, pose, state) == ENDS_AFTER
    assert by_hand.run(pose).state is RunState.FAILED
    assert by_hand.run(pose).failure == FailureClass.UNKNOWN
    assert by_hand.balance() == held + 30
    by_hand.studio.assert_sound(pose)


def test_an_unknown_submit_that_kills_every_worker_is_left_to_a_person(
    by_hand: ManualPipeline, pose: str
) -> None:
    by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    by_hand.until_run(pose, RunState.SUBMITTING)
    assert kill_every_worker(by_hand, pose, RunState.SUBMITTING) == ENDS_AFTER
    assert by_hand.studio.state(pose) is GenerationState.NEEDS_REVIEW
    by_hand.studio.assert_sound(pose)
    assert by_hand.attempts(pose)[0].state is AttemptState.UNKNOWN


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.WAITING])
def test_an_internal_error_is_retried_and_ends_the_run_when_it_persists(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch, pose: str, state: RunState
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    by_hand.until_run(pose, state)
    steps.install(by_hand.context, "test")
    monkeypatch.setattr("services.pipeline.step_context.LeaseRenewer.hold", fail)
    crashes = 0
    while by_hand.run(pose).state is state:
        by_hand.hurry()
        for job in by_hand.tick():
            with pytest.raises(RuntimeError):
                getattr(steps, job.step)(job.run_id, job.seq)
            crashes += 1
    assert crashes == ENDS_AFTER
    assert by_hand.run(pose).state is RunState.FAILED
    assert "An error of ours (reference " in (by_hand.run(pose).failure_detail or "")
    by_hand.studio.assert_sound(pose)


def test_a_job_of_an_old_step_does_nothing(by_hand: ManualPipeline, pose: str) -> None:
    (job,) = by_hand.tick()
    by_hand.change_run(job.run_id, seq=job.seq + 1, enqueued_at=None, due_at=func.clock_timestamp())
    by_hand.do(job)
    assert by_hand.run(pose).state is RunState.QUEUED
    assert by_hand.attempts(pose) == []
