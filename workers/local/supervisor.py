"""Run a set of child processes, restart them, and end them in order.

Not circus: it stops everything at once, reaps every child of the process (also those of
`subprocess`), has no readiness, and opens a control socket that would need protection.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.core.errors import StartError
from workers.local.command import Command
from workers.terminal import print_line

_MAX_LOG_BYTES = 5 * 1024 * 1024


def is_too_big(log: Path) -> bool:
    """True when a log should be rotated."""
    return log.stat().st_size > _MAX_LOG_BYTES


def rotate(log: Path) -> None:
    """Copy `log` to `.1` and empty it."""
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


_FIRST_DELAY_SECONDS = 0.2
_CRASHES = 6
_CRASH_WINDOW_SECONDS = 60.0
_READY_STEP_SECONDS = 0.03
_LOG_CHECK_SECONDS = 5.0

Report = Callable[[str], None]
StopSignals = tuple[tuple[signal.Signals, float], ...]


@dataclass(frozen=True)
class ChildSpec:
    """One child of the supervisor."""

    name: str
    prepare: Callable[[], Command]
    """Called in a thread before each start; may block, and may raise StartError."""
    stop_rank: int
    """Children of the lowest rank are ended first; those of one rank together."""
    stop_signals: StopSignals = ((signal.SIGTERM, 1.0),)
    is_ready: Callable[[], bool] | None = None
    """Polled in a thread until it is true."""
    is_essential: bool = True
    """True when nothing works without it: once given up, everything ends."""


class GaveUpError(StartError):
    """{problem}"""


def exit_text(code: int) -> str:
    """An exit code in words."""
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


async def spawn(command: Command, log: Path) -> asyncio.subprocess.Process:
    """Start a command in a session of its own, so that the terminal's Ctrl-C passes it by."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command.wrapped(),
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class Child:
    """One child process, restarted whenever it stops."""

    def __init__(self, spec: ChildSpec, log: Path, report: Report) -> None:
        self.spec = spec
        self.log = log
        self._report = report
        self._process: asyncio.subprocess.Process | None = None
        self._exits: deque[float] = deque(maxlen=_CRASHES)
        self._given_up = log.with_suffix(".given-up")

    async def keep_running(self) -> None:
        """Run until cancelled; raises GaveUpError, or StartError when it cannot be started."""
        self._given_up.unlink(missing_ok=True)
        while True:
            command = await asyncio.to_thread(self.spec.prepare)
            self._process = await spawn(command, self.log)
            code = await self._process.wait()
            delay = self._next_delay()
            if delay is None:
                problem = (
                    f"{self.spec.name} stopped {_CRASHES} times ({exit_text(code)} at last); "
                    f"its log is {self.log}"
                )
                # For Diagnose: nobody else knows that it is not started any more.
                self._given_up.write_text(problem)
                raise GaveUpError(problem=problem)
            self._report(f"{self.spec.name} stopped ({exit_text(code)}); restarted")
            await asyncio.sleep(delay)

    async def until_ready(self) -> None:
        """Return when it is running and answers."""
        while not (self._is_running() and await self._answers()):
            await asyncio.sleep(_READY_STEP_SECONDS)

    async def stop(self) -> None:
        """End it, mildly first; its data is safe unless it hangs."""
        for stop_signal, seconds in self.spec.stop_signals:
            if not self._process or not self._is_running():
                return
            self._process.send_signal(stop_signal)
            try:
                await asyncio.wait_for(self._process.wait(), seconds)
            except TimeoutError:
                continue
        if self._process and self._is_running():
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    def _is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _answers(self) -> bool:
        return self.spec.is_ready is None or await asyncio.to_thread(self.spec.is_ready)

    def _next_delay(self) -> float | None:
        """Doubling with each recent exit; None when there were too many."""
        now = asyncio.get_running_loop().time()
        self._exits.append(now)
        recent = [at for at in self._exits if at > now - _CRASH_WINDOW_SECONDS]
        if len(recent) == _CRASHES:
            return None
        return _FIRST_DELAY_SECONDS * float(2 ** (len(recent) - 1))


class Supervisor:
    """Starts children, restarts them, and ends them rank by rank."""

    def __init__(self, logs: Path, report: Report = print_line) -> None:
        self._logs = logs
        self._report = report
        self._children: dict[Child, asyncio.Task[None]] = {}
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._log_rotation = asyncio.create_task(self._rotate_logs())

    def start(self, *specs: ChildSpec) -> list[Child]:
        """Start children at once, without waiting for any."""
        started = [Child(spec, self.log(spec.name), self._report) for spec in specs]
        for child in started:
            task = asyncio.create_task(child.keep_running())
            task.add_done_callback(partial(self._note_end, child.spec))
            self._children[child] = task
        return started

    def log(self, name: str) -> Path:
        """The log file of a child."""
        return self._logs / f"{name}.log"

    async def run_once(self, name: str, command: Command) -> None:
        """Run a command to its end; raises GaveUpError when that is not a good one."""
        process = await spawn(command, self.log(name))
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.kill()
            raise
        if code:
            raise GaveUpError(
                problem=f"{name} failed ({exit_text(code)}); its log is {self.log(name)}"
            )

    async def failure(self) -> None:
        """Wait; raises as soon as a child without which nothing works stops for good."""
        await self._failure

    async def stop(self) -> None:
        """End every child, the lowest stop rank first."""
        self._log_rotation.cancel()
        for task in self._children.values():
            task.cancel()
        await asyncio.gather(*self._children.values(), return_exceptions=True)
        for rank in sorted({child.spec.stop_rank for child in self._children}):
            children = [child for child in self._children if child.spec.stop_rank == rank]
            await asyncio.gather(*(child.stop() for child in children))

    def _note_end(self, spec: ChildSpec, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if spec.is_essential and not self._failure.done():
            self._failure.set_exception(error)
        elif isinstance(error, GaveUpError):
            self._report(f"{error}. It stays stopped until the next start.")
        else:
            self._report(str(error))

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(_LOG_CHECK_SECONDS)
            for log in filter(is_too_big, self._logs.glob("*.log")):
                await asyncio.to_thread(rotate, log)
