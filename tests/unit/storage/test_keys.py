"""Keys are made from content hashes, and nothing else passes for one."""

import hashlib

import pytest

from services.errors import StorageError
from services.storage.keys import (
    check_key,
    checked_prefix,
    is_key,
    original_key,
    parse_key,
    thumbnail_key,
)

SHA = hashlib.sha256(b"a picture").hexdigest()
SHARD = f"{SHA[:2]}/{SHA[2:4]}"

HOSTILE = [
    "",
    "../x",
    f"originals/{SHARD}/../{SHA}.jpg",
    f"/originals/{SHARD}/{SHA}.jpg",
    f"originals/{SHARD}/{SHA}.jpg\0",
    f"originals/{SHARD}/{SHA}.jpg\n",
    f"originals/{SHARD}/{SHA}.JPG",
    f"originals/{SHARD}/{SHA}",
    f"originals/{SHARD}/{SHA}.",
    f"originals/{SHARD}/{SHA}.jpg.php",
    f"originals/{SHARD}/{SHA}.svg",
    f"originals/{SHARD}/{SHA.upper()}.jpg",
    f"originals/{SHARD}/{SHA[:-1]}.jpg",
    f"originals/00/00/{SHA}.jpg",
    f"originals//{SHARD}/{SHA}.jpg",
    f"originals\\{SHA[:2]}\\{SHA[2:4]}\\{SHA}.jpg",
    f"secrets/{SHARD}/{SHA}.jpg",
    f"thumbnails/{SHARD}/{SHA}.jpg",
    f"originals/{SHARD}/{SHA}.jpg?x=1",
    f"originals/{SHARD}/{SHA[:-1]}\u0661.jpg",
    "C:/x",
]


def test_keys_have_their_form() -> None:
    assert original_key(SHA, "jpg") == f"originals/{SHARD}/{SHA}.jpg"
    assert thumbnail_key(SHA) == f"thumbnails/{SHARD}/{SHA}.webp"
    assert check_key(SHA) == f"checks/{SHARD}/{SHA}.bin"


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_key_is_taken_apart(extension: str, content_type: str) -> None:
    key = parse_key(original_key(SHA, extension))

    assert (key.kind, key.sha256, key.extension) == ("originals", SHA, extension)
    assert key.content_type == content_type


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_else_is_refused(text: str) -> None:
    assert not is_key(text)
    with pytest.raises(StorageError, match="is not a key"):
        parse_key(text)


@pytest.mark.parametrize(
    ("sha256", "extension"),
    [(SHA, "svg"), (SHA, ""), (SHA, "jpg/../x"), ("abc", "jpg"), (f"../{SHA}", "jpg"), ("", "jpg")],
)
def test_no_key_is_made_of_other_parts(sha256: str, extension: str) -> None:
    with pytest.raises(StorageError):
        original_key(sha256, extension)


def test_refusal_shows_the_text_without_control_characters() -> None:
    with pytest.raises(StorageError) as caught:
        parse_key("\x1b[2J\n" + "x" * 5000)

    assert "\x1b" not in caught.value.sentence and len(caught.value.sentence) < 400


def test_every_beginning_of_a_key_is_a_prefix() -> None:
    key = original_key(SHA, "webp")

    assert all(checked_prefix(key[:end]) == key[:end] for end in range(len(key) + 1))


@pytest.mark.parametrize(
    "text", ["..", "/", "originals/..", "originals//", "o*", "a\0", "originals/zz"]
)
def test_other_prefixes_are_refused(text: str) -> None:
    with pytest.raises(StorageError, match="begins no key"):
        checked_prefix(text)
