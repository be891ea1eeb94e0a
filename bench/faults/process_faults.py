"""Processes that die, hang, or are not there."""

import signal
import time

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState
from services.pipeline.events import EventName

LONG = {"seconds": 45}


def _in_the_middle(environment: Environment, name: str, count: int) -> list[str]:
    """Workers that wait inside a step for Gemini's slow answers."""
    environment.fault("slow", count, match={"provider": "gemini", "prompt_contains": name}, **LONG)
    started = environment.start_mascots(name, count)
    environment.wait_states(started, RunState.SUBMITTING)
    return started


def worker_died(environment: Environment, count: int) -> list[str]:
    """kill -9 of every worker while it waits for an answer."""
    started = _in_the_middle(environment, "Kestrel", count)
    environment.signal("worker", signal.SIGKILL)
    environment.revive()
    return started


def zombie_worker(environment: Environment, count: int) -> list[str]:
    """The workers stand still in the middle of a step; half a minute later their leases are over."""
    started = _in_the_middle(environment, "Zephyr", count)
    environment.signal("worker", signal.SIGSTOP)
    environment.revive()
    return started


def no_worker(environment: Environment, count: int) -> list[str]:
    """Every worker is told to stop, and none is started."""
    environment.signal("worker", signal.SIGSTOP)
    started = environment.start_poses("no worker", count)
    silent = time.monotonic() + 31
    environment.wait_for("their signs of life are old", lambda: time.monotonic() > silent)
    return started


def dispatcher_down(environment: Environment, count: int) -> list[str]:
    """The dispatcher stands still."""
    environment.signal("dispatcher", signal.SIGSTOP)
    return environment.start_poses("no dispatcher", count)


PROCESS_FAULTS = {
    "worker-died": Fault(
        "worker_died",
        worker_died,
        "kill -9 of the workers in the middle of a step",
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "zombie-worker": Fault(
        "zombie_worker",
        zombie_worker,
        "the workers are stopped in the middle of a step, and their leases run out",
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "no-worker": Fault("no_worker", no_worker, "every worker stands still", is_global=True),
    "dispatcher-down": Fault(
        "dispatcher_down", dispatcher_down, "the dispatcher stands still", is_global=True
    ),
}
