"""Reads the zip that a training is given: its pictures, its captions, and the character they show."""

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image

from simulator.drawing.subject import SAMPLE_SIDE, SubjectLook, look_at, look_of_photo

_TRAINED_ON = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_CAPTIONED = _TRAINED_ON | {".bmp", ".gif"}
_MOST_LOOKED_AT = 12
_MOST_MEMBERS = 1_000
_LARGEST_MEMBER = 64 * 1024 * 1024
_LARGEST_CAPTION = 4 * 1024
_CELLS = 4


class NotAZip(Exception):
    """The bytes are no zip archive."""


@dataclass(frozen=True)
class TrainingSet:
    """What a zip holds."""

    files: int
    """Entries that are unpacked, folders counted too, as the trainer counts them."""
    pictures: tuple[str, ...]
    """Paths of those that are trained on."""
    captioned: tuple[str, ...]
    """Paths of those that get a caption: some formats are captioned but not trained on."""
    captions: dict[str, str]
    """Text of each caption file, by its path."""
    look: SubjectLook | None

    def caption_of(self, picture: str) -> str | None:
        """The text given for a picture."""
        return self.captions.get(caption_path(picture))


def caption_path(picture: str) -> str:
    """Where a picture's caption lies."""
    return str(PurePosixPath(picture).with_suffix(".txt"))


def read_training_set(content: bytes) -> TrainingSet:
    """Look into a zip; raises NotAZip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise NotAZip from error


def _read(archive: zipfile.ZipFile) -> TrainingSet:
    # The trainer skips these at the archive's root alone.
    unpacked = [
        member
        for member in archive.infolist()
        if not member.filename.startswith(("__MACOSX/", "._"))
    ]
    members = unpacked[:_MOST_MEMBERS]
    pictures = _of_kinds(members, _TRAINED_ON)
    captions = {
        member.filename: archive.read(member).decode("utf-8", "replace")
        for member in _of_kinds(members, {".txt"})
        if member.file_size <= _LARGEST_CAPTION
    }
    looked_at = [
        archive.read(member)
        for member in pictures[:_MOST_LOOKED_AT]
        if member.file_size <= _LARGEST_MEMBER
    ]
    return TrainingSet(
        files=len(unpacked),
        pictures=tuple(member.filename for member in pictures),
        captioned=tuple(member.filename for member in _of_kinds(members, _CAPTIONED)),
        captions=captions,
        look=_common_look(looked_at),
    )


def _of_kinds(
    members: list[zipfile.ZipInfo], kinds: frozenset[str] | set[str]
) -> list[zipfile.ZipInfo]:
    return [member for member in members if PurePosixPath(member.filename).suffix.lower() in kinds]


def _common_look(pictures: list[bytes]) -> SubjectLook | None:
    """The character that most of them show; for photos, one in the colours of all of them."""
    seen = [(content, look) for content in pictures if (look := look_at(content)) is not None]
    if not seen:
        return None
    drawn = [look for _, look in seen if look.tint is None]
    if not drawn:
        return _look_of_photos([content for content, _ in seen])
    traits, _ = Counter(look.traits for look in drawn).most_common(1)[0]
    return next(look for look in drawn if look.traits == traits)


def _look_of_photos(photos: list[bytes]) -> SubjectLook:
    """Lays the photos side by side and reads the colours of the whole."""
    side = SAMPLE_SIDE // _CELLS
    sheet = Image.new("RGB", (SAMPLE_SIDE, SAMPLE_SIDE))
    for cell in range(_CELLS * _CELLS):
        content = photos[cell % len(photos)]
        with Image.open(io.BytesIO(content)) as photo:
            photo.draft("RGB", (side, side))
            small = photo.convert("RGB").resize((side, side), Image.Resampling.BOX)
        sheet.paste(small, (cell % _CELLS * side, cell // _CELLS * side))
    digest = hashlib.sha256(b"".join(hashlib.sha256(photo).digest() for photo in photos))
    return look_of_photo(sheet, digest.hexdigest())
