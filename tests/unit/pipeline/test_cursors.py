"""A cursor leads back to its row; anything else is refused with a sentence, never an error."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from services.core.errors import InvalidRequestError
from services.database.keyset import before, encode
from services.database.models import Generation, new_id

COLUMNS = (Generation.created_at, Generation.id)


def values(cursor: str) -> list[Any]:
    """What the condition compares with."""
    (condition,) = before(cursor, *COLUMNS)
    compiled = condition.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return list(compiled.params.values())


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_cursor_names_its_row_to_the_microsecond(at: datetime) -> None:
    row_id = new_id("gen")
    assert values(encode(at, row_id)) == [at, row_id]


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_cursor_can_be_used_in_an_address(at: datetime) -> None:
    cursor = encode(at, new_id("slot"))
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_the_first_page_has_no_condition() -> None:
    assert before(None, *COLUMNS) == ()


def made(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


NOW = "2026-11-20T10:00:00+00:00"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ü",
        "%00",
        "=" * 7,
        "AAAA",
        encode(datetime(2026, 11, 20, tzinfo=UTC), "gen_1")[:-3],
        made([]),
        made({}),
        made("ab"),
        made(17),
        made(None),
        made([NOW]),
        made([NOW, "gen_1", 3]),
        made([17, "gen_1"]),
        made(["yesterday", "gen_1"]),
        made([NOW, 17]),
        made([NOW, None]),
        made([NOW, ""]),
        made([NOW, "gen_\x00"]),
        made([NOW, "gen_\ud800"]),
        made([NOW, "gen_1' OR true --"]),
        made([NOW, "g" * 201]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_a_damaged_cursor_is_refused_with_a_sentence(cursor: str) -> None:
    with pytest.raises(InvalidRequestError, match="damaged"):
        before(cursor, *COLUMNS)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        before(text, *COLUMNS)
    except InvalidRequestError:
        return
    assert values(text)
