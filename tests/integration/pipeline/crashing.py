"""`python -m tests.integration.pipeline.crashing worker submit.created`: a real process of ours
that is killed with SIGKILL when it first reaches the named checkpoint."""

import os
import signal
import sys

from services.generations.checkpoints import CHECKPOINTS, listen
from workers import dispatcher, worker

PROCESSES = {"worker": worker.main, "dispatcher": dispatcher.main}


def main() -> int:
    """Run the process until it dies there."""
    process, deadly = sys.argv[1:]
    if deadly not in CHECKPOINTS:
        raise SystemExit(f"no checkpoint {deadly!r}")

    def die(name: str) -> None:
        if name == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    listen(die)
    return PROCESSES[process]()


if __name__ == "__main__":
    sys.exit(main())
