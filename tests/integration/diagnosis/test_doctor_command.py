"""`./run doctor`: its exit code, its list of objects, and that it finds what `./run` started."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import eventually
from workers.doctor import main

PROJECT = Path(__file__).parents[3]
NOT_YET = {"All files compared", "New files compared"}
"""An installation that has just started has compared nothing."""
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Nobody's settings but these; a .env of the developer is overruled by empty values."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "ATELIER_HOME": str(home), **settings}


def listed(home: Path, **settings: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code of the command, and the checks of `--json` by name."""
    ended = subprocess.run(
        [sys.executable, "-m", "workers.commands", "doctor", "--json"],
        cwd=PROJECT,
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, {check["name"]: check for check in json.loads(ended.stdout)}


def test_when_nothing_runs_each_check_reports_it_and_creates_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, checks = listed(home, ATELIER_PORT="1")
    assert code == 1
    for name in ("PostgreSQL", "Redis", "Workers", "Dispatcher", "Health route"):
        assert checks[name]["status"] == "failed"
        assert "Start ./run" in checks[name]["fix"]
    assert "start ./run" in checks["Replicate's account"]["fix"]
    assert set(checks["Redis"]) == {"name", "group", "status", "finding", "fix", "seconds"}
    assert not home.exists()


def test_the_table_has_the_fix_beside_what_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path / "home"))
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert "  failed   Redis " in printed
    assert "→ Start ./run" in printed
    assert re.match(r"\d{2} checks: \d+ ok, ", printed.splitlines()[-1])
    assert "\x1b" not in printed


def test_a_wrong_setting_is_a_failed_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKER_CONCURRENCY", "many")
    assert main(["--json"]) == 1
    (check,) = json.loads(capsys.readouterr().out)
    assert check["finding"].startswith("WORKER_CONCURRENCY is a text of 4 characters.")
    assert check["status"] == "failed" and check["fix"]


@pytest.fixture(scope="module")
def running_home() -> Iterator[Path]:
    """The ATELIER_HOME of a real `./run`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        home = Path(folder)
        with (home / "printed").open("wb") as printed:
            process = subprocess.Popen(
                [sys.executable, "-m", "workers.local"],
                cwd=PROJECT,
                env=environment(home, ATELIER_PORT=port),
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        try:
            eventually(lambda: _is_well(port), 60.0)
            yield home
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def test_a_running_installation_is_found_by_its_home_and_passes(running_home: Path) -> None:
    remembered = (running_home / "simulator_port").read_text()
    code, checks = listed(running_home)
    assert {
        name: check["status"] for name, check in checks.items() if check["status"] != "ok"
    }.keys() <= NOT_YET
    assert code == 0
    assert checks["Replicate's account"]["finding"].startswith("Simulated:")
    assert (running_home / "simulator_port").read_text() == remembered


def test_another_token_than_the_running_one_is_noticed(running_home: Path) -> None:
    _, checks = listed(
        running_home, REPLICATE_API_TOKEN="r8_" + "x" * 37, REPLICATE_BASE_URL="http://127.0.0.1:1"
    )
    assert checks["Calls to Replicate"]["status"] == "warning"
    assert checks["Replicate's account"]["status"] == "failed"


def _is_well(port: str) -> bool:
    """Workers and dispatcher start after the first page."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_servers_that_never_answer_end_in_time(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as database,
        socket.create_server(("127.0.0.1", 0)) as redis,
    ):
        _, checks = listed(
            tmp_path,
            DATABASE_URL=f"postgres://u:p@127.0.0.1:{database.getsockname()[1]}/d",
            REDIS_URL=f"redis://127.0.0.1:{redis.getsockname()[1]}/0",
            SECRET_KEY="a-key-for-tests-0123456789abcdef",
            ATELIER_PORT="1",
        )
    assert checks["PostgreSQL"]["status"] == checks["Redis"]["status"] == "failed"
    # Nobody waits for a second connection where the first one came to nothing.
    for name in ("Workers", "Dispatcher", "Credits add up"):
        assert "No answer within" not in checks[name]["finding"]
