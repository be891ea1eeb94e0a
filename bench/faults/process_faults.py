"""Processes that die, hang, or are not there."""

import signal
import time

from bench.faults.environment import Ground
from bench.faults.fault import Plant
from services.core.states import RunState
from services.diagnosis.causes import Cause
from services.pipeline.events import EventName
from services.remedies.base import RemedyKind

LONG = {"seconds": 45}


def _in_the_middle(ground: Ground, name: str, count: int) -> list[str]:
    """Workers that wait inside a step for Gemini's slow answers."""
    ground.fault("slow", count, match={"provider": "gemini", "prompt_contains": name}, **LONG)
    started = ground.start_mascots(name, count)
    ground.wait_states(started, RunState.SUBMITTING)
    return started


def worker_died(ground: Ground, count: int) -> list[str]:
    """kill -9 of every worker while it waits for an answer."""
    started = _in_the_middle(ground, "Kestrel", count)
    ground.signal("worker", signal.SIGKILL)
    ground.revive()
    return started


def zombie_worker(ground: Ground, count: int) -> list[str]:
    """The workers stand still in the middle of a step; half a minute later their leases are over."""
    started = _in_the_middle(ground, "Zephyr", count)
    ground.signal("worker", signal.SIGSTOP)
    ground.revive()
    return started


def no_worker(ground: Ground, count: int) -> list[str]:
    """Every worker is told to stop, and none is started."""
    ground.signal("worker", signal.SIGSTOP)
    started = ground.start_poses("no worker", count)
    silent = time.monotonic() + 31
    ground.wait_for("their signs of life are old", lambda: time.monotonic() > silent)
    return started


def dispatcher_down(ground: Ground, count: int) -> list[str]:
    """The dispatcher stands still."""
    ground.signal("dispatcher", signal.SIGSTOP)
    return ground.start_poses("no dispatcher", count)


HOUSE_PLANTS = {
    "worker-died": Plant(
        Cause.WORKER_DIED,
        worker_died,
        "kill -9 of the workers in the middle of a step",
        heals=True,
        event=EventName.RUN_RESCUED,
        remedy=RemedyKind.RING_AGAIN,
    ),
    "zombie-worker": Plant(
        Cause.ZOMBIE_WORKER,
        zombie_worker,
        "the workers are stopped in the middle of a step, and their leases run out",
        heals=True,
        event=EventName.RUN_RESCUED,
        remedy=RemedyKind.RING_AGAIN,
    ),
    "no-worker": Plant(Cause.NO_WORKER, no_worker, "every worker stands still", is_global=True),
    "dispatcher-down": Plant(
        Cause.DISPATCHER_DOWN, dispatcher_down, "the dispatcher stands still", is_global=True
    ),
}
