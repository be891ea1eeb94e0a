"""Workers and dispatchers that die, hang or are absent."""

import signal
import time

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState
from services.pipeline.events import EventName

LONG = {"seconds": 45}


def _start_in_step(environment: Environment, name: str, count: int) -> list[str]:
    """Start runs whose workers wait for slow answers of Gemini."""
    environment.fault("slow", count, match={"provider": "gemini", "prompt_contains": name}, **LONG)
    started = environment.start_mascots(name, count)
    environment.wait_states(started, RunState.SUBMITTING)
    return started


def worker_died(environment: Environment, count: int) -> list[str]:
    """Kill every worker while it waits for an answer."""
    started = _start_in_step(environment, "Kestrel", count)
    environment.signal("worker", signal.SIGKILL)
    environment.revive()
    return started


def zombie_worker(environment: Environment, count: int) -> list[str]:
    """Stop the workers within a step; their leases expire half a minute later."""
    started = _start_in_step(environment, "Zephyr", count)
    environment.signal("worker", signal.SIGSTOP)
    environment.revive()
    return started


def no_worker(environment: Environment, count: int) -> list[str]:
    """Stop every worker."""
    environment.signal("worker", signal.SIGSTOP)
    started = environment.start_poses("no worker", count)
    silent = time.monotonic() + 31
    environment.wait_for("their heartbeats are old", lambda: time.monotonic() > silent)
    return started


def dispatcher_down(environment: Environment, count: int) -> list[str]:
    """Stop the dispatcher."""
    environment.signal("dispatcher", signal.SIGSTOP)
    return environment.start_poses("no dispatcher", count)


PROCESS_FAULTS = {
    "worker-died": Fault(
        "worker_died",
        worker_died,
        "the workers are killed within a step",
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "zombie-worker": Fault(
        "zombie_worker",
        zombie_worker,
        "the workers are stopped within a step, and their leases expire",
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "no-worker": Fault("no_worker", no_worker, "every worker is stopped", is_global=True),
    "dispatcher-down": Fault(
        "dispatcher_down", dispatcher_down, "the dispatcher is stopped", is_global=True
    ),
}
