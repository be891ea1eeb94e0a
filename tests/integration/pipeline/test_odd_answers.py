"""Providers that answer polls and creates oddly: what is recorded, and what is asked again."""

from typing import Any

import pytest
from sqlalchemy import select

from services.core.states import GenerationState, RunState
from services.database.models import Event
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import prediction
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.scripted_server import READ, order, png, succeed, urls

PAGE = {"content-type": "text/html"}


def failed_polls(own_server: ManualPipeline, generation: str) -> list[dict[str, Any]]:
    with own_server.context.database.transaction() as session:
        found = session.scalars(
            select(Event.detail)
            .where(Event.generation_id == generation, Event.name == "run.poll_failed")
            .order_by(Event.id)
        )
        return list(found)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            Answer(401, {"detail": "Token r8_0123456789abcdefghijklmno is not valid"}),
            401,
            "answered 401",
        ),
        (Answer(500, {"detail": "Internal Server Error"}), 500, "Internal Server Error"),
        (Answer(502, b"<html><h1>Bad gateway</h1></html>", PAGE), 502, "Bad gateway"),
        (Answer(200, b"<html><h1>Sign in</h1></html>", PAGE), 200, "Sign in"),
        (Answer(200, b'{"id": "gm3'), 200, '{"id": "gm3'),
        (
            Answer(404, {"detail": "The requested resource could not be found."}),
            404,
            "not be found",
        ),
        (Answer(way="close"), None, "gave no answer"),
    ],
    ids=["401", "500", "502 page", "200 page", "cut json", "404", "closed"],
)
def test_an_odd_answer_to_a_poll_is_recorded_and_asked_again(
    own_server: ManualPipeline, far_end: FarEnd, answer: Answer, status: int | None, words: str
) -> None:
    done = {"status": "succeeded", "completed_at": "2026-11-20T10:00:10.000Z"}
    finished = Answer(200, prediction(**done, output=urls(far_end, "0")))
    far_end.on(READ, answer, answer, finished)
    far_end.on("GET /out/0", png())
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED
    (recorded,) = failed_polls(own_server, generation)
    assert recorded["status"] == status
    assert words in recorded["reason"]
    assert "0123456789abcdefghijklmno" not in str(recorded)


def test_a_prediction_is_lost_when_it_is_unknown_for_a_minute(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    far_end.on(READ, Answer(404, {"detail": "The requested resource could not be found."}))
    generation = order(own_server, 1)
    own_server.until_run(generation, RunState.WAITING)
    for _ in range(4):
        own_server.round()
    assert own_server.run(generation).state is RunState.WAITING
    assert own_server.finish(generation) is GenerationState.FAILED
    assert own_server.run(generation).failure == "lost"
    assert len(far_end.sent_to(READ)) == 6


def test_other_failures_before_do_not_shorten_that_minute(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    gone, away = Answer(404, {"detail": "gone"}), Answer(503, {"detail": "away"})
    succeed(far_end, urls(far_end, "0"))
    (finished,) = far_end._routes[READ]
    far_end.on(READ, *[away] * 7, gone, gone, away, gone, finished)
    far_end.on("GET /out/0", png())
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(200, b"<html><h1>Sign in</h1></html>", PAGE), "Sign in"),
        (
            Answer(503, b"upstream connect error", {"content-type": "text/plain"}),
            "upstream connect",
        ),
        (Answer(201, b'{"id": '), '{"id":'),
        (Answer(way="close"), "gave no answer"),
    ],
    ids=["page", "503", "cut json", "closed"],
)
def test_a_create_that_needs_review_says_what_was_answered(
    own_server: ManualPipeline, far_end: FarEnd, answer: Answer, words: str
) -> None:
    far_end.on("POST /v1/predictions", answer)
    far_end.on("GET /v1/predictions", Answer(200, {"results": [], "next": None}))
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.NEEDS_REVIEW
    detail = own_server.run(generation).failure_detail or ""
    assert words in detail and "no request like it" in detail
    assert ("connection broke" in detail) is False


def test_a_list_that_cannot_be_read_ends_in_review(
    own_server: ManualPipeline, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.pipeline.steps.reconcile.LIST_UNREAD_SECONDS", -1.0)
    far_end.on("POST /v1/predictions", Answer(way="close"))
    far_end.on("GET /v1/predictions", Answer(503, {"detail": "away"}))
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.NEEDS_REVIEW
    assert "could not be read" in (own_server.run(generation).failure_detail or "")
