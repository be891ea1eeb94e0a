"""`sync`: a provider that answers with the picture itself keeps a worker's thread for as long."""

import time

from bench.figures import Figure, at_most
from bench.processes import cpu_seconds
from bench.rig import open_rig, progress, wait_until
from services.recipes.labels import MASCOT_ROLES

THREADS = 8
SECONDS = 10.0
VARIATIONS = 20
LIMIT_SHARE = 1.2
"""Of the floor: 90 s for the 75 s of 60 pictures."""


def floor_seconds(pictures: int) -> float:
    """All threads always busy."""
    return pictures * SECONDS / THREADS


def figures(pictures: int, seconds: float, cpu: float) -> list[Figure]:
    """The results in the terms of their aims."""
    floor = floor_seconds(pictures)
    return [
        Figure("time", seconds, "s", at_most(floor * LIMIT_SHARE)),
        Figure("floor", floor, "s"),
        Figure("time beside the floor", seconds / floor, "×"),
        Figure("CPU of worker and dispatcher for a picture", 1000 * cpu / pictures, "ms"),
    ]


def run(scale: float) -> list[Figure]:
    """60 pictures: 20 full bodies, and two more pictures made from each."""
    variations = max(4, round(VARIATIONS * scale))
    pictures = variations * len(MASCOT_ROLES)
    options = (f"--seconds={SECONDS}", "--predrawn=12")
    with open_rig(*options, WORKER_CONCURRENCY=str(THREADS)) as rig:
        pids = rig.start_pipeline(1)
        progress(f"sync: {pictures} pictures on {THREADS} threads")
        cpu, began = cpu_seconds(pids), time.monotonic()
        rig.start_mascots(variations)
        limit = 10 * floor_seconds(pictures)
        wait_until("all pictures", lambda: rig.filled() == pictures, limit)
        seconds, used = time.monotonic() - began, cpu_seconds(pids) - cpu
    return figures(pictures, seconds, used)
