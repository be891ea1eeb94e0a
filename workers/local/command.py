"""How one child process is started: its argv, environment, limits, and what ends it."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_WRAPPER = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Command:
    """One program to start; nothing secret may stand in `argv`, which every user can read."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel (Linux) when the starting thread dies."""
    memory_bytes: int = 0
    user: int = 0
    """The number that root becomes; 0 stays as it is."""
    in_namespace: bool = False

    def wrapped(self) -> list[str]:
        """The argv that starts it through `workers/local/child.py`, as a child of this process."""
        options = [f"--parent={os.getpid()}", f"--signal={int(self.death_signal)}"]
        options += [f"--memory={self.memory_bytes}"] * bool(self.memory_bytes)
        options += [f"--user={self.user}"] * bool(self.user)
        options += ["--namespace"] * self.in_namespace
        return [sys.executable, "-I", "-S", str(_WRAPPER), *options, "--", *self.argv]


def bare_environment(home: Path) -> dict[str, str]:
    """An environment without anybody's secrets, for programs that need none."""
    kept = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "HOME")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "LC_ALL": "C",
        "ATELIER_HOME": str(home),
    }
