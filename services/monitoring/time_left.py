"""When a batch will be there: what runs now, what waits in the queue and what waits for that."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.monitoring.slots import SlotCard, SlotStatus

RATE = 10.0
"""Creates a second where nobody says otherwise."""

Usual = Mapping[tuple[str, str], float | None]


@dataclass(frozen=True)
class Capacity:
    """How fast work begins.

    `rates` has creates a second for providers that are asked; of one with None, which holds a
    thread until it answers, as many run side by side as there are `threads`.
    """

    threads: int = 1
    rates: Mapping[str, float | None] = field(default_factory=dict)

    def seconds(self, provider: str, count: int, each: float) -> float:
        """From now until the last of `count` that wait is there."""
        rate = self.rates.get(provider, RATE)
        if rate is None:
            return math.ceil(count / max(1, self.threads)) * each
        return count / rate + each


def seconds_left(
    slots: Sequence[SlotCard], ahead: Mapping[str, int], durations: Usual, room: Capacity
) -> float | None:
    """Seconds until the batch's last slot is there; None where a model's usual time is unknown.

    `ahead`: by provider, how many that wait come before this batch's. A queued slot of a provider
    that holds threads begins when what runs now has made room.
    """
    running = [slot for slot in slots if slot.status is SlotStatus.RUNNING]
    if any(slot.seconds_left is None for slot in running):
        return None
    ends = [slot.seconds_left or 0.0 for slot in running]
    for status in (SlotStatus.QUEUED, SlotStatus.BLOCKED):
        waiting = Counter((slot.provider, slot.model) for slot in slots if slot.status is status)
        begin, latest = max(ends, default=0.0), list(ends)
        for (provider, model), count in waiting.items():
            each = durations.get((provider, model))
            if each is None:
                return None
            is_behind = status is SlotStatus.BLOCKED or room.rates.get(provider, RATE) is None
            others = ahead.get(provider, 0) if status is SlotStatus.QUEUED else 0
            wait = room.seconds(provider, count + others, each)
            latest.append(wait + (begin if is_behind else 0.0))
        ends = latest
    return max(ends, default=None)
