"""Weights and archives made for tests: right ones, and those that somebody has tampered with."""

import io
import json
import struct
import tarfile
from typing import Any

FOLDER = "output/flux_train_replicate"


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F16") -> dict[str, Any]:
    """One entry of a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def lora_header(rank: int = 16) -> dict[str, Any]:
    """Two layers of a LoRA, 64 wide."""
    size = rank * 64 * 2
    names = [f"layer.{n}.lora_{part}.weight" for n in (0, 1) for part in "AB"]
    return {"__metadata__": {"format": "pt"}} | {
        name: tensor(at * size, (at + 1) * size, [rank, 64] if at % 2 == 0 else [64, rank])
        for at, name in enumerate(names)
    }


def data_bytes(header: dict[str, Any]) -> int:
    """How many bytes of data a right header asks for."""
    return max(int(entry["data_offsets"][1]) for name, entry in header.items() if name[0] != "_")


def safetensors(header: dict[str, Any] | None = None, data: bytes | None = None) -> bytes:
    """A file with this header; a LoRA of rank 16 unless another is given."""
    header = lora_header() if header is None else header
    data = bytes(data_bytes(header)) if data is None else data
    return raw(json.dumps(header).encode(), data)


def raw(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """A file with these very bytes as its header."""
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tar(*members: tuple[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar of plain files."""
    return tar_of(*((tarfile.TarInfo(name), content) for name, content in members), form=form)


def tar_of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar of any members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for entry, content in members:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def trained_model(weights: bytes | None = None) -> bytes:
    """What the trainer leaves."""
    return tar(
        (f"{FOLDER}/config.yaml", b"job: custom_job\n"),
        (f"{FOLDER}/captions/01.txt", b"TOK, a fox"),
        (f"{FOLDER}/lora.safetensors", safetensors() if weights is None else weights),
    )
