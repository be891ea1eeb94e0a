"""Times as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.diagnosis.search.times import names_time, spans

LISBON = "Europe/Lisbon"
NOW = datetime(2026, 7, 18, 10, 30, tzinfo=ZoneInfo(LISBON))


def middles(text: str, time_zone: str = LISBON) -> list[str]:
    """The middle of each stretch, on the clock of that place."""
    zone = ZoneInfo(time_zone)
    return [f"{span.middle.astimezone(zone):%d %H:%M}" for span in spans(text, NOW, time_zone)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yesterday at two", ["17 14:00", "17 02:00"]),
        ("Yesterday, around half past two in the afternoon", ["17 14:30"]),
        ("yesterday evening at nine", ["17 21:00"]),
        ("today 14:05", ["18 14:05"]),
        ("today at nine", ["18 09:00"]),
        ("2026-07-17 14:00", ["17 14:00"]),
        ("2026-07-17T13:00:00Z", ["17 14:00"]),
        ("an hour ago", ["18 09:30"]),
        ("20 min ago", ["18 10:10"]),
        ("just now", ["18 10:30"]),
        ("at two", ["18 02:00", "17 14:00"]),
        ("2 pm", ["17 14:00"]),
        ("noon", ["17 12:00"]),
        ("quarter to three", ["18 02:45", "17 14:45"]),
        ("monday at 9 am", ["13 09:00"]),
        ("17 july 08:15", ["17 08:15"]),
        ("17.07.2026 08:15", ["17 08:15"]),
    ],
)
def test_times_as_people_write_them_are_parsed(text: str, expected: list[str]) -> None:
    assert middles(text) == expected
    assert names_time(text)


def test_a_day_alone_lasts_from_midnight_to_midnight_in_its_time_zone() -> None:
    (span,) = spans("yesterday", NOW, LISBON)
    assert span.begin.astimezone(UTC) == datetime(2026, 7, 16, 23, tzinfo=UTC)
    assert (span.end - span.begin).total_seconds() == 24 * 3600


def test_an_unknown_zone_is_utc() -> None:
    (span,) = spans("2026-07-17 14:00", NOW, "../etc")
    assert span.middle == datetime(2026, 7, 17, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["two", "8", "two foxes", "a fox at two tables", "31.02.2026", "today at 25", "may 2", ""],
)
def test_words_that_are_no_time_have_no_span(text: str) -> None:
    assert spans(text, NOW, LISBON) == ()
    assert not names_time(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"\A(today|yesterday|[0-9]{1,4}) (at )?[0-9:.apm ]*\Z"))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    for span in spans(text, NOW, LISBON):
        assert span.begin <= span.middle <= span.end
