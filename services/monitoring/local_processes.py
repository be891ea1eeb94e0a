"""Whether a process of this host is there, read from Linux' process list; elsewhere nobody knows."""

import os
from datetime import datetime
from pathlib import Path

_PROC = Path("/proc")
SLACK_SECONDS = 5.0
"""Between the clocks of the database and of this host; boot time is told in whole seconds."""


def is_running(pid: int, signed_in_at: datetime) -> bool | None:
    """Whether the process that signed in then still runs under its pid; None where unknown.

    A pid is used again: the process that has it now counts only if it began before that.
    """
    boot = _boot_seconds()
    if boot is None:
        return None
    state, ticks = _state_of(pid)
    if state in ("", "Z", "X"):
        return False
    began = boot + ticks / os.sysconf("SC_CLK_TCK")
    return began <= signed_in_at.timestamp() + SLACK_SECONDS


def resident_bytes() -> int | None:
    """The memory that this process holds; None where it is not told."""
    try:
        pages = int((_PROC / "self" / "statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _boot_seconds() -> float | None:
    try:
        lines = (_PROC / "stat").read_text().splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) for line in lines if line.startswith("btime ")), None)


def _state_of(pid: int) -> tuple[str, int]:
    """Its state's letter and when it began, in ticks since boot; an empty letter: none has it."""
    try:
        told = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return "", 0
    # The name stands in brackets and may hold anything, brackets too.
    fields = told.rpartition(")")[2].split()
    return fields[0], int(fields[19])
