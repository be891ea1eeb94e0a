"""The embedded Redis: private, durable, and found wherever this machine has one."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from services.core.errors import StartError
from tests.waiting import eventually
from workers.local import redis as embedded_redis
from workers.local.redis import EmbeddedRedis, redis_binary
from workers.local.server import command_line

_START_AND_TELL = """
import sys, threading
from pathlib import Path
from workers.local.redis import EmbeddedRedis
print(EmbeddedRedis(Path(sys.argv[1])).start().pid, flush=True)
threading.Event().wait()
"""


def client(server: EmbeddedRedis) -> "redis.Redis":
    return redis.Redis.from_url(server.url, decode_responses=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """Short enough for sockets inside: a longer one leaves a folder in the temporary one."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder / "a home"
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(home) as started:
        yield started


def test_it_answers_on_a_private_socket_alone(server: EmbeddedRedis) -> None:
    assert client(server).ping()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
    assert client(server).config_get("port") == {"port": "0"}


def test_it_never_evicts_and_writes_each_second(server: EmbeddedRedis) -> None:
    for name, value in {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
    }.items():
        assert client(server).config_get(name) == {name: value}


@pytest.mark.parametrize("last_signal", [signal.SIGTERM, signal.SIGKILL])
def test_what_is_queued_survives_a_restart(home: Path, last_signal: signal.Signals) -> None:
    server = EmbeddedRedis(home).start()
    client(server).rpush("queue", "job")
    os.kill(server.pid or 0, last_signal)
    eventually(lambda: not server.is_ready())
    server.stop()
    with EmbeddedRedis(home) as again:
        assert client(again).lrange("queue", 0, -1) == ["job"]


def test_a_server_left_behind_is_ended_first(home: Path) -> None:
    left = EmbeddedRedis(home).start()
    client(left).set("kept", "yes")
    try:
        with EmbeddedRedis(home) as server:
            assert server.pid != left.pid
            assert client(server).get("kept") == "yes"
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


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_is_preferred(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_binary() == program


def test_without_any_redis_the_error_names_the_install_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded_redis, "find_spec", lambda name: None)
    with pytest.raises(StartError, match="install redis"):
        redis_binary()
