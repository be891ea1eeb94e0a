"""The app as a user has it: `./run` on a fresh state folder, and a browser to look at it with."""

import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx

ROOT = Path(__file__).parents[2]
START_LIMIT_SECONDS = 90.0
STOP_LIMIT_SECONDS = 15.0
PROVIDER_SETTINGS = (
    "REPLICATE_API_TOKEN",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "HUGGINGFACE_API_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "REDIS_HOST",
    "S3_BUCKET",
)


@dataclass
class RunningApp:
    """A running app."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def hurry(self, speed: float) -> None:
        """Make the simulated models faster."""
        self._order("speed", {"speed": speed})

    def fault(self, name: str, times: int = 1, **match: str) -> None:
        """Inject a fault into a simulated provider."""
        self._order("faults", [{"fault": name, "times": times, "match": match}])

    def _order(self, what: str, body: object) -> None:
        port = (self.home / "simulator_port").read_text().strip()
        answer = httpx.post(f"http://127.0.0.1:{port}/_simulator/{what}", json=body)
        answer.raise_for_status()

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ctrl-C as a terminal sends it, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_LIMIT_SECONDS)

    def leftovers(self) -> list[str]:
        """The command lines of processes that still carry this app's state folder."""
        return [line for line in _command_lines(f"ATELIER_HOME={self.home}")]


def _command_lines(variable: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue


@contextmanager
def running_app(**settings: str) -> Iterator[RunningApp]:
    """`./run` with these settings on a new state folder, ready; it is ended with the block."""
    with tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        port = free_port()
        env = {name: value for name, value in os.environ.items() if name not in PROVIDER_SETTINGS}
        env |= {"ATELIER_HOME": str(home), "ATELIER_PORT": str(port)} | settings
        process = subprocess.Popen(
            [ROOT / "run"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        app = RunningApp(f"http://127.0.0.1:{port}", home, process)
        try:
            _wait_until_ready(process)
            yield app
        finally:
            app.stop()


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    said: list[str] = []
    give_up = monotonic() + START_LIMIT_SECONDS
    while monotonic() < give_up:
        ready, _, _ = select.select([process.stdout], [], [], give_up - monotonic())
        line = process.stdout.readline() if ready else ""
        said.append(line)
        if "ready" in line:
            return
        if not line and process.poll() is not None:
            break
    raise AssertionError("the app did not become ready:\n" + "".join(said))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
