"""The embedded PostgreSQL: private, durable, and never left behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.core.errors import StartError
from tests.waiting import eventually
from workers.local import command
from workers.local.command import Identity, can_run, choose_identity
from workers.local.home import socket_folder
from workers.local.postgres import EmbeddedPostgres, carried_programs
from workers.local.server import command_line, read_pid

_START_AND_TELL = """
import sys, threading
from pathlib import Path
from workers.local.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start().pid, flush=True)
threading.Event().wait()
"""


def answer(server: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        connection.execute(statement)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home() -> Iterator[Path]:
    """Short enough for sockets inside: a longer one leaves a folder in the temporary one."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder / "a home"
    shutil.rmtree(folder)


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home) as server:
        yield server


def test_rows_survive_a_restart(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        run(server, "create table kept as select 7 as number")
    with EmbeddedPostgres(home) as server:
        assert answer(server, "select number from kept") == 7


def test_it_is_set_up_as_documented(postgres: EmbeddedPostgres) -> None:
    for name, value in {
        "server_encoding": "UTF8",
        "io_method": "sync",
        "shared_buffers": "32MB",
        "listen_addresses": "",
        "fsync": "on",
    }.items():
        assert answer(postgres, f"select current_setting('{name}')") == value


def test_only_its_owner_can_reach_it(home: Path) -> None:
    home.parent.chmod(0o711)
    with EmbeddedPostgres(home) as postgres:
        check_is_private(postgres)
    assert mode(home.parent) == 0o711


def check_is_private(postgres: EmbeddedPostgres) -> None:
    assert mode(postgres.home) == 0o700
    assert mode(postgres.sockets) == 0o700
    assert mode(postgres.password_file) == 0o600
    assert mode(postgres.data) == 0o700
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(postgres.sockets), user="atelier", password="wrong")


def test_its_password_is_in_no_argv(postgres: EmbeddedPostgres) -> None:
    command = command_line(postgres.pid or 0)
    assert str(postgres.data) in command
    assert postgres.password_file.read_text() not in command


def test_a_killed_server_recovers_at_the_next_start(home: Path) -> None:
    server = EmbeddedPostgres(home).start()
    run(server, "create table kept as select 7 as number")
    os.kill(server.pid or 0, signal.SIGKILL)
    server.stop()
    with EmbeddedPostgres(home) as again:
        assert answer(again, "select number from kept") == 7


def test_a_pid_file_that_names_a_foreign_process_is_no_obstacle(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text(f"{os.getppid()}\n" + "".join(lines[1:]))
    with EmbeddedPostgres(home) as server:
        assert answer(server, "select 1") == 1


def test_a_server_left_behind_is_ended_first(home: Path) -> None:
    left = EmbeddedPostgres(home).start()
    run(left, "create table kept as select 7 as number")
    try:
        with EmbeddedPostgres(home) as server:
            assert server.pid != left.pid
            assert answer(server, "select number from kept") == 7
    finally:
        left.stop()


def test_it_ends_with_a_killed_starter(home: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _START_AND_TELL, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    eventually(lambda: not command_line(pid))
    assert read_pid(home / "postgres" / "data" / "postmaster.pid") is None


def test_an_interrupted_first_start_is_repeated(home: Path) -> None:
    server = EmbeddedPostgres(home)
    unfinished = server.data.with_name("data.new")
    unfinished.mkdir(mode=0o700)
    (unfinished / "PG_VERSION").write_text("18")
    with server:
        assert answer(server, "select 1") == 1
    assert not unfinished.exists()


def test_a_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 20) / "home"
    with EmbeddedPostgres(home) as server:
        assert len(str(server.sockets)) < 90
        assert mode(server.sockets) == 0o700
        assert answer(server, "select 1") == 1
    shutil.rmtree(server.sockets)


def test_a_socket_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("open" * 20) / "home"
    folder = socket_folder(home)
    folder.chmod(0o755)
    with pytest.raises(StartError, match="Others may enter"):
        socket_folder(home)
    shutil.rmtree(folder)


def test_data_of_an_unknown_version_is_left_alone(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.data.mkdir(mode=0o700)
    (server.data / "PG_VERSION").write_text(f"{max(carried_programs()) + 1}\n")
    with pytest.raises(StartError, match="does not carry"):
        server.start()


def test_one_query_cannot_take_all_memory(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.Error):
        answer(
            postgres,
            "select length(array_agg(repeat('x', 100000))::text) from generate_series(1, 20000)",
        )
    eventually(postgres.is_ready)


def test_root_without_namespaces_runs_it_as_nobody(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        # Only root has this fallback; everybody else runs it as themselves.
        assert EmbeddedPostgres(home).identity.user == 0
        return

    def can_run_without_namespaces(who: Identity, argv: tuple[str, ...], at: Path) -> bool:
        return not who.in_namespace and can_run(who, argv, at)

    monkeypatch.setattr(command, "can_run", can_run_without_namespaces)
    state = Path(tempfile.mkdtemp())
    state.chmod(0o711)
    try:
        for _ in ("first", "second"):
            with EmbeddedPostgres(home, choose_identity(home, state)) as server:
                assert server.data.stat().st_uid == server.identity.user != 0
                assert answer(server, "select 1") == 1
    finally:
        shutil.rmtree(state)
