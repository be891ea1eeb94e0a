"""A safetensors header is taken only when all that it says adds up to the file, byte for byte."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import WeightsRefusedError
from services.media.safetensors import TensorsFound, check_header
from tests.unit.weights.made_weights import lora_header, raw, safetensors, tensor


def checked(content: bytes) -> TensorsFound:
    """What is found in a file of these bytes."""
    return check_header(io.BytesIO(content), len(content))


def refused(content: bytes) -> str:
    """What is wrong with these bytes."""
    with pytest.raises(WeightsRefusedError) as caught:
        checked(content)
    return str(caught.value.problem)


def test_lora_is_described() -> None:
    assert checked(safetensors()) == TensorsFound(tensor_count=4, rank=16)


def test_order_in_the_header_does_not_matter() -> None:
    turned = dict(reversed(lora_header().items()))

    assert checked(safetensors(turned)).tensor_count == 4


def test_header_may_be_filled_up_with_spaces() -> None:
    header = json.dumps({"w": tensor(0, 2, [1])}).encode() + b" " * 7

    assert checked(raw(header, b"xx")).tensor_count == 1


def test_empty_tensors_take_no_room() -> None:
    header = {"a": tensor(0, 0, [0, 4]), "b": tensor(0, 2, [1]), "c": tensor(2, 2, [0])}

    assert checked(safetensors(header)).tensor_count == 3


@pytest.mark.parametrize(
    ("dtype", "size"), [("F32", 4), ("BF16", 2), ("F8_E4M3", 1), ("I64", 8), ("BOOL", 1)]
)
def test_every_type_has_its_size(dtype: str, size: int) -> None:
    assert checked(safetensors({"w": tensor(0, 3 * size, [3], dtype)})).tensor_count == 1
    assert "size" in refused(safetensors({"w": tensor(0, 3 * size + 1, [3], dtype)}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cut off"),
        (b"\1\0\0", "cut off"),
        (raw(b"{}", length=3), "cut off"),
        (raw(b"{}", length=2**63), "far too long"),
        (raw(b"", length=100 * 1024 * 1024 + 1), "far too long"),
        (raw(b"", b"xx"), "no safetensors"),
        (raw(b"[]"), "no safetensors"),
        (raw(b" {}"), "no safetensors"),
        (raw(b"{"), "cannot be read"),
        (raw(b'{"w": NaN}'), "described wrongly"),
        (raw(b'{"\xff": 1}'), "cannot be read"),
        (raw(b'{"a":' * 50_000 + b"}" * 50_000), "cannot be read"),
        (raw(b'{"w": 1, "w": 2}'), "cannot be read"),
        (raw(b"{}"), "no tensors"),
        (raw(b'{"__metadata__": {}}'), "no tensors"),
        (raw(b'{"__metadata__": {"a": 1}}'), "notes"),
        (raw(b'{"__metadata__": []}'), "notes"),
    ],
)
def test_broken_header_is_refused(content: bytes, words: str) -> None:
    assert words in refused(content)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        {"dtype": "F16", "shape": [1]},
        tensor(0, 2, [1]) | {"more": 1},
        tensor(0, 2, [1]) | {"dtype": "F17"},
        tensor(0, 2, [1]) | {"dtype": ["F16"]},
        tensor(0, 2, [1]) | {"shape": "1"},
        tensor(0, 2, [1]) | {"shape": [True]},
        tensor(0, 2, [1]) | {"shape": [1.0]},
        tensor(0, 2, [1]) | {"shape": [-1]},
        tensor(0, 2, [1]) | {"shape": [1] * 9},
        tensor(0, 2, [1]) | {"shape": [2**64]},
        tensor(0, 2, [2**62, 2**62]),
        tensor(0, 2, [1]) | {"data_offsets": [0]},
        tensor(0, 2, [1]) | {"data_offsets": [0, 2, 4]},
        tensor(0, 2, [1]) | {"data_offsets": ["0", "2"]},
        tensor(2, 0, [1]),
        tensor(-2, 0, [1]),
    ],
)
def test_wrong_entry_is_refused(entry: Any) -> None:
    assert "one of its tensors" in refused(safetensors({"w": entry}, b"xx"))


@pytest.mark.parametrize(
    ("ranges", "data", "words"),
    [
        ([(0, 4), (2, 6)], 6, "overlap"),
        ([(0, 4), (0, 4)], 4, "overlap"),
        ([(0, 4), (6, 8)], 8, "gaps"),
        ([(2, 4)], 4, "gaps"),
        ([(0, 4)], 3, "cut off"),
        ([(0, 4)], 5, "goes on"),
    ],
)
def test_ranges_must_fill_the_file(ranges: list[tuple[int, int]], data: int, words: str) -> None:
    header = {str(n): tensor(a, b, [(b - a) // 2]) for n, (a, b) in enumerate(ranges)}

    assert words in refused(safetensors(header, bytes(data)))


def test_file_may_begin_in_the_middle_of_another() -> None:
    content = safetensors()
    stream = io.BytesIO(b"before" + content + b"behind")
    stream.seek(6)

    assert check_header(stream, len(content)).tensor_count == 4


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_any_entry_is_checked_or_refused(entry: Any) -> None:
    refused(safetensors({"w": entry}, b""))
    for part in ("dtype", "shape", "data_offsets"):
        refused(safetensors({"w": tensor(0, 2, [1]) | {part: entry}}, b"xxx"))


@given(st.binary(max_size=200))
def test_any_header_is_refused(header: bytes) -> None:
    refused(raw(header))
    refused(raw(b"{" + header))
