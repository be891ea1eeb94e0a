"""Every event has a label in words, whatever its detail lacks."""

import pytest

from services.diagnosis.timeline import EVENT_LABELS, event_detail, event_label
from services.pipeline.events import EventName


@pytest.mark.parametrize("name", list(EventName))
def test_every_event_has_a_label_in_words(name: EventName) -> None:
    text, _ = event_label(name, {})
    assert name in EVENT_LABELS
    assert "{" not in text and "None" not in text and text[0].isupper()


def test_details_are_filled_in() -> None:
    text, tone = event_label(EventName.RUN_RETRIED, {"in_seconds": 4.0, "reason": "503"})
    assert (text, tone) == ("Will retry in 4 s", "warn")


def test_an_event_of_another_version_is_shown_by_its_name() -> None:
    assert event_label("run.from_the_future", {"a": 1}) == ("run.from_the_future", "")


def test_values_of_the_label_are_not_repeated_in_the_detail() -> None:
    detail = {
        "reason": "The disk is full.",
        "state": "ingesting",
        "link": "https://x",
        "pictures": 2,
    }
    assert event_detail(detail) == "The disk is full.\npictures: 2"
