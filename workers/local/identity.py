"""As whom PostgreSQL runs, since it refuses to be root; and the folder that identity may use.

Never changes the mode or the owner of a folder that was there before.
"""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from workers.local.command import Command, bare_environment
from workers.local.state_folder import StartError, private_folder, short_hash

_SYSTEM_STATE = Path("/var/lib")


@dataclass(frozen=True)
class Identity:
    """Who runs the database, and where its folder lies."""

    folder: Path
    user: int = 0
    in_namespace: bool = False

    def command(self, argv: tuple[str, ...], home: Path) -> Command:
        """`argv` as this identity; the kernel ends it in order when its starter dies."""
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

    Data that `nobody` already holds stays where it is.
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
                f"The database in {plain.folder} cannot be run as root here, since user "
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
    """True when a program runs to a good end as the identity."""
    command = identity.command(argv, home)
    ended = subprocess.run(
        command.wrapped(), env=dict(command.env), cwd="/", capture_output=True, check=False
    )
    return ended.returncode == 0


def _nobodys_folder(home: Path, state: Path) -> Path:
    return state / f"atelier-{short_hash(home)}"
