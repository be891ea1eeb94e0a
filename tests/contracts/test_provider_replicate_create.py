"""Replicate: one POST at most, and no reply to it is lost."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.providers.base import (
    FailureClass,
    PictureRequest,
    PredictionStatus,
)
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    CREATE,
    PREDICTION_ID,
    PREPARED,
    TOKEN,
    error_of,
    prediction,
    provider_at,
)


class TestCreate:
    def test_body_is_the_payload(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        far_end.on(CREATE, Answer(201, prediction()))
        made = replicate.create(PREPARED)
        (asked,) = far_end.sent_to(CREATE)
        assert asked.json == PREPARED.payload
        assert asked.headers["cancel-after"] == "600s"
        assert made.id == PREDICTION_ID
        assert made.web_url == f"https://replicate.com/p/{PREDICTION_ID}"
        assert made.status is PredictionStatus.STARTING

    def test_official_model_is_run_by_name(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        name = "black-forest-labs/flux-dev"
        route = f"POST /v1/models/{name}/predictions"
        far_end.on(route, Answer(201, prediction(model=name, version="hidden")))
        prepared = replicate.prepare(PictureRequest(name, "a fox", 1))
        assert prepared.payload["model"] == name
        replicate.create(prepared)
        assert far_end.sent_to(route)[0].json == {"input": prepared.payload["input"]}

    def test_webhook_gets_start_and_end(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        far_end.on(CREATE, Answer(201, prediction()))
        replicate.create(PREPARED, webhook_url="https://a.example/hook?attempt=1")
        sent = far_end.sent_to(CREATE)[0].json
        assert sent["webhook"] == "https://a.example/hook?attempt=1"
        assert sent["webhook_events_filter"] == ["start", "completed"]

    @pytest.mark.parametrize(
        "body",
        [
            {"id": PREDICTION_ID},
            prediction(status="aborted"),
            prediction(urls={"get": None, "web": None}),
            prediction(error={"detail": "odd"}),
            prediction(model=None, version=None),
        ],
    )
    def test_reply_that_the_client_refuses_is_not_lost(
        self, far_end: FarEnd, replicate: ReplicateProvider, body: dict[str, Any]
    ) -> None:
        far_end.on(CREATE, Answer(201, body))
        assert replicate.create(PREPARED).id == PREDICTION_ID

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b"null", {"id": None}, {"id": "a/b"}, {"status": "x"}]
    )
    def test_success_without_an_id_is_ambiguous(
        self, far_end: FarEnd, replicate: ReplicateProvider, body: Any
    ) -> None:
        far_end.on(CREATE, Answer(201, body))
        error = error_of(lambda: replicate.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.AMBIGUOUS, True)

    @pytest.mark.parametrize("way", ["close", "reset", "cut"])
    def test_lost_answer_is_ambiguous_and_never_sent_twice(
        self, far_end: FarEnd, replicate: ReplicateProvider, way: str
    ) -> None:
        far_end.on(CREATE, Answer(201, prediction(), way=way))
        error = error_of(lambda: replicate.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.AMBIGUOUS, True)
        assert len(far_end.sent_to(CREATE)) == 1

    def test_silence_ends_and_is_ambiguous(self, far_end: FarEnd) -> None:
        far_end.on(CREATE, Answer(way="hold"))
        with provider_at(far_end.url, seconds=0.3) as hasty:
            error = error_of(lambda: hasty.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.AMBIGUOUS, True)
        assert len(far_end.sent_to(CREATE)) == 1

    @pytest.mark.parametrize(
        ("status", "body", "failure"),
        [
            (302, b"", "configuration"),
            (400, {"detail": "input_images must be a zip file"}, "bad_input"),
            (
                401,
                {"title": "Unauthenticated", "detail": "no token", "status": 401},
                "configuration",
            ),
            (402, {"title": "Insufficient credit", "detail": "Go to billing"}, "funds"),
            (402, {"title": "Monthly spend limit reached"}, "funds"),
            (403, b"", "configuration"),
            (404, {"detail": "The requested resource could not be found."}, "model_retired"),
            (422, {"title": "Invalid version or not permitted"}, "model_retired"),
            (422, {"title": "Input validation failed", "invalid_fields": []}, "bad_input"),
            (422, ["not", "an", "object"], "bad_input"),
            (500, b"<html>", "ambiguous"),
            (503, {"detail": "unavailable"}, "ambiguous"),
        ],
    )
    def test_refusals(
        self,
        far_end: FarEnd,
        replicate: ReplicateProvider,
        status: int,
        body: Any,
        failure: str,
    ) -> None:
        far_end.on(CREATE, Answer(status, body))
        error = error_of(lambda: replicate.create(PREPARED))
        assert error.failure == failure
        assert error.status_code == status
        assert error.pauses_provider is (status in {401, 402, 403})
        assert len(far_end.sent_to(CREATE)) == 1

    @pytest.mark.parametrize(
        ("headers", "body", "seconds"),
        [
            ({"retry-after": "3600"}, {"detail": "throttled"}, 3600.0),
            ({}, {"detail": "Your rate limit resets in ~30s.", "retry_after": 5}, 30.0),
            ({}, {"detail": "throttled"}, None),
        ],
    )
    def test_throttled(
        self,
        far_end: FarEnd,
        replicate: ReplicateProvider,
        headers: dict[str, str],
        body: Any,
        seconds: float | None,
    ) -> None:
        far_end.on(CREATE, Answer(429, body, headers))
        error = error_of(lambda: replicate.create(PREPARED))
        assert error.failure is FailureClass.THROTTLED
        assert error.retry_after_seconds == seconds

    def test_lower_rate_of_an_account_is_read(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        said = (
            "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests"
            " per minute with a burst of 1 requests while you have less than $5.0 in credit."
            " Your rate limit resets in ~5s."
        )
        far_end.on(CREATE, Answer(429, {"detail": said, "status": 429}), Answer(429, {}))
        error = error_of(lambda: replicate.create(PREPARED))
        assert (error.creates_per_minute, error.retry_after_seconds) == (6.0, 5.0)
        assert error_of(lambda: replicate.create(PREPARED)).creates_per_minute is None

    def test_refused_connection_was_not_sent(self, dead_url: str) -> None:
        with provider_at(dead_url) as provider:
            error = error_of(lambda: provider.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)

    def test_unknown_host_was_not_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: Any, **__: Any) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with provider_at("http://replicate.invalid") as provider:
            error = error_of(lambda: provider.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)

    def test_threads_do_not_mix_replies(self, far_end: FarEnd) -> None:
        ids = [f"prediction{number:02}" for number in range(24)]
        far_end.on(CREATE, *(Answer(201, prediction(id=one)) for one in ids))
        with provider_at(far_end.url) as provider, ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: provider.create(PREPARED).id, ids))
        assert sorted(made) == ids

    def test_logs_hold_no_token(
        self, far_end: FarEnd, replicate: ReplicateProvider, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        far_end.on(CREATE, Answer(201, prediction()))
        replicate.create(PREPARED)
        assert TOKEN not in caplog.text
