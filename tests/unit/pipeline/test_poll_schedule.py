"""When a prediction is looked at next, from its model's usual duration and from the crowd."""

from unittest.mock import create_autospec

import pytest
from sqlalchemy.orm import Session

from services.providers.durations import FIRST_POLL_SHARE, MAX_POLLS_PER_SECOND, PollSchedule


def next_look(
    monkeypatch: pytest.MonkeyPatch,
    crowd: int = 0,
    usual: float | None = None,
    age: float = 0.0,
    least: float = 1.0,
) -> float:
    monkeypatch.setattr("services.providers.durations._count_overdue", lambda *_: crowd)
    session = create_autospec(Session, instance=True)
    return PollSchedule().seconds(session, "replicate", usual, age, least)


def test_the_first_look_comes_just_before_the_usual_end(monkeypatch: pytest.MonkeyPatch) -> None:
    poll_in = next_look(monkeypatch, usual=25.0, least=0.0)
    assert poll_in == pytest.approx(25.0 * FIRST_POLL_SHARE)


def test_what_was_learned_meanwhile_saves_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    poll_in = next_look(monkeypatch, usual=25.0, age=10.0)
    assert poll_in == pytest.approx(25.0 * FIRST_POLL_SHARE - 10.0)


def test_an_overdue_prediction_is_looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert next_look(monkeypatch, crowd=3, usual=25.0, age=26.0) == 1.0


def test_a_crowd_shares_the_looks_of_its_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    poll_in = next_look(monkeypatch, crowd=1000, usual=25.0, age=26.0)
    assert 1000 / poll_in == pytest.approx(MAX_POLLS_PER_SECOND)


def test_the_crowd_is_counted_once_for_many_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def count(*_: object) -> int:
        counts.append(1)
        return 0

    monkeypatch.setattr("services.providers.durations._count_overdue", count)
    looks, session = PollSchedule(), create_autospec(Session, instance=True)
    for _ in range(5):
        looks.seconds(session, "replicate", None, 0.0, 1.0)
    assert len(counts) == 1
