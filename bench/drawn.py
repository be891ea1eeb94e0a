"""Programs with a first page, started and looked at in Chromium."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.rig import GaveUpError, wait_until
from services.core.settings_fields import PROJECT_ROOT
from workers.run_tests import CHROMIUM_SETTING, find_chromium

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OURS = (str(PROJECT_ROOT / "run"),)
READY = "is ready"
START_SECONDS = 120.0
STOP_SECONDS = 20.0


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium that is already running when the clock starts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def running(command: Sequence[str], env: dict[str, str]) -> Iterator[int]:
    """A program's pid; Ctrl-C ends it with the block."""
    process = subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def make_home(env: dict[str, str]) -> None:
    """Let `./run` make its state folder, database and all, and end it again."""
    with subprocess.Popen(
        OURS, cwd=PROJECT_ROOT, env=env, stdout=subprocess.PIPE, text=True
    ) as run:
        lines = iter(run.stdout or ())
        is_ready = any(READY in line for line in lines)
        run.send_signal(signal.SIGINT)
    if not is_ready:
        raise GaveUpError("./run ended before it was ready")


def draw(browser: Browser, port: int) -> None:
    """Return when the page's heading is on the screen; the server may still be starting."""
    wait_until("the server answers", lambda: _answers(port), START_SECONDS)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("h1").first.wait_for(state="visible", timeout=START_SECONDS * 1000)


def seconds_to_draw(
    browser: Browser, command: Sequence[str], env: dict[str, str], port: int
) -> float:
    """From the start of the command to its drawn page."""
    began = time.monotonic()
    with running(command, env):
        draw(browser, port)
        return time.monotonic() - began


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _chromium() -> Path:
    named = os.environ.get(CHROMIUM_SETTING)
    found = Path(named) if named else find_chromium()
    if found is None:
        raise GaveUpError(f"No Chromium was found. Install it, or set {CHROMIUM_SETTING}.")
    return found
