"""Weights leave their archive checked and whole, or not at all, whatever the archive says."""

import errno
import hashlib
import io
import os
import stat
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.errors import StorageError, WeightsRefusedError
from services.media import weights as weights_module
from services.media.weights import MAX_WEIGHTS_BYTES, WeightsFile, extract_weights
from tests.unit.weights.made_weights import (
    FOLDER,
    lora_header,
    safetensors,
    tar,
    tar_of,
    tensor,
    trained_model,
)

GOOD = safetensors()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the weights are to be; they are not there yet."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "weights"


def extracted(content: bytes, target: Path, **limits: int) -> WeightsFile:
    """The weights of an archive with these bytes."""
    archive = target.parent.parent / "trained_model.tar"
    archive.write_bytes(content)
    return extract_weights(archive, target, **limits)


def refused(content: bytes, target: Path, **limits: int) -> str:
    """What is said of these bytes; nothing may be left of them."""
    with pytest.raises(WeightsRefusedError) as caught:
        extracted(content, target, **limits)
    assert list(target.parent.iterdir()) == []
    assert caught.value.problem in caught.value.sentence
    return str(caught.value.problem)


def test_weights_of_a_trained_model_come_out(target: Path) -> None:
    found = extracted(trained_model(), target)

    assert target.read_bytes() == GOOD
    assert found == WeightsFile(target, hashlib.sha256(GOOD).hexdigest(), len(GOOD), 4, 16)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_bare_weights_are_taken_too(target: Path) -> None:
    assert extracted(GOOD, target).tensor_count == 4 and target.read_bytes() == GOOD


@pytest.mark.parametrize("rank", [1, 4, 128])
def test_rank_is_read(target: Path, rank: int) -> None:
    assert extracted(trained_model(safetensors(lora_header(rank))), target).rank == rank


def test_rank_of_the_other_family_of_names_is_read(target: Path) -> None:
    header = {"unet.lora_down.weight": tensor(0, 64, [8, 4]), "alpha": tensor(64, 66, [])}

    assert extracted(safetensors(header), target).rank == 8


def test_weights_that_are_no_lora_have_no_rank(target: Path) -> None:
    assert extracted(safetensors({"w": tensor(0, 8, [4])}), target).rank is None


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(target: Path, form: int) -> None:
    name = "output/" + "é" * 60 + "/" + "x" * 60 + ".safetensors"
    name = name if form != tarfile.USTAR_FORMAT else f"{FOLDER}/lora.safetensors"

    extracted(tar(("a.txt", b"x"), (name, GOOD), form=form), target)

    assert target.read_bytes() == GOOD


def test_first_weights_count(target: Path) -> None:
    extracted(tar(("a.safetensors", GOOD), ("b.safetensors", b"other")), target)

    assert target.read_bytes() == GOOD


@pytest.mark.parametrize(
    "name", ["../../escaped.safetensors", "/tmp/escaped.safetensors", "..\\x.safetensors"]
)
def test_no_path_of_the_archive_is_used(target: Path, name: str) -> None:
    found = extracted(tar((name, GOOD)), target)

    assert found.path == target
    assert sorted(path.name for path in target.parent.parent.rglob("*")) == [
        "out",
        "trained_model.tar",
        "weights",
    ]


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CONTTYPE,
        tarfile.DIRTYPE,
    ],
)
def test_what_is_no_plain_file_is_refused(target: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo("lora.safetensors")
    entry.type, entry.linkname = kind, "/etc/passwd"

    refused(tar_of((entry, b"")), target)


def test_sparse_weights_are_refused(target: Path) -> None:
    entry = tarfile.TarInfo("lora.safetensors")
    entry.pax_headers = {"GNU.sparse.map": "0,8", "GNU.sparse.size": str(2**40)}

    assert "link" in refused(tar_of((entry, GOOD), form=tarfile.PAX_FORMAT), target)


def test_links_elsewhere_in_the_archive_are_not_followed(target: Path) -> None:
    link = tarfile.TarInfo("output")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    content = tar_of((link, b""), (tarfile.TarInfo("output/x.safetensors"), GOOD))

    assert extracted(content, target).path == target and target.read_bytes() == GOOD


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"x" * 20_000, "cannot be read"),
        (b"\x1f\x8b" + bytes(2000), "cannot be read"),
        (b"PK\x03\x04" + b"x" * 2000, "cannot be read"),
        (bytes(10_240), "no weights"),
        (tar(("config.yaml", b"x")), "no weights"),
        (tar(("lora.safetensors.txt", GOOD)), "no weights"),
        (tar(("lora.safetensors", b"")), "cut off"),
        (tar(("lora.safetensors", GOOD[:-1])), "cut off before its end"),
        (tar(("lora.safetensors", GOOD + b"x")), "goes on"),
        (GOOD[:-1], "cut off before its end"),
        (GOOD + b"x", "goes on"),
        (trained_model()[:4000], "cut off"),
        (tar(("lora.safetensors", b"\x80\x02}q\x00." * 100)), "no safetensors file"),
    ],
)
def test_anything_else_is_refused(target: Path, content: bytes, words: str) -> None:
    assert words in refused(content, target)


