"""What processes cost, read from /proc: CPU time, memory, and who started whom."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_KILOBYTES_A_MEGABYTE = 1024
# Positions in /proc/<pid>/stat after the name, which is the only field that may hold spaces.
_PARENT, _TIMES = 1, slice(11, 15)


@dataclass(frozen=True)
class Memory:
    """Megabytes: shared pages are divided among their users in `pss`; `peak` is the largest RSS."""

    pss: float
    peak: float


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes and of their ended children; 0 for one that is gone."""
    return sum(sum(map(int, _stat(pid)[_TIMES])) for pid in pids) / _TICKS


def memory(pid: int) -> Memory:
    """What one process holds now, and held at most."""
    pss = _kilobytes(pid, "smaps_rollup", "Pss:")
    peak = _kilobytes(pid, "status", "VmHWM:")
    return Memory(pss / _KILOBYTES_A_MEGABYTE, peak / _KILOBYTES_A_MEGABYTE)


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents = {int(folder.name): _parent(int(folder.name)) for folder in _PROC.glob("[0-9]*")}
    return list(_descendants(pid, parents))


def load_average() -> float:
    """How busy the machine was in the last minute."""
    return os.getloadavg()[0]


def _descendants(pid: int, parents: dict[int, int]) -> Iterator[int]:
    yield pid
    for child, parent in parents.items():
        if parent == pid:
            yield from _descendants(child, parents)


def _parent(pid: int) -> int:
    return int(_stat(pid)[_PARENT])


def _stat(pid: int) -> list[str]:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * _TIMES.stop
    return text.rpartition(")")[2].split()


def _kilobytes(pid: int, file: str, field: str) -> float:
    lines = (_PROC / str(pid) / file).read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(field))
