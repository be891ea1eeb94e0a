"""Write the zip that a trainer takes: pictures with their captions beside them, and nothing else.

Written to disk as it grows, one picture in memory at a time; the same pictures make the same bytes.
"""

import contextlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from services.core.errors import ArchiveTooLargeError, InvalidRequestError
from services.media.fit import most_content_bytes, training_picture
from services.storage.disk import disk_errors, new_file

# Decimal: whichever megabyte the trainer's host counts in, it takes this.
MOST_ARCHIVE_BYTES = 100 * 1000 * 1000
MOST_CAPTION_CHARACTERS = 1000
_MAX_CAPTION_BYTES = 4 * MOST_CAPTION_CHARACTERS
_MAX_NAME_CHARACTERS = 40
_STEM = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# The first moment that a zip can name.
_WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16
# What the format adds: a header before each file, an entry in the directory, and an end record.
_HEADER_BYTES, _ENTRY_BYTES, _END_BYTES = 30, 46, 22


@dataclass(frozen=True)
class TrainingPictureFile:
    """A picture to train on. `stem` is ours, like `01`; its extension follows from the bytes.

    `load` reads the stored bytes when it is this picture's turn.
    """

    stem: str
    load: Callable[[], bytes] = field(repr=False)
    caption: str = ""

    def __post_init__(self) -> None:
        if _STEM.fullmatch(self.stem) is None:
            raise ValueError("a stem is 1 to 32 small letters, digits, - and _")


def write_training_archive(
    target: Path,
    pictures: Iterable[TrainingPictureFile],
    max_bytes: int = MOST_ARCHIVE_BYTES,
) -> None:
    """Write a zip that was not there; whatever is raised, nothing of it is left.

    Raises ArchiveTooLargeError at the first picture that does not fit, PictureRefusedError for one
    that cannot be opened, InvalidRequestError for a caption that is too long, StorageError when
    the disk does not take it, and what `load` raises. Blocks while another picture is redrawn.
    """
    with (
        disk_errors(),
        new_file(target) as stream,
        # Closed in any case: what is left open would write to a file that is gone.
        contextlib.closing(_Archive(stream, max_bytes)) as archive,
    ):
        for picture in pictures:
            archive.add(picture)


def estimated_bytes(byte_count: int, width: int, height: int) -> int:
    """The most that one stored picture adds to an archive, its caption included.

    Sums of it are never too small, so what passes before the charge passes after it.
    """
    names = 2 * _added_bytes("x" * _MAX_NAME_CHARACTERS, 0) + _END_BYTES
    return most_content_bytes(byte_count, width, height) + _MAX_CAPTION_BYTES + names


class _Archive:
    """The zip as it grows, and its size when it will be closed."""

    def __init__(self, stream: io.BufferedRandom, max_bytes: int) -> None:
        self._stems: set[str] = set()
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED)
        self._max_bytes = max_bytes
        self._byte_count = _END_BYTES

    def add(self, picture: TrainingPictureFile) -> None:
        """Write a picture, and its caption if it has one."""
        if picture.stem in self._stems:
            raise ValueError(f"two pictures are called {picture.stem}")
        self._stems.add(picture.stem)
        content, extension = training_picture(picture.load(), picture.stem)
        self._write(f"{picture.stem}.{extension}", content)
        caption = _one_line(picture.caption)
        if caption:
            self._write(f"{picture.stem}.txt", caption.encode(errors="replace"))

    def close(self) -> None:
        """Write the directory; the stream stays open."""
        self._zip.close()

    def _write(self, name: str, content: bytes) -> None:
        self._byte_count += _added_bytes(name, len(content))
        if self._byte_count > self._max_bytes:
            raise ArchiveTooLargeError(most_megabytes=self._max_bytes // 1_000_000)
        entry = zipfile.ZipInfo(name, _WRITTEN_AT)
        entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
        self._zip.writestr(entry, content)


def _added_bytes(name: str, byte_count: int) -> int:
    return _HEADER_BYTES + _ENTRY_BYTES + 2 * len(name) + byte_count


def _one_line(caption: str) -> str:
    # What a trainer makes of a second line differs.
    line = " ".join(caption.split())
    if len(line) > MOST_CAPTION_CHARACTERS:
        problem = (
            f"A caption has {len(line):,} characters and the most is "
            f"{MOST_CAPTION_CHARACTERS:,}. Shorten it."
        )
        raise InvalidRequestError(problem=problem)
    return line
