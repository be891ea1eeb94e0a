"""The supervisor behind `./run`: start, restart, give up, and end in order."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.fake_plan import events
from tests.waiting import eventually
from workers.local.server import command_line

STOP_ORDER = ["web", "worker", "dispatcher", "simulator", "redis", "postgres"]
_AT_THIS_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
"""
READY = "Atelier is ready: http://127.0.0.1:1"


class Running:
    """A supervisor in a process of its own, with what it printed and what its children did."""

    def __init__(self, home: Path, process: subprocess.Popen[bytes], output: Path) -> None:
        self.home = home
        self.process = process
        self._output = output

    @property
    def printed(self) -> str:
        return self._output.read_text()

    def pids(self, name: str = "") -> list[int]:
        lines = events(self.home).splitlines()
        return [int(line.split()[2]) for line in lines if line.startswith(f"start {name}")]

    def until_all_started(self) -> None:
        eventually(lambda: READY in self.printed)
        eventually(lambda: self.pids("worker") and self.pids("dispatcher"))

    def ended(self) -> int:
        return self.process.wait(15)

    def stops(self) -> list[str]:
        lines = events(self.home).splitlines()
        return [line.split()[1] for line in lines if line.startswith("stop")]


Start = Callable[[str], Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def started(case: str) -> Running:
        home, output = tmp_path / "a home", tmp_path / "output"
        argv = [sys.executable, "-m", "tests.integration.fake_plan", str(home), case]
        with output.open("wb") as file:
            process = subprocess.Popen(argv, stdout=file, stderr=file)
        running.append(Running(home, process, output))
        return running[-1]

    yield started
    for one in running:
        one.process.kill()
        one.process.wait()


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_ends_all_in_order(start: Start, stop_signal: signal.Signals) -> None:
    running = start("good")
    running.until_all_started()
    running.process.send_signal(stop_signal)
    assert running.ended() == 0
    assert running.stops() == STOP_ORDER
    assert not any(command_line(pid) for pid in running.pids())


def test_ctrl_c_at_a_terminal_ends_all_in_order(tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "output"
    keyboard, terminal = pty.openpty()
    with output.open("wb") as file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _AT_THIS_TERMINAL,
                "tests.integration.fake_plan",
                str(home),
                "good",
            ],
            stdin=terminal,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    running = Running(home, process, output)
    running.until_all_started()
    os.write(keyboard, b"\x03")
    assert running.ended() == 0
    assert running.stops() == STOP_ORDER
    assert "Traceback" not in running.printed
    os.close(keyboard)
    os.close(terminal)


def test_the_address_is_printed_once_and_when_all_is_prepared(start: Start) -> None:
    running = start("good")
    running.until_all_started()
    assert running.printed.count(READY) == 1
    lines = [line.split()[:2] for line in events(running.home).splitlines()]
    migrated = lines.index(["migrated"])
    assert lines.index(["start", "postgres"]) < migrated
    assert lines.index(["start", "worker"]) > max(migrated, lines.index(["start", "web"]))


@pytest.mark.parametrize("name", ["web", "worker", "postgres"])
def test_a_killed_child_is_restarted_at_once(start: Start, name: str) -> None:
    running = start("good")
    running.until_all_started()
    killed_at = time.monotonic()
    os.kill(running.pids(name)[0], signal.SIGKILL)
    eventually(lambda: len(running.pids(name)) == 2)
    assert time.monotonic() - killed_at < 1.5
    assert f"{name} stopped (killed by signal 9); restarted" in running.printed
    assert running.process.poll() is None


def test_a_web_process_that_keeps_crashing_ends_all_and_names_its_log(start: Start) -> None:
    running = start("crashing web")
    assert running.ended() == 1
    assert "web stopped 6 times (exit code 3 at last); its log is " in running.printed
    assert str(running.home / "logs" / "web.log") in running.printed
    assert READY not in running.printed
    assert not any(command_line(pid) for pid in running.pids())


def test_a_worker_that_keeps_crashing_leaves_the_rest_up(start: Start) -> None:
    running = start("crashing worker")
    eventually(lambda: "It stays stopped until the next start." in running.printed)
    assert events(running.home).count("crash worker") == 6
    # Diagnose reads it there.
    (given_up,) = (running.home / "logs").glob("*.given-up")
    assert given_up.read_text().startswith("worker") and "stopped 6 times" in given_up.read_text()
    assert command_line(running.pids("web")[0])


def test_a_failed_preparation_ends_all(start: Start) -> None:
    running = start("failing migration")
    assert running.ended() == 1
    assert "migrate failed (exit code 4); its log is " in running.printed
    assert READY not in running.printed


def test_a_stop_signal_while_starting_is_heeded(start: Start) -> None:
    running = start("endless migration")
    eventually(lambda: running.pids("postgres") and running.pids("web"))
    running.process.send_signal(signal.SIGTERM)
    assert running.ended() == 0
    assert READY not in running.printed


def test_children_that_ignore_the_signal_are_killed_in_time(start: Start) -> None:
    running = start("deaf")
    running.until_all_started()
    asked_at = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert running.ended() == 0
    assert time.monotonic() - asked_at < 6
    assert not any(command_line(pid) for pid in running.pids())


def test_a_killed_supervisor_leaves_no_process(start: Start) -> None:
    running = start("good")
    running.until_all_started()
    running.process.kill()
    running.process.wait()
    eventually(lambda: not any(command_line(pid) for pid in running.pids()))
