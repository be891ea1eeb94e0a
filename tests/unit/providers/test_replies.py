"""What providers say is read without ever raising."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.redaction import remember_secrets
from services.providers.replies import (
    Reply,
    as_line,
    as_number,
    as_tail,
    as_text,
    as_time,
    retry_after_seconds,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
# No deadline: a busy machine is no finding.
quickly = settings(max_examples=50, deadline=None)


@quickly
@given(JSON)
def test_readers_never_raise(value: Any) -> None:
    as_text(value).encode()
    as_tail(value, 10)
    as_line(value)
    as_number(value)
    as_time(value)
    retry_after_seconds({"retry-after": as_text(value)}, value)


@quickly
@given(st.binary())
def test_any_body_is_an_object(content: bytes) -> None:
    assert isinstance(Reply(200, {}, content).body, dict)


def test_deeply_nested_body_is_empty() -> None:
    assert Reply(200, {}, b"[" * 100_000).body == {}


def test_nul_and_lone_surrogates_are_removed_for_postgresql() -> None:
    assert as_text("a\x00b\ud800c") == "ab?c"


def test_tail_is_cut_at_a_character() -> None:
    assert as_tail("aäö", 3) == "ö"


@pytest.mark.parametrize(
    "text",
    [
        "mine-123",
        "r8_abcdefghijkl",
        "hf_abcdefghijkl",
        "AIzaSyA-abcdefghijklmnop",
        "Authorization: Bearer xyz.abc",
    ],
)
def test_line_shows_no_secret(text: str) -> None:
    remember_secrets(["mine-123"])
    line = as_line(f"bad\nheader {text} end")
    assert "…" in line
    assert text.rsplit(maxsplit=1)[-1] not in line


def test_line_is_short_and_single() -> None:
    line = as_line("word\n" * 1000, limit=50)
    assert len(line) == 50
    assert "\n" not in line


@pytest.mark.parametrize(
    ("header", "hints", "seconds"),
    [
        ("7", (), 7.0),
        (None, (30,), 30.0),
        (None, ("17s",), 17.0),
        (None, ("0.5s",), 0.5),
        (None, ("Request was throttled. Your rate limit resets in ~30s.",), 30.0),
        (None, ("Please retry in 12.5s.",), 12.5),
        ("3", (5, "resets in ~9s"), 9.0),
        (None, (), None),
        ("nonsense", (None, "no hint", True, float("nan"), -4), None),
    ],
)
def test_longest_wait_wins(header: str | None, hints: tuple[Any, ...], seconds: float) -> None:
    headers = {"retry-after": header} if header else {}
    assert retry_after_seconds(headers, *hints) == seconds


def test_retry_after_may_be_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=90)
    wait = retry_after_seconds({"retry-after": format_datetime(moment, usegmt=True)})
    assert wait is not None
    assert 80 < wait <= 90


def test_times_are_aware() -> None:
    assert as_time("2026-11-20T10:00:00.144Z") == datetime(2026, 11, 20, 10, 0, 0, 144000, UTC)
    assert as_time("2026-11-20T10:00:00") == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert as_time(json.loads("null")) is None
