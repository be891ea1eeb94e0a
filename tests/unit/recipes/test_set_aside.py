"""An output that cannot be used is paid for: its bytes stay, and the reason says where."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from services.core.errors import BlankPictureError, PictureRefusedError
from services.recipes.work import store_picture
from services.storage.keys import aside_key
from services.storage.local_storage import LocalStorage
from tests.unit.media.drawn import animation, encoded, halves, noise


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "storage")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encoded(noise(), "PNG")[:-900], "breaks off before its end"),
        (b"<!doctype html><title>403</title>", "is not a picture but a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG"),
        (animation("GIF"), "is an animation"),
        (b"\x00\x01\x02", "is not a picture but another kind of file"),
    ],
)
def test_unusable_output_is_set_aside_with_its_true_reason(
    storage: LocalStorage, content: bytes, words: str
) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        store_picture(storage, content)

    key = aside_key(hashlib.sha256(content).hexdigest())
    assert caught.value.sentence.startswith(f"The file {words}")
    assert storage.get(key) == content and storage.uri(key) in caught.value.sentence
    # Advice for a person who uploads has no place here.
    assert "Choose" not in caught.value.sentence and "send" not in caught.value.sentence


def test_empty_output_leaves_nothing(storage: LocalStorage) -> None:
    with pytest.raises(PictureRefusedError, match=r"The file is empty\.$"):
        store_picture(storage, b"")

    assert list(storage.list()) == []


def test_refused_blank_picture_is_set_aside(storage: LocalStorage) -> None:
    content = encoded(Image.new("RGB", (256, 256)), "PNG")

    with pytest.raises(BlankPictureError, match="one colour"):
        store_picture(storage, content, keeps_blank=False)

    assert [found.key for found in storage.list()] == [
        aside_key(hashlib.sha256(content).hexdigest())
    ]


@pytest.mark.parametrize("source_format", ["AVIF", "GIF", "TIFF"])
def test_converted_output_is_stored_as_what_it_became(
    storage: LocalStorage, source_format: str
) -> None:
    stored = store_picture(storage, encoded(halves(), source_format))

    content = storage.get(stored.storage_key)
    assert (stored.content_type, stored.byte_count) == ("image/jpeg", len(content))
    assert hashlib.sha256(content).hexdigest() == stored.sha256
