"""Estimates of runs and batches: what runs, what waits in line, what waits for another picture."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.core.states import RunState
from services.database.models import Run
from services.monitoring.generations import seconds_left
from services.monitoring.run_status import (
    ALMOST_DONE,
    Estimate,
    Gates,
    RunGroup,
    estimate,
    status_words,
)
from services.monitoring.slots import SlotStatus, SlotSummary
from services.providers.durations import Capacity

NOW = datetime(2026, 5, 4, tzinfo=UTC)
REPLICATE, GEMINI = ("replicate", "a/model"), ("gemini", "flash")
DURATIONS = {REPLICATE: 40.0, GEMINI: 10.0}
CAPACITY = Capacity(threads=5, rates={"replicate": 2.0, "gemini": None})


def slots(
    status: SlotStatus,
    count: int = 1,
    model: tuple[str, str] = REPLICATE,
    left: float | None = None,
) -> list[SlotSummary]:
    made = SimpleNamespace(status=status, provider=model[0], model=model[1], seconds_left=left)
    return [cast(SlotSummary, made)] * count


def left(*given: list[SlotSummary], ahead: dict[str, int] | None = None) -> float | None:
    flat = [slot for some in given for slot in some]
    return seconds_left(flat, ahead or {}, DURATIONS, CAPACITY)


def test_what_runs_last_ends_the_batch() -> None:
    running = slots(SlotStatus.RUNNING, left=12.0) + slots(SlotStatus.RUNNING, left=30.0)
    assert left(slots(SlotStatus.DONE, 3), running) == 30.0


def test_queued_pictures_take_their_turn_at_the_provider_s_rate() -> None:
    running = slots(SlotStatus.RUNNING, left=12.0)
    assert left(running, slots(SlotStatus.QUEUED, 10)) == 10 / 2.0 + 40.0
    ahead = {"replicate": 30, "gemini": 99}
    assert left(running, slots(SlotStatus.QUEUED, 10), ahead=ahead) == 40 / 2.0 + 40.0


def test_pictures_that_hold_a_thread_go_in_turns_after_what_runs() -> None:
    queued = slots(SlotStatus.QUEUED, 7, GEMINI)
    assert left(queued) == 2 * 10.0
    assert left(slots(SlotStatus.RUNNING, 5, GEMINI, 8.0), queued) == 8.0 + 2 * 10.0
    assert left(queued, ahead={"gemini": 8}) == 3 * 10.0


def test_what_waits_for_another_picture_comes_after_it() -> None:
    running = slots(SlotStatus.RUNNING, 3, GEMINI, 6.0)
    assert left(running, slots(SlotStatus.BLOCKED, 6, GEMINI)) == 6.0 + 2 * 10.0
    queued = slots(SlotStatus.QUEUED, 3, GEMINI)
    assert left(queued, slots(SlotStatus.BLOCKED, 5, GEMINI)) == 10.0 + 10.0


@pytest.mark.parametrize(
    "unknown",
    [
        slots(SlotStatus.RUNNING, left=None),
        slots(SlotStatus.QUEUED, model=("replicate", "a/new-model")),
        slots(SlotStatus.BLOCKED, model=("replicate", "a/new-model")),
    ],
)
def test_nothing_is_claimed_of_a_model_that_nobody_knows(unknown: list[SlotSummary]) -> None:
    assert left(slots(SlotStatus.RUNNING, left=12.0), unknown) is None


def test_settled_batch_has_no_time_left() -> None:
    assert left(slots(SlotStatus.DONE, 3), slots(SlotStatus.FAILED)) is None


def run(**values: Any) -> Run:
    return Run(
        **{
            "state": RunState.WAITING,
            "provider": "replicate",
            "created_at": NOW - timedelta(seconds=60),
            "accepted_at": NOW - timedelta(seconds=20),
            **values,
        }
    )


def words(of_run: Run, usual_seconds: float | None) -> str:
    return status_words(of_run, RunGroup.ACTIVE, Gates(NOW), usual_seconds=usual_seconds)


def test_run_at_its_provider_is_estimated_by_its_usual_duration() -> None:
    assert estimate(run(), 40.0, NOW) == Estimate(0.5, 20.0)
    assert words(run(), 40.0) == "at Replicate, 20 of about 40 s"
    assert estimate(run(progress=0.9), 40.0, NOW) == Estimate(0.9, 20.0)
    assert estimate(run(), None, NOW) == Estimate()
    assert words(run(), None) == "at Replicate, 20 s"


def test_overdue_run_claims_no_time_left() -> None:
    assert estimate(run(), 5.0, NOW) == Estimate(ALMOST_DONE, None, 4.0)
    assert words(run(), 5.0) == "at Replicate, 20 s, 4 × longer than usual"
    assert words(run(), 15.0) == "at Replicate, 20 s, longer than usual"
    assert left(slots(SlotStatus.RUNNING, left=None)) is None


def test_a_server_that_makes_one_at_a_time_takes_as_long_as_all_together() -> None:
    rates = {"gemini": None}
    one = Capacity(threads=5, rates=rates, concurrency={"gemini": 1})
    assert one.seconds("gemini", 7, 10.0) == 70.0
    assert Capacity(2, rates, {"gemini": 4}).seconds("gemini", 8, 10.0) == 40.0
