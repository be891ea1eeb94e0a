"""How one child process is started: its argv, environment, limits, what ends it, and as whom it runs.

PostgreSQL refuses to be root. Never changes the mode or the owner of a folder that was there before.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from services.core.errors import StartError
from workers.local.home import private_folder, short_hash

_WRAPPER = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Command:
    """One program to start; no secret in `argv`, which every user can read."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel (Linux) when the starting thread dies."""
    memory_bytes: int = 0
    user: int = 0
    """The uid that root becomes; 0 changes nothing."""
    in_namespace: bool = False

    def wrapped(self) -> list[str]:
        """The argv that starts it through `workers/local/child.py`, as a child of this process."""
        options = [f"--parent={os.getpid()}", f"--signal={int(self.death_signal)}"]
        options += [f"--memory={self.memory_bytes}"] * bool(self.memory_bytes)
        options += [f"--user={self.user}"] * bool(self.user)
        options += ["--namespace"] * self.in_namespace
        return [sys.executable, "-I", "-S", str(_WRAPPER), *options, "--", *self.argv]


def bare_environment(home: Path) -> dict[str, str]:
    """An environment without secrets, for programs that need none."""
    inherited = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "HOME")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        "LC_ALL": "C",
        "ATELIER_HOME": str(home),
    }


_SYSTEM_STATE = Path("/var/lib")


@dataclass(frozen=True)
class Identity:
    """Who runs the database, and where its folder is."""

    folder: Path
    user: int = 0
    in_namespace: bool = False

    def command(self, argv: tuple[str, ...], home: Path) -> Command:
        """`argv` as this identity; the kernel ends it with SIGINT when its starter dies."""
        return Command(
            argv=argv,
            env=bare_environment(home),
            cwd=self.folder,
            death_signal=signal.SIGINT,
            user=self.user,
            in_namespace=self.in_namespace,
        )

    def own(self, path: Path) -> Path:
        """Give a path that Atelier has just made to the identity."""
        if self.user:
            os.chown(path, self.user, self.user)
        return path


def choose_identity(home: Path, state: Path = _SYSTEM_STATE) -> Identity:
    """The caller; as root, root under another number, or `nobody` where that is forbidden.

    Data that `nobody` already owns stays where it is.
    """
    plain = Identity(private_folder(home / "postgres"))
    if os.geteuid() != 0:
        return plain
    if not _nobodys_folder(home, state).exists():
        in_namespace = replace(plain, in_namespace=True)
        if can_run(in_namespace, ("true",), home):
            return in_namespace
        if (plain.folder / "data").exists():
            raise StartError(
                problem=f"The database in {plain.folder} cannot be run as root here, since user "
                "namespaces are forbidden. Run as its own user, or set DATABASE_URL."
            )
    return nobody_identity(home, state)


def nobody_identity(home: Path, state: Path = _SYSTEM_STATE) -> Identity:
    """`nobody`, with a private folder outside of root's own."""
    folder = _nobodys_folder(home, state)
    folder.mkdir(mode=0o700, exist_ok=True)
    identity = Identity(folder, user=pwd.getpwnam("nobody").pw_uid)
    identity.own(folder)
    return identity


def reachable_programs(identity: Identity, programs: Path, home: Path) -> Path:
    """`programs`, or a copy of their installation that the identity can enter."""
    if can_run(identity, (str(programs / "postgres"), "--version"), home):
        return programs
    copy = identity.folder / programs.parent.name
    if not copy.exists():
        unfinished = copy.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(programs.parent, unfinished, symlinks=True)
        unfinished.rename(copy)
    return copy / programs.name


def can_run(identity: Identity, argv: tuple[str, ...], home: Path) -> bool:
    """True when a program succeeds as the identity."""
    command = identity.command(argv, home)
    ended = subprocess.run(
        command.wrapped(), env=dict(command.env), cwd="/", capture_output=True, check=False
    )
    return ended.returncode == 0


def _nobodys_folder(home: Path, state: Path) -> Path:
    return state / f"atelier-{short_hash(home)}"
