"""The time left of a batch: what runs, what waits its turn, and what waits for another picture."""

from types import SimpleNamespace
from typing import cast

import pytest

from services.database.models import Generation
from services.monitoring.generations import WaitingLine, ahead_of
from services.monitoring.slots import SlotCard, SlotStatus
from services.monitoring.time_left import Capacity, seconds_left

REPLICATE, GEMINI = ("replicate", "a/model"), ("gemini", "flash")
USUAL = {REPLICATE: 40.0, GEMINI: 10.0}
ROOM = Capacity(threads=5, rates={"replicate": 2.0, "gemini": None})


def slots(
    status: SlotStatus,
    count: int = 1,
    model: tuple[str, str] = REPLICATE,
    left: float | None = None,
) -> list[SlotCard]:
    made = SimpleNamespace(status=status, provider=model[0], model=model[1], seconds_left=left)
    return [cast(SlotCard, made)] * count


def left(*given: list[SlotCard], ahead: dict[str, int] | None = None) -> float | None:
    flat = [slot for some in given for slot in some]
    return seconds_left(flat, ahead or {}, USUAL, ROOM)


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
def test_nothing_is_claimed_of_a_model_that_nobody_knows(unknown: list[SlotCard]) -> None:
    assert left(slots(SlotStatus.RUNNING, left=12.0), unknown) is None


def test_settled_batch_has_no_time_left() -> None:
    assert left(slots(SlotStatus.DONE, 3), slots(SlotStatus.FAILED)) is None


def test_only_what_has_its_turn_before_is_ahead() -> None:
    mine = Generation(id="gen_5", priority=10)
    lines = [
        WaitingLine("gen_4", "replicate", 10, 7),
        WaitingLine("gen_9", "replicate", 20, 2),
        WaitingLine("gen_1", "gemini", 10, 3),
        WaitingLine("gen_5", "replicate", 10, 99),
        WaitingLine("gen_6", "replicate", 10, 99),
        WaitingLine("gen_2", "replicate", 0, 99),
    ]
    assert ahead_of(mine, lines) == {"replicate": 9, "gemini": 3}
