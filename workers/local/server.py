"""The base of the embedded servers: start as a foreground child, wait until ready, stop.

`./run` supervises `prepare()`'s command itself; tests and single commands use `start()`.
"""

import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Self

from services.core.errors import StartError
from workers.local.command import Command
from workers.local.home import private_folder

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

    The mark is checked before each signal, so that a reused pid is never hit.
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


_START_SECONDS = 60.0


class EmbeddedServer(ABC):
    """One server process whose data lies in a state folder."""

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    """Signals and the seconds that each gets, mildest first; SIGKILL follows."""

    def __init__(self, home: Path) -> None:
        self.home = private_folder(home)
        self.log = private_folder(home / "logs") / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address with its password: for an environment, never for a log or an argv."""

    @abstractmethod
    def prepare(self) -> Command:
        """Make the data folder when it is new, end a leftover, and return the start command.

        Blocks up to some seconds. Raises StartError.
        """

    @abstractmethod
    def is_ready(self) -> bool:
        """True when it takes connections; answers at once."""

    @property
    def pid(self) -> int | None:
        """The server's process while `start()` runs one."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start it as a child of the calling thread and wait until it answers."""
        command = self.prepare()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command.wrapped(),
                env=dict(command.env),
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready(self._process)
        return self

    def stop(self) -> None:
        """End it with its data safe; does nothing when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        for stop_signal, seconds in self.stop_signals:
            process.send_signal(stop_signal)
            try:
                process.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                continue
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StartError(problem=f"{self.name} does not start; its log is {self.log}")
            time.sleep(_STEP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()
