"""`throughput`: many poses at a provider that admits ten a second, beside guide 003's design."""

import subprocess
import sys
import time

from redis import Redis
from rq import Queue
from rq.job import Job

from bench import peer
from bench.figures import Figure, at_least, at_most
from bench.processes import cpu_seconds
from bench.rig import Rig, open_rig, progress, wait_until
from services.core.settings_fields import PROJECT_ROOT
from services.core.states import SlotState
from services.queue.rq_queue import connect

POSES = 300
PEER_POSES = 10
PEER_WORKERS = 5
WORKERS = 2
SECONDS = 25.0
CREATES_PER_SECOND = 10
SIMULATOR = (
    f"--seconds={SECONDS}",
    f"--creates-per-minute={60 * CREATES_PER_SECOND}",
    "--create-answer-seconds=0.3",
    "--predrawn=12",
)
PROGRESS_SECONDS = 5.0


def floor_seconds(poses: int) -> float:
    """Until the last pose is admitted, and its time at the provider."""
    return poses / CREATES_PER_SECOND + SECONDS


def figures(
    poses: int, seconds: float, cpu: float, peer_poses: int, peer_seconds: float
) -> list[Figure]:
    """The results in the terms of their aims."""
    floor = floor_seconds(poses)
    ours, theirs = poses / seconds * 60, peer_poses / peer_seconds * 60
    return [
        Figure("time beside the floor", seconds / floor, "×", at_most(1.05)),
        Figure("CPU of workers and dispatcher for a pose", 1000 * cpu / poses, "ms", at_most(100)),
        Figure("poses a minute beside the peer", ours / theirs, "×", at_least(20)),
        Figure("time", seconds, "s"),
        Figure("floor", floor, "s"),
        Figure("poses a minute", ours, ""),
        Figure("peer's poses a minute", theirs, ""),
    ]


def run(scale: float) -> list[Figure]:
    """The peer first, then the same provider with the whole pipeline."""
    poses = max(10, round(POSES * scale))
    peer_poses = max(PEER_WORKERS, round(PEER_POSES * min(1.0, scale)))
    with open_rig(*SIMULATOR) as rig:
        peer_seconds = _peer(rig, peer_poses)
        pids = rig.start_pipeline(WORKERS)
        mascot = rig.make_mascot()
        rig.set_seconds(SECONDS)
        seconds, cpu = _pipeline(rig, pids, mascot, poses)
    return figures(poses, seconds, cpu, peer_poses, peer_seconds)


def _pipeline(rig: Rig, pids: list[int], mascot: str, poses: int) -> tuple[float, float]:
    before = rig.filled()
    cpu, began = cpu_seconds(pids), time.monotonic()
    rig.start_poses(mascot, poses)
    reported_at = began
    while (done := rig.filled() - before) < poses:
        now = time.monotonic()
        if now - reported_at > PROGRESS_SECONDS:
            reported_at = now
            progress(f"throughput: {done} of {poses} poses after {now - began:.0f} s")
        if rig.slots(SlotState.FAILED) or now - began > 10 * floor_seconds(poses):
            raise AssertionError("poses failed or do not come")
        time.sleep(0.1)
    return time.monotonic() - began, cpu_seconds(pids) - cpu


def _peer(rig: Rig, poses: int) -> float:
    """Seconds from the first enqueue to the last file."""
    folder = rig.home / "peer"
    folder.mkdir()
    env = rig.env | {peer.URL_SETTING: rig.simulator_url, peer.FOLDER_SETTING: str(folder)}
    address = rig.env["REDIS_URL"]
    workers = [_peer_worker(address, env) for _ in range(PEER_WORKERS)]
    connection: Redis = connect(address)
    try:
        wait_until("the peer's workers", lambda: connection.scard("rq:workers") == len(workers), 30)
        progress(f"throughput: the peer makes {poses} poses with {len(workers)} workers")
        began = time.monotonic()
        queue = Queue("peer", connection=connection)
        jobs = [
            queue.enqueue(peer.pose, number, job_timeout=peer.TIMEOUT_SECONDS, result_ttl=600)
            for number in range(poses)
        ]
        wait_until("the peer's poses", lambda: all(map(_is_done, jobs)), 60 + poses * SECONDS)
        return time.monotonic() - began
    finally:
        _end(workers)


def _is_done(job: Job) -> bool:
    if job.get_status() == "failed":
        raise AssertionError(f"the peer's job failed: {job.latest_result()}")
    return job.is_finished


def _peer_worker(address: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", address, "peer"]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, env=env)


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait(30)
