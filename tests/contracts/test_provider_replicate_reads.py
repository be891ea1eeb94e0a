"""Replicate: polling, canceling, and finding again what was created."""

import pytest

from services.providers.base import (
    FailureClass,
    PredictionStatus,
)
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    GET,
    PREDICTION_ID,
    PREPARED,
    SINCE,
    error_of,
    prediction,
    provider_at,
)


class TestReading:
    def test_aborted_is_read(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        far_end.on(GET, Answer(200, prediction(status="aborted")))
        found = replicate.get(PREDICTION_ID)
        assert (found.status, found.failure) == (PredictionStatus.FAILED, FailureClass.DEADLINE)

    @pytest.mark.parametrize(
        ("answer", "failure"),
        [
            (Answer(401), "configuration"),
            (Answer(404, {"detail": "not found"}), "lost"),
            (Answer(429, {}, {"retry-after": "600"}), "transient"),
            (Answer(503, {}, {"retry-after": "600"}), "transient"),
            (Answer(500), "transient"),
            (Answer(200, b"<html>"), "transient"),
            (Answer(200, ["a", "list"]), "transient"),
            (Answer(way="close"), "transient"),
            (Answer(way="reset"), "transient"),
            (Answer(200, prediction(), way="cut"), "transient"),
        ],
    )
    def test_failed_reads_do_not_wait_or_repeat(
        self, far_end: FarEnd, replicate: ReplicateProvider, answer: Answer, failure: str
    ) -> None:
        far_end.on(GET, answer)
        assert error_of(lambda: replicate.get(PREDICTION_ID)).failure == failure
        assert len(far_end.sent_to(GET)) == 1

    def test_silence_ends(self, far_end: FarEnd) -> None:
        far_end.on(GET, Answer(way="hold"))
        with provider_at(far_end.url, seconds=0.3) as hasty:
            error = error_of(lambda: hasty.get(PREDICTION_ID))
        assert error.failure is FailureClass.TRANSIENT

    def test_cancel_answers_with_the_prediction(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        route = f"POST /v1/predictions/{PREDICTION_ID}/cancel"
        far_end.on(route, Answer(200, prediction(status="canceled")), Answer(502), Answer(404))
        assert replicate.cancel(PREDICTION_ID).status is PredictionStatus.CANCELED
        assert error_of(lambda: replicate.cancel(PREDICTION_ID)).failure is FailureClass.TRANSIENT
        assert error_of(lambda: replicate.cancel(PREDICTION_ID)).failure is FailureClass.LOST

    def test_id_stays_inside_its_path(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        assert error_of(lambda: replicate.get("../account")).failure is FailureClass.LOST
        assert far_end.asked[-1].path == "/v1/predictions/..%2Faccount"

    def test_account(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        body = {"type": "organization", "username": "acme", "name": "Acme Corp"}
        far_end.on("GET /v1/account", Answer(200, body))
        account = replicate.account()
        assert (account.provider, account.name, account.kind) == (
            "replicate",
            "acme",
            "organization",
        )


class TestFind:
    LIST = "GET /v1/predictions"

    def test_only_exact_requests_are_found(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        rows = [
            prediction(id="right"),
            prediction(id="moved", model="sdxl-based/consistent-character"),
            prediction(id="hidden", version="hidden"),
            prediction(id="other-seed", input={"prompt": "a fox", "seed": 43}),
            prediction(id="more", input={"prompt": "a fox", "seed": 42, "x": 1}),
            prediction(id="other-version", version="ff"),
            prediction(id="removed", input=None, data_removed=True),
            prediction(id="broken", status="aborted", urls=None, model=None, version=None),
            prediction(id=None),
            None,
        ]
        far_end.on(self.LIST, Answer(200, {"next": None, "results": rows}))
        found = replicate.find(PREPARED, SINCE)
        assert [match.id for match in found] == ["right", "moved", "hidden"]
        assert far_end.asked[-1].query == "created_after=2026-11-20T09%3A59%3A00.000Z"

    def test_pages_are_followed_on_our_host(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        foreign = "https://evil.example/v1/predictions?cursor=c2"
        far_end.on(
            self.LIST,
            Answer(200, {"next": foreign, "results": [prediction(id="one")]}),
            Answer(200, {"next": None, "results": [prediction(id="two")]}),
        )
        assert [match.id for match in replicate.find(PREPARED, SINCE)] == ["one", "two"]
        assert far_end.asked[-1].query == "cursor=c2"

    def test_older_rows_end_the_search(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        old = prediction(id="old", created_at="2026-11-20T09:58:59Z")
        page = {"next": "/v1/predictions?cursor=c2", "results": [prediction(), old]}
        far_end.on(self.LIST, Answer(200, page))
        assert [match.id for match in replicate.find(PREPARED, SINCE)] == [PREDICTION_ID]
        assert len(far_end.asked) == 1

    def test_endless_pages_end(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        pages = [Answer(200, {"next": f"?cursor={n}", "results": []}) for n in range(60)]
        far_end.on(self.LIST, *pages)
        assert replicate.find(PREPARED, SINCE) == []
        assert len(far_end.asked) == 50

    @pytest.mark.parametrize(
        "answer", [Answer(503), Answer(200, b"x"), Answer(200, {"results": 1})]
    )
    def test_search_that_fails_is_not_an_empty_answer(
        self, far_end: FarEnd, replicate: ReplicateProvider, answer: Answer
    ) -> None:
        far_end.on(self.LIST, answer)
        error = error_of(lambda: replicate.find(PREPARED, SINCE))
        assert error.failure is FailureClass.TRANSIENT
