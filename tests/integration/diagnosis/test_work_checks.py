"""What the check-up finds about workers, the dispatcher, the storage and Atelier's own addresses."""

import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from services.container import build_services
from services.database.engine import Database
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.health.check import CheckStatus, CheckUpTargets
from services.health.checks import web as web_checks
from services.monitoring.processes import write_heartbeat
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from tests.integration.diagnosis.conftest import MakeTargets, check


def test_nobody_at_work_fails_with_the_command(targets: CheckUpTargets) -> None:
    for name, command in (("Workers", "./run worker"), ("Dispatcher", "./run dispatcher")):
        answered = check(targets, name)
        assert answered.status is CheckStatus.FAILED
        assert command in str(answered.fix)


def test_living_processes_are_counted(targets: CheckUpTargets, database: Database) -> None:
    with database.transaction() as session:
        write_heartbeat(session, "worker-1", "worker", 5, {"busy": 2})
        write_heartbeat(session, "worker-2", "worker", 3, {"busy": 0})
        write_heartbeat(session, "dispatcher-1", "dispatcher", 1, {})
    assert check(targets, "Workers").finding == "2 processes with 8 threads, 2 of them busy."
    assert check(targets, "Dispatcher").status is CheckStatus.OK


def test_silent_processes_fail(targets: CheckUpTargets, database: Database) -> None:
    with database.transaction() as session:
        write_heartbeat(session, "worker-1", "worker", 5, {})
        write_heartbeat(session, "dispatcher-1", "dispatcher", 1, {})
        session.execute(
            text("UPDATE app.heartbeats SET heartbeat_at = now() - interval '1 minute'")
        )
    silent = check(targets, "Workers")
    assert silent.status is CheckStatus.FAILED
    assert "1 has gone silent" in silent.finding
    assert "last tick was 60 s ago" in check(targets, "Dispatcher").finding


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, CheckStatus.OK), (90, CheckStatus.WARNING), (900, CheckStatus.FAILED)],
)
def test_a_run_that_is_not_dispatched_is_reported(
    targets: CheckUpTargets, database: Database, seconds: int, status: CheckStatus
) -> None:
    services = build_services(targets.settings)
    request = MascotsRequest(DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), 1)
    services.mascots.start(services.people.local(), request, "key")
    services.database.close()
    with database.transaction() as session:
        session.execute(
            text("UPDATE app.runs SET enqueued_at = NULL, due_at = now() - :age * interval '1 s'"),
            {"age": seconds},
        )
    assert check(targets, "Oldest undispatched job").status is status


def test_the_storage_is_written_read_and_emptied(targets: CheckUpTargets, tmp_path: Path) -> None:
    assert check(targets, "Write, read, delete").status is CheckStatus.OK
    assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []


def test_a_storage_that_cannot_be_written_fails(targets: CheckUpTargets, tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file lies where the folder should be")
    answered = check(targets, "Write, read, delete")
    assert answered.status is CheckStatus.FAILED
    assert "ATELIER_HOME" in str(answered.fix)


@pytest.mark.parametrize(
    ("free", "status"),
    [(1_000, CheckStatus.FAILED), (1_000_000_000, CheckStatus.WARNING), (10**12, CheckStatus.OK)],
)
def test_the_free_disk_space_is_reported(
    targets: CheckUpTargets, free: int, status: CheckStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = SimpleNamespace(f_bavail=free, f_frsize=1, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda path: volume)
    assert check(targets, "Free disk space").status is status


def test_a_web_process_that_does_not_answer_fails(make_targets: MakeTargets) -> None:
    answered = check(make_targets(ATELIER_PORT="1"), "Health route")
    assert answered.status is CheckStatus.FAILED
    assert "ATELIER_PORT" in str(answered.fix)


def test_another_program_on_the_port_is_recognised(
    make_targets: MakeTargets, simulator: str
) -> None:
    answered = check(make_targets(ATELIER_PORT=simulator.rpartition(":")[2]), "Health route")
    assert answered.status is CheckStatus.FAILED
    assert "Another program" in answered.finding


@pytest.mark.parametrize(
    ("url", "status", "finding"),
    [
        (None, CheckStatus.OK, "is not set"),
        ("http://atelier.example.com", CheckStatus.FAILED, "is not https"),
        ("https://192.168.1.4", CheckStatus.FAILED, "its own network"),
        ("https://localhost", CheckStatus.FAILED, "its own network"),
    ],
)
def test_the_public_address_is_one_that_providers_can_call(
    make_targets: MakeTargets, url: str | None, status: CheckStatus, finding: str
) -> None:
    answered = check(make_targets(PUBLIC_URL=url), "Public address")
    assert answered.status is status
    assert finding in answered.finding
    assert bool(answered.fix) is (status is CheckStatus.FAILED)


def test_a_public_address_that_nobody_answers_fails(
    make_targets: MakeTargets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_checks, "_is_private", lambda host: False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        targets = make_targets(PUBLIC_URL=f"https://127.0.0.1:{closed.getsockname()[1]}")
        answered = check(targets, "Public address")
    assert answered.status is CheckStatus.FAILED
    assert "cannot be reached" in answered.finding
