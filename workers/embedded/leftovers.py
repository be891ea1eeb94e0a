"""Finds and ends a server that an earlier start left behind, and no other process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_STEP_SECONDS = 0.02


def command_line(pid: int) -> str:
    """The command of a live process; empty when there is none (or only its zombie)."""
    if sys.platform == "linux":
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        except OSError:
            return ""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()


def read_pid(path: Path) -> int | None:
    """The pid on the first line of a pid file, or None."""
    try:
        lines = path.read_text().splitlines()
        return int(lines[0])
    except (OSError, ValueError, IndexError):
        return None


def end_process(pid: int, mark: str, escalation: Iterable[tuple[signal.Signals, float]]) -> bool:
    """Send each signal and wait its seconds until the process whose command holds `mark` is gone.

    The mark is looked for again before each signal, so that a reused pid is never hit.
    """
    for stop_signal, seconds in escalation:
        if mark not in command_line(pid):
            return True
        try:
            os.kill(pid, stop_signal)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if mark not in command_line(pid):
                return True
            time.sleep(_STEP_SECONDS)
    return mark not in command_line(pid)
