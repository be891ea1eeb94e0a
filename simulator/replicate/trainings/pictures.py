"""Reads the zip that a training is given: its pictures, its captions, and the character they show."""

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image

from simulator.drawing.subject import SAMPLE_SIDE, SubjectFacts, facts_of_photo, read_subject

_TRAINED_ON = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_CAPTIONED = _TRAINED_ON | {".bmp", ".gif"}
_MAX_SAMPLES = 12
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
    facts: SubjectFacts | None

    def caption_of(self, picture: str) -> str | None:
        """The text given for a picture."""
        return self.captions.get(caption_path(picture))


def caption_path(picture: str) -> str:
    """Where a picture's caption lies."""
    return str(PurePosixPath(picture).with_suffix(".txt"))


def read_training_set(content: bytes) -> TrainingSet:
    """Read a zip; raises NotAZip."""
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
    samples = [
        archive.read(member)
        for member in pictures[:_MAX_SAMPLES]
        if member.file_size <= _LARGEST_MEMBER
    ]
    return TrainingSet(
        files=len(unpacked),
        pictures=tuple(member.filename for member in pictures),
        captioned=tuple(member.filename for member in _of_kinds(members, _CAPTIONED)),
        captions=captions,
        facts=_common_facts(samples),
    )


def _of_kinds(
    members: list[zipfile.ZipInfo], kinds: frozenset[str] | set[str]
) -> list[zipfile.ZipInfo]:
    return [member for member in members if PurePosixPath(member.filename).suffix.lower() in kinds]


def _common_facts(pictures: list[bytes]) -> SubjectFacts | None:
    """The character that most of them show; for photos, one in the colours of all of them."""
    seen = [
        (content, facts) for content in pictures if (facts := read_subject(content)) is not None
    ]
    if not seen:
        return None
    drawn = [facts for _, facts in seen if facts.tint is None]
    if not drawn:
        return _facts_of_photos([content for content, _ in seen])
    traits, _ = Counter(facts.traits for facts in drawn).most_common(1)[0]
    return next(facts for facts in drawn if facts.traits == traits)


def _facts_of_photos(photos: list[bytes]) -> SubjectFacts:
    """Lay the photos side by side and read their common colours."""
    side = SAMPLE_SIDE // _CELLS
    sheet = Image.new("RGB", (SAMPLE_SIDE, SAMPLE_SIDE))
    for cell in range(_CELLS * _CELLS):
        content = photos[cell % len(photos)]
        with Image.open(io.BytesIO(content)) as photo:
            photo.draft("RGB", (side, side))
            small = photo.convert("RGB").resize((side, side), Image.Resampling.BOX)
        sheet.paste(small, (cell % _CELLS * side, cell // _CELLS * side))
    digest = hashlib.sha256(b"".join(hashlib.sha256(photo).digest() for photo in photos))
    return facts_of_photo(sheet, digest.hexdigest())
