"""ATELIER_HOME on disk: private folders, generated secrets, and the lock of the one owner."""

import fcntl
import hashlib
import json
import os
import secrets
import socket
import stat
import tempfile
from pathlib import Path
from typing import IO, Self

from services.core.errors import StartError

LOOPBACK = "127.0.0.1"
# sun_path holds 104 bytes on macOS and 108 on Linux; ".s.PGSQL.5432.lock" takes 19 of them.
_MAX_SOCKET_FOLDER = 84


def private_folder(path: Path) -> Path:
    """Make `path` for its owner alone; raises StartError when it is another user's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    _require_own(path)
    return path


def short_hash(path: Path) -> str:
    """A short name for a folder, the same each time."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def socket_folder(home: Path) -> Path:
    """A private folder whose path is short enough for a unix socket."""
    inside = home / "sockets"
    if len(os.fsencode(inside)) <= _MAX_SOCKET_FOLDER:
        return private_folder(inside)
    name = f"atelier-{os.geteuid()}-{short_hash(home)}"
    beside = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(beside)) > _MAX_SOCKET_FOLDER:
        beside = Path("/tmp") / name
    private_folder(beside)
    if stat.S_IMODE(beside.lstat().st_mode) & 0o077:
        raise StartError(problem=f"Others may enter {beside}. Remove that folder and restart.")
    return beside


def stored_secret(path: Path) -> str:
    """The secret in `path`, made on the first call and readable by its owner alone."""
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.unlink(missing_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        unfinished.rename(path)
    return path.read_text().strip()


def stored_port(path: Path) -> int:
    """The port in `path` while it is free, else a new free one, which is stored."""
    stored = last_port(path)
    if stored and is_port_free(stored):
        return stored
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = int(probe.getsockname()[1])
    path.write_text(f"{port}\n")
    return port


def last_port(path: Path) -> int | None:
    """The port in `path`, free or not."""
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdigit() else None


def is_port_free(port: int, address: str = LOOPBACK) -> bool:
    """True when a server could listen on the port of an address of this machine now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def hold_port(port: int, address: str = LOOPBACK) -> IO[str]:
    """Reserve the `port` against every other `./run` of this user while the file is open.

    The web process binds the port a second later, and until then another server's answer would
    pass for its own. Raises StartError when the port is taken.
    """
    folder = private_folder(Path(tempfile.gettempdir()) / f"atelier-{os.geteuid()}-ports")
    file = (folder / str(port)).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        if is_port_free(port, address):
            return file
    file.close()
    raise StartError(
        problem=f"Port {port} is taken by another program (or ATELIER_ADDRESS is no address of this"
        f" machine). Choose another: ATELIER_PORT={port + 1} ./run"
    )


class HomeLock:
    """Held by the one `./run` that owns a state folder; the kernel drops it with the process."""

    def __init__(self, home: Path) -> None:
        self._path = private_folder(home) / "lock"
        self._file: IO[str] | None = None

    def take(self, url: str) -> None:
        """Become the owner and write pid and `url` for others to read.

        Raises StartError with the owner's pid and address.
        """
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            owner = self.owner()
            raise StartError(
                problem=f"Atelier is already running in {self._path.parent} (process"
                f" {owner.get('pid', 'unknown')}) at {owner.get('url', 'its port')}."
                " For a second one, set ATELIER_HOME and ATELIER_PORT."
            ) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": url}))
        file.flush()
        self._file = file

    def owner(self) -> dict[str, object]:
        """What the owner wrote about itself; empty when it has not yet."""
        text = self._path.read_text() if self._path.exists() else ""
        return dict(json.loads(text)) if text else {}

    def is_taken(self) -> bool:
        """True while another process owns the folder."""
        with self._path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def release(self) -> None:
        """Release the folder."""
        if self._file:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def _require_own(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise StartError(
            problem=f"{path} is not a folder. Remove it, or set ATELIER_HOME elsewhere."
        )
    if status.st_uid != os.geteuid():
        raise StartError(
            problem=f"{path} belongs to another user. Set ATELIER_HOME to a folder of yours."
        )
