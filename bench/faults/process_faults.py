"""Workers and dispatchers that die, hang or are absent."""

import os
import signal
import time
from functools import partial
from pathlib import Path

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
    """Kill every worker while the supervisor, if there is one, is stopped and starts no other."""
    for pid in {_parent(pid) for pid in environment.pids("worker")} - {os.getpid()}:
        os.kill(pid, signal.SIGSTOP)
        environment.later(partial(os.kill, pid, signal.SIGCONT))
    environment.later(environment.revive)
    environment.signal("worker", signal.SIGKILL)
    started = environment.start_poses("no worker", count)
    silent = time.monotonic() + 31
    environment.wait_for("their heartbeats are old", lambda: time.monotonic() > silent)
    return started


def _parent(pid: int) -> int:
    # The name stands in brackets and may contain anything.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def frozen_worker(environment: Environment, count: int) -> list[str]:
    """Stop every worker with a signal; each of its threads still takes a job off the queue."""
    environment.signal("worker", signal.SIGSTOP)
    return environment.start_poses("a frozen worker", count)


def threads_held(environment: Environment, count: int) -> list[str]:
    """Let every thread wait for a slow answer of Gemini."""
    name, threads = (
        "Sloth",
        environment.one(
            "SELECT sum(thread_count) FROM app.heartbeats WHERE role = 'worker'"
            " AND heartbeat_at > clock_timestamp() - interval '15 s'"
        ),
    )
    environment.fault("slow", None, match={"provider": "gemini", "prompt_contains": name}, **LONG)
    environment.later(environment.clear_faults)
    slow = environment.start_mascots(name, int(threads))
    environment.wait_states(slow, RunState.SUBMITTING)
    return environment.start_poses("behind a slow provider", count)


def dispatcher_down(environment: Environment, count: int) -> list[str]:
    """Stop the dispatcher."""
    environment.signal("dispatcher", signal.SIGSTOP)
    return environment.start_poses("no dispatcher", count)


PROCESS_FAULTS = {
    "worker-died": Fault(
        "worker_died",
        worker_died,
        "the workers are killed within a step",
        is_rough=True,
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "zombie-worker": Fault(
        "zombie_worker",
        zombie_worker,
        "the workers are stopped within a step, and their leases expire",
        is_rough=True,
        heals=True,
        event=EventName.RUN_RECOVERED,
        remedy="requeue",
    ),
    "no-worker": Fault("no_worker", no_worker, "every worker is killed", is_global=True),
    "frozen-worker": Fault(
        "frozen_worker", frozen_worker, "every worker is stopped by a signal", is_global=True
    ),
    "threads-held": Fault(
        "threads_held", threads_held, "every thread waits for a slow answer", is_global=True
    ),
    "dispatcher-down": Fault(
        "dispatcher_down", dispatcher_down, "the dispatcher is stopped", is_global=True
    ),
}
