"""Files on this machine's disk: OSError becomes StorageError, and an unfinished file is removed."""

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.storage.problems import Reason, storage_error

_FILE_MODE = 0o600
FULL = Reason(
    "disk_full",
    "the disk is full",
    "Free the disk that holds ATELIER_HOME, or set ATELIER_HOME to a folder on a larger one.",
)
_DENIED = Reason(
    "denied",
    "its folder may not be read or written",
    "Give the folder ATELIER_HOME to the user that runs Atelier.",
)
_NOT_A_FOLDER = Reason(
    "not_a_folder",
    "a file lies where one of its folders should be",
    "Move the file away: ATELIER_HOME and its folder storage hold folders alone.",
)
_TOO_MANY_FILES = Reason(
    "too_many_open_files",
    "too many files are open",
    "Raise the limit of open files (ulimit -n) of the processes.",
)
_REASONS = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: Reason("quota", "the disk quota is used up", "Raise the quota, or free space."),
    errno.EROFS: Reason(
        "read_only", "the disk is read-only", "Mount it writable; a faulty disk is remounted so."
    ),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.ENOENT: Reason(
        "no_folder", "its folder is not there", "Mount its disk, or start Atelier with ./run."
    ),
    errno.EEXIST: _NOT_A_FOLDER,
    errno.ENOTDIR: _NOT_A_FOLDER,
    errno.EIO: Reason("fault", "the disk reports a fault", "Check the disk (dmesg, smartctl)."),
    errno.ESTALE: Reason(
        "stale",
        "the network disk was exported anew",
        "Unmount the network disk and mount it again.",
    ),
    errno.EMFILE: _TOO_MANY_FILES,
    errno.ENFILE: _TOO_MANY_FILES,
}


@contextmanager
def disk_errors(key: str = "") -> Iterator[None]:
    """Turn what the system raises into StorageError."""
    try:
        yield
    except OSError as failure:
        number = failure.errno or errno.EIO
        reason = _REASONS.get(number) or Reason("disk", os.strerror(number), "")
        raise storage_error(reason, key) from failure


@contextmanager
def new_file(path: Path) -> Iterator[io.BufferedRandom]:
    """A file that was not there: only this user can read it, and it can be read as well as written.

    Synced when the block ends, removed when the block or the disk fails. Raises OSError.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, _FILE_MODE)
    with contextlib.ExitStack() as undone:
        undone.callback(remove_if_there, path)
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        undone.pop_all()


def remove_if_there(path: Path) -> None:
    """Remove a file; ignores OSError, as a more serious error is already raised."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
