"""What `./run` says before it starts anything, and what it tells its children."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.core.errors import StartError
from services.core.settings import Settings
from services.core.settings_loader import settings_table
from workers.local.home import (
    HomeLock,
    hold_port,
    stored_port,
    stored_secret,
)
from workers.local.plan import make_plan
from workers.local.supervisor import is_too_big, rotate


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for names, _, _ in settings_table():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    monkeypatch.setenv("ATELIER_HOME", str(folder / "home"))
    yield
    shutil.rmtree(folder)


def started(module: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_second_start_names_the_first() -> None:
    with HomeLock(Path(os.environ["ATELIER_HOME"])) as lock:
        lock.take("http://127.0.0.1:8501")
        second = started("workers.local")
    assert second.returncode == 1
    assert f"process {os.getpid()}) at http://127.0.0.1:8501" in second.stderr


def test_the_home_is_free_after_its_owner(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    first.take("here")
    assert second.is_taken()
    with pytest.raises(StartError):
        second.take("there")
    first.release()
    assert not second.is_taken()
    second.take("there")
    assert second.owner() == {"pid": os.getpid(), "url": "there"}
    second.release()


def test_a_taken_port_names_the_setting_that_helps() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = started("workers.local", ATELIER_PORT=str(port))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {port} is taken")
    assert "ATELIER_PORT=" in refused.stderr


def test_two_starts_cannot_hold_one_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with hold_port(port), pytest.raises(StartError, match="taken"):
        hold_port(port)
    hold_port(port).close()


def test_wrong_settings_are_reported_without_a_traceback() -> None:
    refused = started("workers.local", WORKER_CONCURRENCY="many")
    assert refused.returncode == 1
    assert refused.stderr.startswith("WORKER_CONCURRENCY is a text of 4 characters.")
    assert "Traceback" not in refused.stderr


def test_an_unknown_command_prints_the_list() -> None:
    refused = started("workers.commands", "demolish")
    assert refused.returncode == 2
    for name in ("start", "test", "sql", "simulator", "web", "dispatcher", "worker", "migrate"):
        assert f"\n  {name} " in refused.stderr


def test_a_single_part_needs_servers() -> None:
    refused = started("workers.commands", "worker")
    assert refused.returncode == 1
    assert "DATABASE_URL and REDIS_URL" in refused.stderr


def test_without_any_token_every_provider_is_simulated() -> None:
    env = web_environment()
    simulator = env["ATELIER_SIMULATOR_URL"]
    for provider in ("REPLICATE", "GEMINI", "HUGGINGFACE"):
        assert env[f"{provider}_BASE_URL"] == simulator
    assert env["REPLICATE_API_TOKEN"].startswith("r8_")


def test_only_the_provider_without_a_token_is_simulated() -> None:
    env = web_environment(REPLICATE_API_TOKEN="r8_real_token", HUGGINGFACE_API_KEY="hf_real_one")
    assert "REPLICATE_BASE_URL" not in env
    assert "REPLICATE_API_TOKEN" not in env
    assert env["GEMINI_BASE_URL"] == env["ATELIER_SIMULATOR_URL"]


def test_a_google_project_alone_is_access_enough() -> None:
    env = web_environment(GOOGLE_CLOUD_PROJECT_ID="atelier-123")
    assert "GEMINI_BASE_URL" not in env
    assert "GEMINI_API_KEY" not in env


def test_ones_own_provider_server_is_left_alone() -> None:
    env = web_environment(REPLICATE_BASE_URL="http://gpu.example:5000")
    assert "REPLICATE_BASE_URL" not in env


def test_servers_named_by_settings_are_not_started() -> None:
    plan = make_plan(
        settings(DATABASE_URL="postgres://a:b@db.example/c", REDIS_URL="redis://r.example")
    )
    assert plan.databases == ()
    assert "DATABASE_URL" not in plan.front[-1].prepare().env


def test_no_secret_is_in_an_argv() -> None:
    plan = make_plan(settings(WORKER_PROCESSES="3"))
    commands = [spec.prepare() for spec in (*plan.front, *plan.back)]
    env = commands[-1].env
    secrets = [env[name] for name in ("SECRET_KEY", "DATABASE_URL", "REPLICATE_API_TOKEN")]
    assert [spec.name for spec in plan.back[1:]] == ["worker-1", "worker-2", "worker-3"]
    for command in commands:
        assert not any(secret in " ".join(command.wrapped()) for secret in secrets)


def test_secret_and_port_stay_the_same(tmp_path: Path) -> None:
    assert stored_secret(tmp_path / "secret") == stored_secret(tmp_path / "secret")
    assert stored_port(tmp_path / "port") == stored_port(tmp_path / "port")


def test_a_big_log_is_rotated_once(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (6 * 1024 * 1024))
    assert is_too_big(log)
    with log.open("ab") as child:
        rotate(log)
        child.write(b"next")
    assert log.read_bytes() == b"next"
    assert (tmp_path / "web.log.1").stat().st_size == 6 * 1024 * 1024


def settings(**values: str) -> Settings:
    return Settings(**{"ATELIER_HOME": os.environ["ATELIER_HOME"], **values})  # type: ignore[arg-type]


def web_environment(**values: str) -> dict[str, str]:
    plan = make_plan(settings(**values))
    web = plan.front[-1].prepare()
    shutil.rmtree(plan.home)
    return {name: value for name, value in web.env.items() if os.environ.get(name) != value}
