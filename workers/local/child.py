"""Start one program so that it cannot outlive whoever started it, and become that program.

Run as a file with `python -I -S`, so it imports the standard library alone and starts in 20 ms.
"""

import argparse
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NAMESPACE_ID = 1000
CANNOT_START = 125


def main(argv: list[str]) -> None:
    """Prepare this process as the options say and replace it with the command after `--`."""
    options = _parser().parse_args(argv)
    if options.memory:
        _limit_memory(options.memory)
    if options.user:
        _become(options.user)
    if options.namespace:
        _enter_user_namespace()
    # Changed credentials clear the death signal, so it is set last.
    _die_with(options.parent, options.signal)
    os.execvp(options.command[0], options.command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, default=int(signal.SIGKILL))
    parser.add_argument("--memory", type=int, default=0, help="RLIMIT_AS in bytes")
    parser.add_argument("--user", type=int, default=0, help="uid and gid to become, as root")
    parser.add_argument("--namespace", action="store_true", help="appear unprivileged, as root")
    parser.add_argument("command", nargs="+")
    return parser


def _limit_memory(size: int) -> None:
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _become(user: int) -> None:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def _enter_user_namespace() -> None:
    """Show root under another number, since PostgreSQL refuses to run as 0."""
    user, group = os.geteuid(), os.getegid()
    if _libc().unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace can be made here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NAMESPACE_ID} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{_NAMESPACE_ID} {group} 1")


def _die_with(parent: int, death_signal: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, death_signal)
    # The parent may have died before the signal was set.
    if os.getppid() != parent:
        sys.exit(CANNOT_START)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(CANNOT_START)
