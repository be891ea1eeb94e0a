"""`memory`: a worker after a hundred pictures, and all that `./run` starts."""

import tempfile
import time

from bench.drawn import OURS, draw, free_port, make_home, open_browser, running
from bench.figures import Figure, at_most
from bench.processes import Memory, family, memory
from bench.rig import bare_environment, open_rig, progress, wait_until
from services.recipes.labels import MASCOT_ROLES

POSES = 70
VARIATIONS = 10
IDLE_SECONDS = 20.0


def figures(worker: Memory, everything: float, processes: int) -> list[Figure]:
    """The results in the terms of their aims."""
    return [
        Figure("worker after its pictures (PSS)", worker.pss, "MB", at_most(160)),
        Figure("everything that ./run starts, idle (PSS)", everything, "MB", at_most(700)),
        Figure("worker's peak (RSS)", worker.peak, "MB"),
        Figure("processes that ./run starts", processes, ""),
    ]


def run(scale: float) -> list[Figure]:
    """Pictures of both kinds of provider for the worker; one drawn page for the rest."""
    worker = _worker(max(1, round(VARIATIONS * scale)), max(1, round(POSES * scale)))
    return figures(worker, *_everything())


def _worker(variations: int, poses: int) -> Memory:
    with open_rig("--seconds=1", "--predrawn=12", "--creates-per-minute=0") as rig:
        _, worker = rig.start_pipeline(1)
        mascot = rig.make_mascot()
        rig.set_seconds(1.0)
        wanted = rig.filled() + variations * len(MASCOT_ROLES) + poses
        progress(f"memory: {wanted} pictures on one worker")
        rig.start_mascots(variations)
        rig.start_poses(mascot, poses)
        wait_until("all pictures", lambda: rig.filled() == wanted, 300)
        return memory(worker)


def _everything() -> tuple[float, int]:
    """Twenty seconds after its first page was drawn and closed again."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        env = bare_environment() | {"ATELIER_HOME": f"{folder}/home", "ATELIER_PORT": str(port)}
        make_home(env)
        with running(OURS, env) as pid:
            with open_browser() as browser:
                draw(browser, port)
            progress("memory: ./run idles")
            time.sleep(IDLE_SECONDS)
            pids = family(pid)
            return sum(memory(one).pss for one in pids), len(pids)
