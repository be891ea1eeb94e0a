"""Every line that a timeline can hold is said in words, whatever its detail lacks."""

import pytest

from services.diagnosis.timeline import EVENT_LABELS, event_detail, event_label
from services.pipeline.events import EventName


@pytest.mark.parametrize("name", list(EventName))
def test_every_event_is_said_in_words(name: EventName) -> None:
    text, _ = event_label(name, {})
    assert name in EVENT_LABELS
    assert "{" not in text and "None" not in text and text[0].isupper()


def test_details_are_filled_in() -> None:
    text, tone = event_label(EventName.RUN_RETRIED, {"in_seconds": 4.0, "reason": "503"})
    assert (text, tone) == ("Will retry in 4 s", "warn")


def test_a_line_of_another_version_is_shown_as_it_is() -> None:
    assert event_label("run.from_the_future", {"a": 1}) == ("run.from_the_future", "")


def test_what_the_text_says_is_not_said_again() -> None:
    detail = {
        "reason": "The disk is full.",
        "state": "ingesting",
        "link": "https://x",
        "pictures": 2,
    }
    assert event_detail(detail) == "The disk is full.\npictures: 2"
