"""A real process of ours, perhaps one that is killed with SIGKILL when it first reaches a checkpoint."""

import os
import signal
import sys
from pathlib import Path

from services.pipeline.checkpoints import CHECKPOINTS, listen
from workers import dispatcher, worker

PROCESSES = {"worker": worker.main, "dispatcher": dispatcher.main}


def live(name: str, dies_at: str | None, env: dict[str, str], log: Path) -> None:
    """Be that process, in this environment, until it dies there or is ended."""
    os.environ.clear()
    os.environ.update(env)
    with log.open("wb") as written:
        for descriptor in (1, 2):
            os.dup2(written.fileno(), descriptor)
    if dies_at:
        _listen_for(dies_at)
    sys.exit(PROCESSES[name]([]))


def _listen_for(deadly: str) -> None:
    if deadly not in CHECKPOINTS:
        raise SystemExit(f"no checkpoint {deadly!r}")

    def die(name: str) -> None:
        if name == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    listen(die)
