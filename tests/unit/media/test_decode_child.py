"""The process around the decoder: its limits, its environment, and what its death means."""

import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.core.errors import PictureRefusedError
from services.media import decode
from services.media.decode import decode_picture
from services.media.decode_child import DecodeLimits, answer
from services.media.formats import MEGABYTE, PictureFormat, RefusalReason
from tests.unit.media.drawn import encoded, halves, noise

PICTURE = encoded(halves(), "JPEG")


def reason_when_child_runs(
    script: str, monkeypatch: pytest.MonkeyPatch, limits: DecodeLimits | None = None
) -> str:
    """Why an upload is refused when the child is this script."""
    monkeypatch.setattr(decode, "_COMMAND", (sys.executable, "-c", script))
    with pytest.raises(PictureRefusedError) as caught:
        decode_picture(PICTURE, "a.jpg", limits=limits or DecodeLimits())
    return str(caught.value.reason)


def test_endless_work_is_ended_by_the_cpu_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    spin = "from services.media.decode_child import *; limit_resources(1 << 30, 1)\nwhile True: 0"

    assert reason_when_child_runs(spin, monkeypatch) == RefusalReason.DECODE_TIMEOUT


def test_endless_wait_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    wait = "import signal; signal.alarm(8); signal.pause()"
    limits, started = DecodeLimits(wall_seconds=0.2), time.monotonic()

    assert reason_when_child_runs(wait, monkeypatch, limits) == RefusalReason.DECODE_TIMEOUT
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", RefusalReason.DECODE_MEMORY),
        ("import os; os.abort()", RefusalReason.CORRUPT),
        ("raise SystemExit(3)", RefusalReason.CORRUPT),
        ("print('hello')", RefusalReason.CORRUPT),
        ("print('{\"unknown\": 1}')", RefusalReason.CORRUPT),
        ("pass", RefusalReason.CORRUPT),
    ],
)
def test_death_of_the_child_is_a_refusal(
    script: str, reason: RefusalReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reason_when_child_runs(script, monkeypatch) == reason


def test_too_little_memory_is_a_refusal() -> None:
    content = encoded(noise(64, 64).resize((4000, 4000)), "JPEG", quality=30)
    limits = DecodeLimits(memory_bytes=150 * MEGABYTE)

    with pytest.raises(PictureRefusedError) as caught:
        decode_picture(content, "big.jpg", limits=limits)

    assert caught.value.reason == RefusalReason.DECODE_MEMORY
    assert decode_picture(content, "big.jpg").width == 4000


def test_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_secret")
    environments: list[dict[str, str]] = []
    run = subprocess.run

    def spy(*command: Any, **options: Any) -> Any:
        environments.append(options["env"])
        return run(*command, **options)

    monkeypatch.setattr(subprocess, "run", spy)
    decode_picture(PICTURE, "a.jpg")

    assert len(environments) == 1 and "r8_secret" not in str(environments)
    assert set(environments[0]) == {"PYTHONPATH", "PYTHONSAFEPATH", "MALLOC_ARENA_MAX"}


def test_child_loads_little() -> None:
    script = "import sys, services.media.decode_child; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    loaded = {name.split(".")[0] for name in shown.stdout.split()}
    assert "PIL" in loaded
    assert not loaded & {"pillow_heif", "numpy", "streamlit", "boto3", "asyncio", "sqlalchemy"}


def test_two_children_at_once_are_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    third_came = threading.Barrier(3)
    run_child = decode._run_child

    def counted(*arguments: Any) -> bytes:
        try:
            third_came.wait(timeout=0.3)
        except threading.BrokenBarrierError:
            return run_child(*arguments)
        raise AssertionError

    monkeypatch.setattr(decode, "_run_child", counted)
    with ThreadPoolExecutor(4) as pool:
        widths = list(pool.map(lambda _: decode_picture(PICTURE, "a.jpg").width, range(4)))

    assert widths == [120] * 4 and third_came.broken


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF"])
def test_damaged_files_raise_nothing_unknown(source_format: str) -> None:
    content, dice = encoded(noise(70, 66), source_format), random.Random(20261120)
    verdicts = set()
    for _ in range(120):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 12)):
            damaged[dice.randrange(12, min(len(damaged), 900))] = dice.randrange(256)
        reply, picture, _ = answer(PictureFormat(source_format), DecodeLimits(), bytes(damaged))
        assert bool(picture) != bool(reply.refused)
        verdicts.add(reply.refused)
    assert verdicts & {"corrupt", "truncated"}
