"""Extract the trained weights from the archive that the trainer made; nothing else leaves it.

No path of the archive is ever used, and nothing is written before the weights have been checked.
"""

import hashlib
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from services.media.safetensors import check_header, refused
from services.storage.disk import disk_errors, new_file

MAX_WEIGHTS_BYTES = 2048 * 1024 * 1024
_ENDING = ".safetensors"
_MAX_MEMBERS = 10_000
# Names and notes before a member are read in one piece, and by slow patterns.
_MAX_NOTE_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024
_PLAIN_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)

# What tarfile raises on broken archives, not only its own errors.
_BROKEN_ARCHIVE = (
    tarfile.TarError,
    EOFError,
    ValueError,
    ArithmeticError,
    LookupError,
    RecursionError,
)


@dataclass(frozen=True)
class WeightsFile:
    """Checked weights on disk; `sha256` is the hex digest, `rank` that of the LoRA, if it is one."""

    path: Path
    sha256: str
    byte_count: int
    tensor_count: int
    rank: int | None


@dataclass(frozen=True)
class _Place:
    """Where the weights lie in the archive."""

    begin: int
    byte_count: int


def extract_weights(archive: Path, target: Path, max_bytes: int = MAX_WEIGHTS_BYTES) -> WeightsFile:
    """Write the first *.safetensors of a tar to a file that was not there; synced when it returns.

    An archive that is itself a .safetensors file is taken as well. Raises WeightsRefusedError for
    whatever else it holds, and StorageError when the disk does not give or take it; then nothing
    is left.
    """
    with disk_errors(), archive.open("rb") as source:
        place = _place(source, os.fstat(source.fileno()).st_size)
        if place.byte_count > max_bytes:
            raise refused(f"it has more than {max_bytes // 1024**2:,} MB")
        source.seek(place.begin)
        found = check_header(source, place.byte_count)
        source.seek(place.begin)
        sha256 = _copied(source, target, place.byte_count)
    return WeightsFile(target, sha256, place.byte_count, found.tensor_count, found.rank)


def _place(source: BinaryIO, byte_count: int) -> _Place:
    start = source.read(9)
    source.seek(0)
    # Read as a length, the name at a tar's beginning is more than any file has.
    if start[8:] == b"{" and int.from_bytes(start[:8], "little") < byte_count:
        return _Place(0, byte_count)
    try:
        member = _first_weights(source)
    except _BROKEN_ARCHIVE:
        raise refused("its archive cannot be read") from None
    if member is None:
        raise refused("its archive holds no weights")
    if member.type not in _PLAIN_FILES or member.issparse():
        raise refused("its archive holds a link or a device in place of the weights")
    if not 0 <= member.size <= byte_count - member.offset_data:
        raise refused("its archive is cut off")
    return _Place(member.offset_data, member.size)


def _first_weights(source: BinaryIO) -> tarfile.TarInfo | None:
    # Uncompressed alone: a packed archive could unpack to any size.
    notes: Any = _CappedReads(source)
    with tarfile.open(fileobj=notes, mode="r:") as archive:
        for count, member in enumerate(archive):
            if count >= _MAX_MEMBERS:
                raise refused("its archive holds far too many files")
            if member.name.endswith(_ENDING):
                return member
    return None


class _CappedReads:
    """A file that is read in small pieces, however long an archive claims that a name is."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def read(self, byte_count: int) -> bytes:
        """Read; raises WeightsRefusedError for more than a name can need."""
        if not 0 <= byte_count <= _MAX_NOTE_BYTES:
            raise refused("its archive has names of a size that is not taken")
        return self._source.read(byte_count)

    def seek(self, at: int) -> int:
        """Move to an offset; raises WeightsRefusedError for a negative one."""
        if at < 0:
            raise refused("its archive has files of a negative size")
        return self._source.seek(at)

    def tell(self) -> int:
        """Return the offset."""
        return self._source.tell()


def _copied(source: BinaryIO, target: Path, byte_count: int) -> str:
    sha256, left = hashlib.sha256(), byte_count
    with new_file(target) as stream:
        while left:
            piece = source.read(min(left, _PIECE_BYTES))
            if not piece:
                raise refused("its archive is cut off")
            sha256.update(piece)
            stream.write(piece)
            left -= len(piece)
    return sha256.hexdigest()
