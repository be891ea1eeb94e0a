"""Files on this machine's disk: OSError becomes StorageError, and an unfinished file is removed."""

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.core.errors import StorageError

_FILE_MODE = 0o600
_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "its folder may not be read or written",
    errno.EPERM: "its folder may not be read or written",
    errno.ENOENT: "its folder is not there",
    errno.EIO: "the disk reports a fault",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}


@contextmanager
def disk_errors(key: str = "") -> Iterator[None]:
    """Turn what the system raises into StorageError."""
    try:
        yield
    except OSError as failure:
        words = _WORDS.get(failure.errno or 0) or os.strerror(failure.errno or errno.EIO)
        raise StorageError(reason=words, key=key, errno=failure.errno) from failure


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
