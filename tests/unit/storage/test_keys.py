"""Keys are made from content hashes, and nothing else passes for one."""

import hashlib

import pytest

from services.core.errors import StorageError
from services.storage.keys import (
    aside_key,
    check_key,
    checked_prefix,
    is_key,
    mark_key,
    original_key,
    parse_key,
    parse_served_key,
    require_named,
    thumbnail_key,
    weights_key,
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
    f"weights/{SHARD}/{SHA}.jpg",
    f"weights/{SHARD}/{SHA}.tar",
    f"weights/{SHARD}/lora.safetensors",
    f"originals/{SHARD}/{SHA}.safetensors",
    f"originals/{SHARD}/{SHA}.jpg?x=1",
    f"originals/{SHARD}/{SHA[:-1]}\u0661.jpg",
    "C:/x",
]


def test_keys_have_their_form() -> None:
    assert original_key(SHA, "jpg") == f"originals/{SHARD}/{SHA}.jpg"
    assert thumbnail_key(SHA) == f"thumbnails/{SHARD}/{SHA}.webp"
    assert check_key(SHA) == f"checks/{SHARD}/{SHA}.bin"
    assert weights_key(SHA) == f"weights/{SHARD}/{SHA}.safetensors"


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_key_is_taken_apart(extension: str, content_type: str) -> None:
    key = parse_key(original_key(SHA, extension))

    assert (key.kind, key.sha256, key.extension) == ("originals", SHA, extension)
    assert key.content_type == content_type


def test_weights_are_a_plain_file_and_no_picture() -> None:
    key = parse_key(weights_key(SHA))

    assert (key.kind, key.extension) == ("weights", "safetensors")
    assert key.content_type == "application/octet-stream" and not key.is_picture


def test_pictures_and_weights_alone_are_for_people() -> None:
    for served in (original_key(SHA, "jpg"), thumbnail_key(SHA), weights_key(SHA)):
        assert parse_served_key(served) == parse_key(served)
    for other in (check_key(SHA), mark_key("x"), aside_key(SHA)):
        with pytest.raises(StorageError, match="is not for people"):
            parse_served_key(other)
    with pytest.raises(StorageError, match="is not a key"):
        parse_served_key("../x")


@pytest.mark.parametrize(
    ("key", "is_named"),
    [
        (original_key(SHA, "jpg"), True),
        (weights_key(SHA), True),
        (thumbnail_key(SHA), False),
        (check_key(SHA), False),
    ],
)
def test_some_keys_name_the_bytes_of_their_object(key: str, is_named: bool) -> None:
    named, other = parse_key(key), hashlib.sha256(b"other").hexdigest()

    assert named.is_named_by_its_bytes == is_named
    require_named(named, SHA)
    if is_named:
        with pytest.raises(StorageError, match="not those that the key names"):
            require_named(named, other)
    else:
        require_named(named, other)


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_else_is_refused(text: str) -> None:
    assert not is_key(text)
    with pytest.raises(StorageError, match="is not a key"):
        parse_key(text)


@pytest.mark.parametrize("sha256", ["", "abc", SHA.upper(), f"../{SHA}", f"{SHA}.safetensors"])
def test_no_weights_key_is_made_of_anything_but_a_hash(sha256: str) -> None:
    with pytest.raises(StorageError):
        weights_key(sha256)


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
    for key in (original_key(SHA, "webp"), weights_key(SHA)):
        assert all(checked_prefix(key[:end]) == key[:end] for end in range(len(key) + 1))


@pytest.mark.parametrize(
    "text", ["..", "/", "originals/..", "originals//", "o*", "a\0", "originals/zz"]
)
def test_other_prefixes_are_refused(text: str) -> None:
    with pytest.raises(StorageError, match="begins no key"):
        checked_prefix(text)
