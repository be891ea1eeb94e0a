"""`start`: from `./run` to the drawn first page, beside an empty Streamlit app."""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bench.drawn import OURS, free_port, make_home, open_browser, seconds_to_draw
from bench.figures import Figure, at_most
from bench.rig import bare_environment, progress

ROUNDS = 5
EMPTY_APP = 'import streamlit as st\n\nst.title("Empty")\n'


def figures(ours: list[float], empty: list[float]) -> list[Figure]:
    """Medians, in the terms of their aims."""
    our_time, empty_time = statistics.median(ours), statistics.median(empty)
    return [
        Figure("start beside an empty app", our_time / empty_time, "×", at_most(2.5)),
        Figure("./run to the first page", our_time, "s"),
        Figure("empty Streamlit app to its page", empty_time, "s"),
    ]


def run(scale: float) -> list[Figure]:
    """The first start makes the state folder and is not counted."""
    rounds = max(1, round(ROUNDS * scale))
    ours, empty = [], []
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder, open_browser() as browser:
        make_home(_environment(Path(folder), free_port()))
        for number in range(1, rounds + 1):
            progress(f"start: round {number} of {rounds}")
            empty.append(_empty(browser, Path(folder)))
            ours.append(_ours(browser, Path(folder)))
    return figures(ours, empty)


def _ours(browser: Browser, folder: Path) -> float:
    port = free_port()
    return seconds_to_draw(browser, OURS, _environment(folder, port), port)


def _environment(folder: Path, port: int) -> dict[str, str]:
    return bare_environment() | {"ATELIER_HOME": str(folder / "home"), "ATELIER_PORT": str(port)}


def _empty(browser: Browser, folder: Path) -> float:
    port = free_port()
    script = folder / "empty.py"
    script.write_text(EMPTY_APP)
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    return seconds_to_draw(browser, command + options, bare_environment(), port)