def test_packed_archive_is_not_unpacked(target: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("lora.safetensors"))

    assert "cannot be read" in refused(out.getvalue(), target)


def test_long_names_are_not_read_into_memory(target: Path) -> None:
    name = "x" * 200_000 + ".safetensors"

    assert "names" in refused(tar((name, GOOD), form=tarfile.GNU_FORMAT), target)


def test_size_that_only_a_note_claims_is_not_believed(target: Path) -> None:
    for size in (str(2**50), "-1", "-99999", "x"):
        entry = tarfile.TarInfo("lora.safetensors")
        entry.pax_headers = {"size": size}
        refused(tar_of((entry, GOOD), form=tarfile.PAX_FORMAT), target)


def test_endless_archive_is_given_up(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_module, "_MAX_MEMBERS", 50)

    members = [(f"{number}.txt", b"") for number in range(60)]

    assert "too many files" in refused(tar(*members, ("x.safetensors", GOOD)), target)


def test_cap_is_two_gigabytes_and_counts_the_weights_alone(target: Path) -> None:
    assert MAX_WEIGHTS_BYTES == 2048 * 1024 * 1024
    refused(trained_model(), target, max_bytes=len(GOOD) - 1)
    refused(GOOD, target, max_bytes=len(GOOD) - 1)

    assert extracted(trained_model(), target, max_bytes=len(GOOD)).byte_count == len(GOOD)


def test_larger_weights_are_copied_in_pieces(target: Path) -> None:
    content = safetensors({"w": tensor(0, 3_000_002, [1_500_001])}, os.urandom(3_000_002))

    found = extracted(trained_model(content), target)

    assert target.read_bytes() == content
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_weights_are_synced(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_size))

    extracted(trained_model(), target)

    assert synced == [len(GOOD)]


def test_full_disk_is_no_fault_of_the_weights(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StorageError, match="the disk is full"):
        extracted(trained_model(), target)
    assert list(target.parent.iterdir()) == []


def test_missing_archive_is_no_fault_of_the_weights(target: Path) -> None:
    with pytest.raises(StorageError):
        extract_weights(target.with_name("nowhere"), target)


def test_file_that_is_there_is_not_overwritten(target: Path) -> None:
    target.write_bytes(b"somebody else's")

    with pytest.raises(StorageError):
        extracted(trained_model(), target)
    assert target.read_bytes() == b"somebody else's"


FUZZED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZED
@given(st.lists(st.tuples(st.integers(0, 3071), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_archive_is_refused_or_its_weights_hold(
    target: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(tar((f"{FOLDER}/{'x' * 120}.safetensors", GOOD), form=tarfile.PAX_FORMAT))
    for at, byte in changes:
        content[at] = byte
    try:
        found = extracted(bytes(content), target)
    except WeightsRefusedError:
        assert list(target.parent.iterdir()) == []
    else:
        assert found.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
        target.unlink()


@FUZZED
@given(st.binary(max_size=1200))
def test_any_bytes_are_refused(target: Path, content: bytes) -> None:
    refused(content, target)
    refused(tar(("x.safetensors", content)), target)
