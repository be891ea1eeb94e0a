"""What a trainer is sent: which pictures stay as they are, how large the zip may be, and its bytes."""

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from services.core.errors import (
    ArchiveTooLargeError,
    InvalidRequestError,
    ObjectMissingError,
    PictureRefusedError,
    StorageError,
)
from services.media import fit
from services.media.archive import (
    MOST_ARCHIVE_BYTES,
    MOST_CAPTION_CHARACTERS,
    TrainingPictureFile,
    write_training_archive,
)
from services.media.formats import RefusalReason
from tests.unit.media import drawn
from tests.unit.media.drawn import BLUE, RED, encoded, halves, is_near, opened, phone_photo

WHITE = (255, 255, 255)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the zip is to be; it is not there yet."""
    return tmp_path / "training.zip"


def files(*contents: bytes, caption: str = "") -> list[TrainingPictureFile]:
    """Pictures 01, 02 and so on."""
    return [_file(f"{number:02}", content, caption) for number, content in enumerate(contents, 1)]


def _file(stem: str, content: bytes, caption: str = "") -> TrainingPictureFile:
    return TrainingPictureFile(stem, lambda: content, caption)


def members(target: Path) -> dict[str, bytes]:
    """The files of a zip by name, each read in full and checked."""
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def only(target: Path, content: bytes) -> tuple[str, Image.Image]:
    """The name and pixels of a picture that was written alone."""
    write_training_archive(target, files(content))
    [(name, made)] = members(target).items()
    return name, opened(made)


def half_seen(width: int, height: int) -> Image.Image:
    """Red on the left; on the right nothing, under which green is hidden."""
    picture = Image.new("RGBA", (width, height), (255, 0, 0, 255))
    picture.paste((0, 255, 0, 0), (width // 2, 0, width, height))
    return picture


@pytest.mark.parametrize(
    ("source_format", "name"), [("JPEG", "01.jpg"), ("PNG", "01.png"), ("WEBP", "01.webp")]
)
@pytest.mark.parametrize("size", [(120, 80), (1536, 1536)])
def test_picture_that_fits_goes_in_byte_for_byte(
    target: Path, source_format: str, name: str, size: tuple[int, int]
) -> None:
    content = encoded(halves(*size), source_format)

    write_training_archive(target, files(content))

    assert members(target) == {name: content}


def test_opaque_picture_with_an_alpha_channel_stays_as_it_is(target: Path) -> None:
    content = encoded(halves().convert("RGBA"), "PNG")

    write_training_archive(target, files(content))

    assert members(target) == {"01.png": content}


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "smaller"),
    [((1537, 100), (1536, 100)), ((3000, 2000), (1536, 1024)), ((1200, 3600), (512, 1536))],
)
def test_larger_picture_becomes_a_smaller_jpeg(
    target: Path, source_format: str, size: tuple[int, int], smaller: tuple[int, int]
) -> None:
    name, picture = only(target, encoded(halves(*size), source_format))

    assert (name, picture.format, picture.mode) == ("01.jpg", "JPEG", "RGB")
    assert picture.size == smaller
    middle = picture.height // 2
    assert is_near(picture.getpixel((9, middle)), RED)
    assert is_near(picture.getpixel((picture.width - 9, middle)), BLUE)


@pytest.mark.parametrize("source_format", ["PNG", "WEBP"])
@pytest.mark.parametrize("size", [(400, 300), (2000, 1500)])
def test_transparency_becomes_white(
    target: Path, source_format: str, size: tuple[int, int]
) -> None:
    name, picture = only(target, encoded(half_seen(*size), source_format))

    assert name == "01.jpg" and picture.mode == "RGB"
    assert is_near(picture.getpixel((9, 9)), RED)
    assert is_near(picture.getpixel((picture.width - 9, 9)), WHITE)


def test_colour_key_of_a_palette_becomes_white_too(target: Path) -> None:
    picture = halves(2000, 1000).quantize(4)
    hidden = picture.getpixel((1990, 10))

    _, made = only(target, encoded(picture, "PNG", transparency=hidden))

    assert is_near(made.getpixel((9, 9)), RED)
    assert is_near(made.getpixel((made.width - 9, 9)), WHITE)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "CMYK"])
def test_every_mode_can_be_made_smaller(target: Path, mode: str) -> None:
    grey = Image.new("L", (1800, 900), 200)
    picture = grey.convert("I;16") if mode == "I;16" else grey.convert("RGB").convert(mode)

    _, made = only(target, encoded(picture, "JPEG" if mode == "CMYK" else "PNG"))

    assert (made.mode, made.size) == ("RGB", (1536, 768))


def test_redrawn_photograph_is_upright_without_metadata(target: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretPhone"
    content = encoded(halves(2400, 1200), "JPEG", quality=95, exif=exif, comment=b"a comment")

    name, picture = only(target, content)

    assert picture.size == (768, 1536)
    assert is_near(picture.getpixel((100, 9)), RED) and is_near(picture.getpixel((100, 1500)), BLUE)
    made = members(target)[name]
    assert b"SecretPhone" not in made and b"a comment" not in made and not picture.getexif()


def test_embedded_profile_is_followed(target: Path) -> None:
    content = encoded(halves(2000, 1000), "PNG", icc_profile=drawn.swapped_profile())

    _, picture = only(target, content)

    assert is_near(picture.getpixel((9, 9)), BLUE, 30)


def test_captions_lie_beside_their_pictures(target: Path) -> None:
    picture = encoded(halves(), "JPEG")

    write_training_archive(
        target,
        [
            _file("01", picture, "  TOK, a fox\nin a hat — “smiling”  "),
            _file("02", picture, " \n\t "),
            _file("03", encoded(halves(), "WEBP"), "TOK from behind"),
        ],
    )

    found = members(target)
    assert list(found) == ["01.jpg", "01.txt", "02.jpg", "03.webp", "03.txt"]
    assert found["01.txt"].decode() == "TOK, a fox in a hat — “smiling”"


def test_archive_holds_plain_stored_files_alone(target: Path) -> None:
    write_training_archive(target, files(encoded(halves(), "PNG"), phone_photo(), caption="TOK"))

    with zipfile.ZipFile(target) as archive:
        for entry in archive.infolist():
            assert entry.filename.isascii() and not set("/\\") & set(entry.filename)
            assert not entry.filename.startswith((".", "_")) and not entry.is_dir()
            assert entry.compress_type == zipfile.ZIP_STORED and entry.flag_bits == 0
            assert stat.S_ISREG(entry.external_attr >> 16)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_same_pictures_make_the_same_bytes(tmp_path: Path) -> None:
    contents = (encoded(drawn.scene(1, 2000, 1500), "PNG"), phone_photo())
    made = [tmp_path / "a.zip", tmp_path / "b.zip"]

    for path in made:
        write_training_archive(path, files(*contents, caption="x"))

    assert made[0].read_bytes() == made[1].read_bytes()


def test_archive_of_exactly_the_cap_is_written(target: Path, tmp_path: Path) -> None:
    pictures = files(encoded(halves(), "PNG"), phone_photo(), caption="TOK")
    write_training_archive(tmp_path / "measured.zip", pictures)
    byte_count = (tmp_path / "measured.zip").stat().st_size

    write_training_archive(target, pictures, byte_count)
    assert target.stat().st_size == byte_count
    target.unlink()
    with pytest.raises(ArchiveTooLargeError):
        write_training_archive(target, pictures, byte_count - 1)
    assert not target.exists()


def test_too_large_archive_stops_at_the_first_picture_too_many(target: Path) -> None:
    content = encoded(halves(), "PNG")
    loaded: list[int] = []

    def load(number: int) -> bytes:
        loaded.append(number)
        return content

    def endless() -> Iterator[TrainingPictureFile]:
        for number in range(1000):
            yield TrainingPictureFile(f"{number:03}", partial(load, number))

    with pytest.raises(ArchiveTooLargeError) as caught:
        write_training_archive(target, endless(), 5 * (len(content) + 100))

    assert loaded == list(range(6)) and not target.exists()
    assert "charged" in caught.value.sentence


def test_cap_is_below_what_the_trainers_host_refuses() -> None:
    assert MOST_ARCHIVE_BYTES == 100_000_000
    sentence = ArchiveTooLargeError(most_megabytes=MOST_ARCHIVE_BYTES // 1_000_000).sentence
    assert "more than 100 MB" in sentence


def test_one_picture_is_loaded_at_a_time(target: Path) -> None:
    order: list[str] = []
    content = encoded(halves(), "PNG")

    def load(stem: str) -> bytes:
        order.append(f"loaded {stem}")
        return content

    def noted(stem: str) -> TrainingPictureFile:
        order.append(f"asked {stem}")
        return TrainingPictureFile(stem, partial(load, stem))

    write_training_archive(target, (noted(stem) for stem in ("01", "02")))

    assert order == ["asked 01", "loaded 01", "asked 02", "loaded 02"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", RefusalReason.EMPTY),
        (encoded(halves(), "GIF"), RefusalReason.UNSUPPORTED_FORMAT),
        (encoded(halves(), "HEIF"), RefusalReason.UNSUPPORTED_FORMAT),
        (b"PK\x03\x04", RefusalReason.NOT_AN_IMAGE),
        (drawn.animation("PNG"), RefusalReason.ANIMATED),
        (drawn.animation("WEBP"), RefusalReason.ANIMATED),
        (drawn.png_claiming(30_000, 30_000), RefusalReason.TOO_MANY_PIXELS),
        (drawn.jpeg_claiming(30_000, 30_000), RefusalReason.TOO_MANY_PIXELS),
        (encoded(drawn.noise(1600, 900), "JPEG")[:-5000], RefusalReason.TRUNCATED),
        (encoded(halves(), "PNG")[:-6], RefusalReason.TRUNCATED),
    ],
)
def test_other_pictures_are_refused_and_nothing_is_left(
    target: Path, content: bytes, reason: RefusalReason
) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        write_training_archive(target, files(phone_photo(), content))

    assert (caught.value.reason, caught.value.filename) == (reason, "02")
    assert not target.exists()


def test_lack_of_memory_is_a_refusal(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(fit, "normalized", exhausted)

    with pytest.raises(PictureRefusedError) as caught:
        write_training_archive(target, files(encoded(halves(2000, 1000), "PNG")))
    assert caught.value.reason == RefusalReason.DECODE_MEMORY


def test_error_of_a_loader_comes_through_and_nothing_is_left(target: Path) -> None:
    def missing() -> bytes:
        raise ObjectMissingError(key="originals/…")

    with pytest.raises(ObjectMissingError):
        write_training_archive(target, [*files(phone_photo()), TrainingPictureFile("09", missing)])
    assert not target.exists()


def test_full_disk_is_a_storage_error_and_leaves_nothing(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StorageError, match="the disk is full"):
        write_training_archive(target, files(phone_photo()))
    assert not target.exists()


def test_file_that_is_there_is_not_overwritten(target: Path) -> None:
    target.write_bytes(b"somebody else's")

    with pytest.raises(StorageError):
        write_training_archive(target, files(phone_photo()))
    assert target.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("stem", ["", "../x", "a/b", ".x", "_x", "A", "é", "a b", "01.jpg", "x\n"])
def test_no_other_name_goes_in(stem: str) -> None:
    with pytest.raises(ValueError, match="a stem is"):
        TrainingPictureFile(stem, lambda: b"")


def test_names_are_not_used_twice(target: Path) -> None:
    with pytest.raises(ValueError, match="two pictures"):
        write_training_archive(target, [*files(phone_photo()), *files(phone_photo())])
    assert not target.exists()


def test_caption_that_is_too_long_is_refused(target: Path) -> None:
    longest = "é" * MOST_CAPTION_CHARACTERS
    with pytest.raises(InvalidRequestError, match="1,001 characters"):
        write_training_archive(target, files(phone_photo(), caption=longest + "x"))

    write_training_archive(target, files(phone_photo(), caption=longest))
    assert members(target)["01.txt"].decode() == longest


def test_picture_files_do_not_print_their_bytes() -> None:
    assert "lambda" not in repr(_file("01", io.BytesIO(b"x").getvalue()))
