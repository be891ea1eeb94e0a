"""The simulator as a process of its own, for every kind of test."""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[1]
START_LIMIT_SECONDS = 15.0


@contextmanager
def running_simulator(*options: str) -> Iterator[str]:
    """Its URL, once it answers; it ends with the block."""
    command = [sys.executable, "-m", "simulator", "--port", "0", *options]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _announced_url(process)
        finally:
            process.terminate()


def _announced_url(process: subprocess.Popen[str]) -> str:
    """The address in the line that the simulator prints once it answers."""
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_SECONDS)
    assert ready, f"the simulator did not answer within {START_LIMIT_SECONDS} s"
    line = process.stdout.readline()
    assert "http://" in line, "the simulator ended by itself"
    return line.split()[-1]
