"""Objects as files below one folder, for a single machine.

A file appears under its key complete and durable or not at all: written aside, synced, renamed.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from services.core.errors import ObjectMissingError, StorageError
from services.storage.base import ObjectInfo, PublicUrl, write_read_delete
from services.storage.disk import FULL, disk_errors, new_file, remove_if_there
from services.storage.identity import MARK, Owner, mark_content, mark_id, require_mark
from services.storage.keys import checked_prefix, is_key, parse_key, require_named
from services.storage.problems import storage_error

_FOLDER_MODE = 0o700
_PIECE_BYTES = 1024 * 1024
_TEMPORARY = ".incoming"
# Less than a few pictures have.
_LEAST_FREE_BYTES = 50 * 1024 * 1024
_IN_THE_WAY = ".moved-aside"
# No put takes this long; a younger file may still be written by another process.
_STALE_SECONDS = 3600.0


class LocalStorage:
    """Storage in a folder of this machine's disk; only this user can read what it writes.

    With an `owner`, the folder must have its mark: it is created for a new owner alone, and while
    it has another mark or none, nothing is stored or called missing. Raises StorageError, as every method.
    """

    name = "local"

    def __init__(self, root: Path, owner: Owner | None = None) -> None:
        self._owner = owner
        with disk_errors():
            self._root = root.resolve()
            self._temporary = self._root / _TEMPORARY
            if owner is None:
                self._make_root()
            if self._temporary.is_dir():
                self.prune_temporary()

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store durably before returning; the type is not stored, it follows from the key."""
        self._require_mark(key)
        with disk_errors(key):
            self._write(self._path(key), (content,))

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a file's bytes as `put` does, a piece at a time; the file itself stays."""
        self._require_mark(key)
        with disk_errors(key):
            place = self._path(key)
            with path.open("rb") as source:
                self._write(place, _checked_pieces(key, source))

    def get(self, key: str) -> bytes:
        """The object's bytes; raises ObjectMissingError."""
        with self.open(key) as stream, self._looking_up(key):
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """Open for streaming; the caller closes. Raises ObjectMissingError."""
        with self._looking_up(key):
            return _opened(self._path(key))

    def head(self, key: str) -> ObjectInfo | None:
        try:
            with self._looking_up(key):
                status = self._path(key).stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    raise FileNotFoundError
                return _described(key, status)
        except ObjectMissingError:
            return None

    def delete(self, key: str) -> None:
        """Remove durably; a missing key is no error."""
        with contextlib.suppress(ObjectMissingError), self._looking_up(key):
            path = self._path(key)
            path.unlink()
            _sync_folder(path.parent)

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """What begins with the prefix and comes after `after`, in key order, a folder at a time.

        What is put or deleted meanwhile may or may not appear.
        """
        checked_prefix(prefix)
        self._require_mark(prefix)
        return self._listed(self._root, "", prefix, after)

    def uri(self, key: str) -> str:
        """`file:///…` of the object, whether it exists or not."""
        return self._path(key).as_uri()

    def public_url(self, key: str, download_name: str | None = None) -> PublicUrl | None:
        """None: no browser reaches these files but through our own route."""
        return None

    def check(self) -> None:
        """Write, read back, list and delete a small object; a full disk still takes that one."""
        write_read_delete(self)
        with disk_errors():
            if shutil.disk_usage(self._root).free < _LEAST_FREE_BYTES:
                raise storage_error(FULL, "")

    def mark(self) -> str | None:
        """The id in the folder's mark; None where there is no folder or no mark."""
        with disk_errors(MARK), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return mark_id((self._root / MARK).read_bytes())
        return None

    def set_mark(self, installation_id: str) -> None:
        """Create the folder where it is missing, and mark it."""
        with disk_errors(MARK):
            self._make_root()
            self._write(self._path(MARK), (mark_content(installation_id),))

    def prune_temporary(self, older_than_seconds: float = _STALE_SECONDS) -> int:
        """Remove the unfinished files of killed writers; returns how many."""
        latest, removed = time.time() - older_than_seconds, 0
        with disk_errors(), os.scandir(self._temporary) as entries:
            for entry in entries:
                # Another process may prune, or finish, the same file.
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime <= latest:
                        Path(entry).unlink()
                        removed += 1
        return removed

    def _make_root(self) -> None:
        self._root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._temporary.mkdir(mode=_FOLDER_MODE, exist_ok=True)

    def _require_mark(self, key: str, *, may_set: bool = True) -> None:
        require_mark(self, self._owner, f"the folder {self._root}", key, may_set=may_set)

    def _path(self, key: str) -> Path:
        path = self._root / parse_key(key).text
        # A key cannot lead out, a link that somebody laid below the root can.
        if os.path.realpath(path) != str(path):
            raise StorageError(reason="a link lies in its way", key=key)
        return path

    def _write(self, path: Path, pieces: Iterable[bytes]) -> None:
        temporary = self._temporary / f"{os.getpid()}-{secrets.token_hex(8)}"
        with new_file(temporary) as stream:
            stream.writelines(pieces)
        try:
            _make_folders(path.parent)
            if path.is_dir():
                # Somebody put a folder in the file's place; what it holds stays.
                path.rename(self._root / f"{_IN_THE_WAY}-{secrets.token_hex(8)}")
            temporary.replace(path)
        except OSError:
            remove_if_there(temporary)
            raise
        _sync_folder(path.parent)

    @contextmanager
    def _looking_up(self, key: str) -> Iterator[None]:
        with disk_errors(key):
            try:
                yield
            except FileNotFoundError as missing:
                # On an unmounted disk the objects are not deleted.
                self._require_mark(key, may_set=False)
                if not self._temporary.is_dir():
                    raise StorageError(reason="its folder is gone", key=key) from missing
                raise ObjectMissingError(key=key) from missing

    def _listed(self, folder: Path, below: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
        for entry in self._sorted_entries(folder):
            key = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                inside = key + "/"
                is_below = inside.startswith(prefix) or prefix.startswith(inside)
                if is_below and (inside > after or after.startswith(inside)):
                    yield from self._listed(Path(entry), inside, prefix, after)
            elif key.startswith(prefix) and key > after:
                found = self._found(entry, key)
                if found:
                    yield found

    def _sorted_entries(self, folder: Path) -> Sequence[os.DirEntry[str]]:
        missing_is_empty = contextlib.suppress(ObjectMissingError)
        with missing_is_empty, self._looking_up(""), os.scandir(folder) as entries:
            # Folder names are compared with their slash, as in keys.
            return sorted(entries, key=lambda entry: entry.name + "/")
        return ()

    def _found(self, entry: os.DirEntry[str], key: str) -> ObjectInfo | None:
        """The entry, if it is an object of ours and still there."""
        if not is_key(key) or not entry.is_file(follow_symlinks=False):
            return None
        with contextlib.suppress(ObjectMissingError), self._looking_up(key):
            return _described(key, entry.stat(follow_symlinks=False))
        return None


def _checked_pieces(key: str, source: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file; raises StorageError at its end when the key names others."""
    checked, sha256 = parse_key(key), hashlib.sha256()
    while piece := source.read(_PIECE_BYTES):
        sha256.update(piece)
        yield piece
    require_named(checked, sha256.hexdigest())


def _opened(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError
    return os.fdopen(descriptor, "rb")


def _make_folders(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        # One by one: mkdir(parents=True) gives the mode to the last folder alone.
        new.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        _sync_folder(new.parent)


def _described(key: str, status: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _sync_folder(folder: Path) -> None:
    # A rename is durable only when the folder that holds the name is.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
