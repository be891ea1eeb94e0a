"""`inflight`: a thousand predictions wait at once; what the waiting costs, and how late looks are."""

import time
from dataclasses import dataclass

from sqlalchemy import func, select

from bench.figures import Figure, at_most
from bench.processes import cpu_seconds
from bench.rig import Rig, open_rig, progress, wait_until
from services.core.states import RunState, SlotState
from services.database.models import Run

POSES = 1000
WORKERS = 2
SECONDS = 240.0
"""Longer than the ramp and the measuring together, so that all wait meanwhile."""
MEASURED_SECONDS = 60.0
SAMPLE_SECONDS = 0.25
RAMP_LIMIT_SECONDS = 300.0


@dataclass
class Waiting:
    """What one sample of the waiting runs says."""

    runs: int
    looks: int
    """So many steps were taken in all."""
    late_seconds: float
    """The longest time since a look fell due that no worker has begun yet."""


def figures(runs: int, cpu_share: float, late_seconds: float, looks: float) -> list[Figure]:
    """The results in the terms of their aims."""
    return [
        Figure("CPU of workers and dispatcher", 100 * cpu_share, "% core", at_most(50)),
        Figure("latest look after its due time", late_seconds, "s", at_most(10)),
        Figure("predictions waiting", runs, ""),
        Figure("looks a second", looks, ""),
    ]


def run(scale: float) -> list[Figure]:
    """Start all, and measure while every one of them waits."""
    poses = max(20, round(POSES * scale))
    measured = max(10.0, MEASURED_SECONDS * min(1.0, scale * 2))
    options = ("--predrawn=2", "--creates-per-minute=0", "--seconds=0.2")
    with open_rig(*options, REPLICATE_CREATES_PER_MINUTE="60000") as rig:
        pids = rig.start_pipeline(WORKERS)
        mascot = rig.make_mascot()
        rig.set_seconds(SECONDS)
        rig.start_poses(mascot, poses)
        progress(f"inflight: {poses} predictions are created")
        ramp = RAMP_LIMIT_SECONDS
        wait_until("all of them wait", lambda: _sample(rig).runs == poses, ramp)
        progress(f"inflight: all wait; measuring for {measured:.0f} s")
        return _measure(rig, pids, poses, measured)


def _measure(rig: Rig, pids: list[int], poses: int, seconds: float) -> list[Figure]:
    first, cpu, began = _sample(rig), cpu_seconds(pids), time.monotonic()
    late, last = 0.0, first
    while time.monotonic() < began + seconds:
        time.sleep(SAMPLE_SECONDS)
        last = _sample(rig)
        late = max(late, last.late_seconds)
        if last.runs < poses or rig.slots(SlotState.FAILED):
            raise AssertionError("some ended while they were measured: the ramp took too long")
    elapsed = time.monotonic() - began
    used = cpu_seconds(pids) - cpu
    return figures(poses, used / elapsed, late, (last.looks - first.looks) / elapsed)


def _sample(rig: Rig) -> Waiting:
    """A rung look was due before it was rung, at most one tick; both waits are added up."""
    now = func.clock_timestamp()
    not_enqueued = func.max(now - Run.due_at).filter(
        Run.enqueued_at.is_(None), Run.lease_until.is_(None)
    )
    enqueued = func.max(now - Run.enqueued_at).filter(Run.lease_until.is_(None))
    with rig.services.database.transaction() as session:
        runs, looks, before_ring, after_ring = session.execute(
            select(func.count(), func.sum(Run.seq), not_enqueued, enqueued).where(
                Run.state == RunState.WAITING
            )
        ).one()
    waits = (before_ring, after_ring)
    late = sum(max(0.0, wait.total_seconds()) for wait in waits if wait is not None)
    return Waiting(runs, int(looks or 0), late)
