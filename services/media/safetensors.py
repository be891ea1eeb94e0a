"""Check the header of a safetensors file without a library: its sizes must add up exactly."""

import json
import math
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from services.core.errors import WeightsRefusedError

_LENGTH = struct.Struct("<Q")
# The format allows 100 MB, which as JSON could take gigabytes here; a LoRA of 500 tensors has 0.1.
_MAX_HEADER_BYTES = 10 * 1024 * 1024
_MAX_DIMENSIONS = 8
_MAX_NUMBER = 2**63
_METADATA = "__metadata__"
_BYTES_OF = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E5M2": 1,
    "F8_E4M3": 1,
    "U16": 2,
    "I16": 2,
    "F16": 2,
    "BF16": 2,
    "U32": 4,
    "I32": 4,
    "F32": 4,
    "U64": 8,
    "I64": 8,
    "F64": 8,
}
# The names of the smaller matrix in the two families of trainers; its first side is the rank.
_DOWN = ("lora_A.", "lora_down.")


@dataclass(frozen=True)
class TensorsFound:
    """What a header describes; `rank` is None for weights that are no LoRA."""

    tensor_count: int
    rank: int | None


@dataclass(frozen=True)
class _Tensor:
    name: str
    shape: Sequence[int]
    begin: int
    end: int


def refused(problem: str) -> WeightsRefusedError:
    """The error for weights that are not taken."""
    return WeightsRefusedError(problem=problem)


def check_header(stream: BinaryIO, byte_count: int) -> TensorsFound:
    """Check a file of `byte_count` bytes that begins at the stream's offset.

    Every byte behind the header must belong to exactly one tensor of the right size. Raises
    WeightsRefusedError.
    """
    content = _header(stream, byte_count)
    try:
        entries = json.loads(content, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise refused("its list of tensors cannot be read") from None
    if not isinstance(entries, dict):
        raise refused("its list of tensors cannot be read")
    _check_metadata(entries.pop(_METADATA, {}))
    tensors = sorted(
        (_tensor(name, entry) for name, entry in entries.items()),
        key=lambda tensor: (tensor.begin, tensor.end),
    )
    _check_ranges(tensors, byte_count - _LENGTH.size - len(content))
    return TensorsFound(len(tensors), _rank(tensors))


def _header(stream: BinaryIO, byte_count: int) -> bytes:
    start = stream.read(_LENGTH.size) if byte_count >= _LENGTH.size else b""
    if len(start) < _LENGTH.size:
        raise refused("it is cut off at its beginning")
    (length,) = _LENGTH.unpack(start)
    if length > _MAX_HEADER_BYTES:
        raise refused("it is no safetensors file, or its list of tensors is far too long")
    content = stream.read(length) if length <= byte_count - _LENGTH.size else b""
    if len(content) < length:
        raise refused("it is cut off in its list of tensors")
    if not content.startswith(b"{"):
        raise refused("it is no safetensors file")
    return content


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _check_metadata(metadata: object) -> None:
    if not isinstance(metadata, Mapping) or not all(
        isinstance(value, str) for value in metadata.values()
    ):
        raise refused("its notes are not plain words")


def _tensor(name: str, entry: object) -> _Tensor:
    problem = refused("one of its tensors is described wrongly")
    if not isinstance(entry, Mapping) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise problem
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _BYTES_OF:
        raise refused("one of its tensors has a type that is not known here")
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        raise problem
    begin, end = offsets
    if end - begin != math.prod(shape) * _BYTES_OF[dtype]:
        raise refused("one of its tensors has another size than its shape")
    return _Tensor(name, shape, begin, end)


def _are_sizes(numbers: object) -> bool:
    return (
        isinstance(numbers, list)
        and len(numbers) <= _MAX_DIMENSIONS
        and all(type(number) is int and 0 <= number < _MAX_NUMBER for number in numbers)
    )


def _check_ranges(tensors: list[_Tensor], byte_count: int) -> None:
    if not tensors:
        raise refused("it holds no tensors")
    at = 0
    for tensor in tensors:
        if tensor.begin != at:
            raise refused("its tensors overlap or leave gaps")
        at = tensor.end
    if at > byte_count:
        raise refused("it is cut off before its end")
    if at < byte_count:
        raise refused("it goes on behind its last tensor")


def _rank(tensors: list[_Tensor]) -> int | None:
    """The most frequent one: a trainer may give single layers another."""
    ranks = Counter(
        tensor.shape[0]
        for tensor in tensors
        if tensor.shape and any(name in tensor.name for name in _DOWN)
    )
    return ranks.most_common(1)[0][0] if ranks else None
