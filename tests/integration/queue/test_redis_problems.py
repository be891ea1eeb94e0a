"""Real servers that refuse: each is distinguished, and the setting or right to change is named."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis, exceptions

from services.core.errors import QueueUnavailableError
from services.core.server_problem import ServerProblem
from services.core.states import QueueName
from services.queue.base import QueuedStep
from services.queue.redis_problems import redis_problem
from services.queue.rq_queue import RqQueue, connect
from tests.waiting import eventually
from workers.local.redis import redis_binary

STEP = QueuedStep("submit", "run_1", 0, QueueName.DEFAULT, 60)
Start = Callable[..., str]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Redis servers of one test on sockets, with these options; returns their addresses."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    processes: list[subprocess.Popen[bytes]] = []

    def started(*options: str, port: int = 0) -> str:
        number = len(processes)
        path, data = folder / f"{number}.sock", folder / str(number)
        data.mkdir()
        argv = [str(redis_binary()), "--port", str(port), "--unixsocket", str(path)]
        argv += ["--save", "", "--dir", str(data), *options]
        processes.append(
            subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        eventually(path.exists)
        return f"unix://{path}"

    yield started
    for process in processes:
        process.kill()
        process.wait()
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def problem(ask: Callable[[], object]) -> ServerProblem:
    with pytest.raises(QueueUnavailableError) as refused:
        ask()
    found = refused.value.problem
    assert isinstance(found, ServerProblem) and found.server == "Redis" and found.fix
    assert str(found) in refused.value.sentence
    return found


def problem_at(url: str) -> ServerProblem:
    return problem(RqQueue(connect(url)).check)


def with_account(url: str, account: str) -> str:
    return url.replace("unix://", f"unix://{account}@")


def test_a_server_that_works_is_left_as_it_was(start: Start) -> None:
    url = start()
    RqQueue(connect(url)).check()
    assert Redis.from_url(url).keys() == []


def test_a_full_server_answers_ping_and_refuses_writes(start: Start) -> None:
    url = start("--maxmemory", "100kb")
    assert Redis.from_url(url).ping()
    queue = RqQueue(connect(url))
    assert problem(queue.check).code == "full"
    assert problem(lambda: queue.enqueue([STEP])).code == "full"
    assert queue.counts().waiting == 0


def test_a_replica_is_named_and_left_when_it_is_promoted(start: Start) -> None:
    url = start("--replicaof", "127.0.0.1", "1")
    queue = RqQueue(connect(url))
    assert problem(queue.check).code == "read_only"
    Redis.from_url(url).slaveof()
    queue.check()
    queue.enqueue([STEP])


def test_a_server_that_cannot_save_refuses_writes(start: Start) -> None:
    url = start()
    admin = Redis.from_url(url)
    folder = Path(str(admin.config_get("dir")["dir"]))
    admin.config_set("save", "1 1")
    admin.set("a", 1)
    folder.rmdir()
    admin.bgsave()
    eventually(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "err")
    found = problem_at(url)
    assert found.code == "not_saved" and "BGSAVE" in found.fix


def test_too_few_replicas(start: Start) -> None:
    assert problem_at(start("--min-replicas-to-write", "1")).code == "too_few_replicas"


def test_a_cluster_is_not_supported(start: Start) -> None:
    url = start("--cluster-enabled", "yes", port=free_port_of_a_cluster())
    assert problem_at(url).code == "cluster"


def free_port_of_a_cluster() -> int:
    """A cluster also takes the port 10,000 above."""
    return eventually(lambda: port if (port := free_port()) < 55_000 else 0)


def test_passwords(start: Start) -> None:
    url = start("--requirepass", "right-one")
    assert problem_at(url).code == "no_password"
    wrong = problem_at(with_account(url, ":wrong-one"))
    assert wrong.code == "wrong_password" and "wrong-one" not in str(wrong) + wrong.detail
    assert problem_at(with_account(url, "nobody:right-one")).code == "wrong_password"
    RqQueue(connect(with_account(url, ":right-one"))).check()


def test_a_user_without_rights(start: Start) -> None:
    url = start()
    admin: Any = Redis.from_url(url)
    admin.execute_command(
        "ACL", "SETUSER", "at", "on", ">pw", "~rq:*", "&*", "+@all", "-@dangerous"
    )
    queue = RqQueue(connect(with_account(url, "at:pw")))
    queue.check()
    queue.enqueue([STEP])
    # INFO is dangerous: what it would show is not known, and everything else works.
    assert queue.server() is None
    counts = queue.counts()
    assert (counts.waiting, counts.used_memory_bytes) == (1, None)
    admin.execute_command("ACL", "SETUSER", "at", "-set")
    assert "right to use set" in problem(queue.check).sentence
    admin.execute_command("ACL", "SETUSER", "at", "+set", "resetkeys", "~other:*")
    assert problem(queue.check).code == "no_right"


def test_no_connection_left(start: Start) -> None:
    url = start("--maxclients", "1")
    admin: Any = Redis.from_url(url)
    with admin.client() as only:
        only.ping()
        # It closes the connection at once, perhaps before its words are read.
        assert problem_at(url).code in ("too_many_clients", "closed")


def test_a_database_that_is_not_there(start: Start) -> None:
    assert problem_at(f"{start()}?db=99").code == "wrong_database"


def test_keys_of_another_program(start: Start) -> None:
    url = start()
    Redis.from_url(url).set("rq:queue:default", "mine")
    queue = RqQueue(connect(url))
    assert problem(queue.waiting_job_ids).code == "foreign_keys"


def test_a_frozen_server_is_slow(start: Start) -> None:
    url = start()
    pid = int(Redis.from_url(url).info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        queue = RqQueue(connect(url, timeout_seconds=0.1))
        assert problem(queue.check).code == "slow"
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("redis://no-such-host.invalid:6379/0", "unknown_host"),
        ("redis://127.0.0.1:1/0", "refused"),
        ("unix:///nowhere/redis.sock", "no_socket"),
    ],
)
def test_what_is_not_there(url: str, code: str) -> None:
    assert problem_at(url).code == code


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_redis"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-DENIED Redis is running in protected mode\r\n", "protected"),
        (b"-BUSY Redis is busy running a script.\r\n", "busy"),
        (b"-ERR max number of clients reached\r\n", "too_many_clients"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "primary_down"),
        (b"-ERR unknown command 'SET', with args beginning with: \r\n", "unknown_command"),
        (b"-ERR Client sent AUTH, but no password is set\r\n", "password_not_used"),
        (b"-SURPRISE that nobody has seen before\r\n", "refused_command"),
        (b"", "closed"),
    ],
)
def test_what_a_server_says(reply: bytes, code: str) -> None:
    with _answering(reply) as port:
        found = problem_at(f"redis://:pw@127.0.0.1:{port}/0")
    assert found.code == code
    if code == "refused_command":
        assert "nobody has seen" in found.detail


class _answering:
    """A server that sends one answer to whatever it receives, and closes."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._server.getsockname()[1])

    def __exit__(self, *error: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client = self._server.accept()[0]
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(self._reply * 20)


def _caused(error: exceptions.RedisError, cause: BaseException) -> exceptions.RedisError:
    error.__cause__ = cause
    return error


TLS: Sequence[tuple[str, str]] = (
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "no_tls"),
    ("_ssl.c:989: The handshake operation timed out", "no_tls"),
    ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "client_certificate"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1)", "certificate"),
    ("EOF occurred in violation of protocol (_ssl.c:2427)", "tls"),
)  # fmt: skip


@pytest.mark.parametrize(("words", "code"), TLS)
def test_encrypted_connections(words: str, code: str) -> None:
    """The binary that tests run speaks no TLS: these are the words of one that does."""
    error = exceptions.ConnectionError(f"Error 1 connecting to redis.example:6380. {words}")
    found = redis_problem(_caused(error, ssl.SSLError(1, words)))
    assert found.code == code
    if "expired" in words:
        assert "certificate has expired" in found.sentence


def test_the_arguments_of_a_job_are_not_repeated() -> None:
    error = exceptions.OutOfMemoryError(
        "Command # 1 (HSET rq:job:run_1-0 data 'a prompt') of pipeline caused error: command not"
        " allowed when used memory > 'maxmemory'."
    )
    found = redis_problem(error)
    assert found.code == "full" and "prompt" not in found.detail
