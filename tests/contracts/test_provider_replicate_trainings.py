"""Replicate: trainings are prepared without cost, created once, read and found again."""

import io
from pathlib import Path
from typing import Any

import pytest

from services.providers.base import FailureClass, TrainingRequest
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import SINCE, UPLOAD, VERSION, error_of
from tests.contracts.replicate_training_replies import (
    CREATE,
    GET,
    INPUT,
    LIST,
    MAKE,
    PREPARED,
    TRAINER,
    TRAINING_ID,
    URL,
    asked,
    training,
    written_set,
)

LARGEST_PIECE = 1024 * 1024


class CountingFile(io.FileIO):
    """A file that keeps how much was asked of it each time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self.sizes: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.sizes.append(-1 if size is None else size)
        return super().read(-1 if size is None else size) or b""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return written_set(tmp_path)


@pytest.fixture
def provider(far_end: FarEnd, replicate: ReplicateProvider) -> ReplicateProvider:
    """A provider whose account and trainer are known to the scripted server."""
    far_end.on("GET /v1/account", Answer(200, {"username": "acme"}))
    far_end.on(f"GET /v1/models/{TRAINER}", Answer(200, {"latest_version": {"id": VERSION}}))
    far_end.on(MAKE, Answer(201, {"owner": "acme", "name": "rosa"}))
    return replicate


class TestPrepare:
    def test_payload_is_complete(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        prepared = provider.trainings.prepare(asked(archive))
        assert (prepared.model, prepared.version, prepared.images) == (TRAINER, VERSION, ())
        assert prepared.payload == {
            "trainer": TRAINER,
            "version": VERSION,
            "destination": "acme/rosa",
            "input": {
                "trigger_word": "TOK",
                "steps": 10,
                "input_images": f"{far_end.url}/v1/files/NGZi",
            },
        }

    def test_destination_is_a_private_model_of_the_account(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        provider.trainings.prepare(asked(archive))
        assert far_end.sent_to(MAKE)[0].json == {
            "owner": "acme",
            "name": "rosa",
            "visibility": "private",
            "hardware": "gpu-h100",
        }

    def test_destination_that_is_there_is_used(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        far_end.on(MAKE, Answer(409, {"detail": "A model with that name already exists."}))
        far_end.on("GET /v1/models/acme/rosa", Answer(200, {"visibility": "private"}))
        assert provider.trainings.prepare(asked(archive)).payload["destination"] == "acme/rosa"

    def test_a_public_destination_is_refused_before_anything_is_sent(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        far_end.on(MAKE, Answer(409, {"detail": "A model with that name already exists."}))
        far_end.on("GET /v1/models/acme/rosa", Answer(200, {"visibility": "public"}))
        error = error_of(lambda: provider.trainings.prepare(asked(archive)))
        assert (error.failure, error.reached, error.pauses_provider) == (
            FailureClass.CONFIGURATION,
            False,
            False,
        )
        assert "acme/rosa is public" in error.detail
        assert far_end.sent_to(UPLOAD) == []

    def test_weights_are_published_without_pictures(
        self, far_end: FarEnd, provider: ReplicateProvider
    ) -> None:
        request = TrainingRequest(
            TRAINER, "rosa", None, {"trigger_word": "TOK"}, weights_url="https://s3/w?sig=1"
        )
        assert provider.trainings.prepare(request).payload["input"] == {
            "trigger_word": "TOK",
            "skip_training_and_use_pretrained_hf_lora_url": "https://s3/w?sig=1",
        }
        assert far_end.sent_to(UPLOAD) == []

    def test_version_and_account_are_asked_once(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        provider.trainings.prepare(asked(archive))
        provider.trainings.prepare(asked(archive))
        assert len(far_end.sent_to("GET /v1/account")) == 1
        assert len(far_end.sent_to(f"GET /v1/models/{TRAINER}")) == 1
        assert len(far_end.sent_to(UPLOAD)) == 2

    def test_pinned_trainer_is_honoured(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        prepared = provider.trainings.prepare(asked(archive, trainer=f"{TRAINER}:abc123"))
        assert (prepared.payload["trainer"], prepared.version) == (TRAINER, "abc123")
        assert not far_end.sent_to(f"GET /v1/models/{TRAINER}")

    def test_archive_is_sent_piece_by_piece(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        file = CountingFile(archive)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Path, "open", lambda *_: file)
            provider.trainings.prepare(asked(archive))
        (upload,) = far_end.sent_to(UPLOAD)
        assert archive.read_bytes() in upload.content
        assert b'filename="rosa.zip"' in upload.content
        assert b"Content-Type: application/zip" in upload.content
        assert int(upload.headers["content-length"]) == len(upload.content)
        assert file.closed
        assert file.sizes
        assert all(0 < size <= LARGEST_PIECE for size in file.sizes)

    @pytest.mark.parametrize(
        ("route", "answer", "failure", "pauses"),
        [
            (UPLOAD, Answer(413, {"detail": "Files must be less than 100MB"}), "bad_input", False),
            (UPLOAD, Answer(500), "transient", False),
            (UPLOAD, Answer(way="reset"), "transient", False),
            ("GET /v1/account", Answer(401), "configuration", True),
            ("GET /v1/account", Answer(500), "transient", False),
            ("GET /v1/account", Answer(200, {}), "transient", False),
            (MAKE, Answer(403, {"detail": "There is a limit of 1000"}), "configuration", False),
            (MAKE, Answer(402, {"title": "Insufficient credit"}), "funds", True),
            (MAKE, Answer(429, {"retry_after": 9}), "throttled", False),
            (MAKE, Answer(502), "transient", False),
            (MAKE, Answer(201, {}, way="close"), "transient", False),
            (f"GET /v1/models/{TRAINER}", Answer(404), "configuration", False),
            (
                f"GET /v1/models/{TRAINER}",
                Answer(200, {"latest_version": None}),
                "configuration",
                False,
            ),
        ],
    )
    def test_failure_costs_nothing(
        self,
        far_end: FarEnd,
        provider: ReplicateProvider,
        archive: Path,
        route: str,
        answer: Answer,
        failure: str,
        pauses: bool,
    ) -> None:
        far_end.on(route, answer)
        error = error_of(lambda: provider.trainings.prepare(asked(archive)))
        assert (error.failure, error.reached) == (failure, False)
        assert error.pauses_provider is pauses
        assert not far_end.sent_to(CREATE)

    def test_reply_that_the_client_refuses_is_stored(
        self, far_end: FarEnd, provider: ReplicateProvider, archive: Path
    ) -> None:
        far_end.on(MAKE, Answer(201, b"<html>"))
        assert provider.trainings.prepare(asked(archive)).version == VERSION


class TestCreate:
    def test_body_is_the_request(self, far_end: FarEnd, provider: ReplicateProvider) -> None:
        far_end.on(CREATE, Answer(201, training()))
        made = provider.trainings.create(PREPARED, webhook_url="https://a.example/hook?attempt=1")
        (sent,) = far_end.sent_to(CREATE)
        assert sent.json == {
            "destination": "acme/rosa",
            "input": INPUT,
            "webhook": "https://a.example/hook?attempt=1",
            "webhook_events_filter": ["start", "completed"],
        }
        assert "cancel-after" not in sent.headers
        assert made.id == TRAINING_ID
        assert made.web_url == f"https://replicate.com/p/{TRAINING_ID}"

    @pytest.mark.parametrize(
        "body",
        [
            {"id": TRAINING_ID},
            training(status="aborted"),
            training(output={"version": "no-owner", "weights": "x"}),
            training(model=None, version=None, urls={"get": None}),
        ],
    )
    def test_reply_that_the_client_refuses_is_not_lost(
        self, far_end: FarEnd, provider: ReplicateProvider, body: dict[str, Any]
    ) -> None:
        far_end.on(CREATE, Answer(201, body))
        assert provider.trainings.create(PREPARED).id == TRAINING_ID

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(201, b"<html>"),
            Answer(201, {"id": None}),
            Answer(500),
            Answer(201, training(), way="cut"),
            Answer(way="close"),
        ],
    )
    def test_lost_answer_is_ambiguous_and_never_sent_twice(
        self, far_end: FarEnd, provider: ReplicateProvider, answer: Answer
    ) -> None:
        far_end.on(CREATE, answer)
        error = error_of(lambda: provider.trainings.create(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.AMBIGUOUS, True)
        assert "training" in error.detail
        assert len(far_end.sent_to(CREATE)) == 1

    @pytest.mark.parametrize(
        ("status", "body", "failure"),
        [
            (402, {"title": "Monthly spend limit reached"}, "funds"),
            (404, {"detail": "The requested resource could not be found."}, "model_retired"),
            (422, {"title": "Input validation failed"}, "bad_input"),
            (429, {"detail": "throttled", "retry_after": 9}, "throttled"),
        ],
    )
    def test_refusals(
        self, far_end: FarEnd, provider: ReplicateProvider, status: int, body: Any, failure: str
    ) -> None:
        far_end.on(CREATE, Answer(status, body))
        assert error_of(lambda: provider.trainings.create(PREPARED)).failure == failure

    def test_a_missing_destination_is_made_once(
        self, far_end: FarEnd, provider: ReplicateProvider
    ) -> None:
        gone = Answer(404, {"detail": "The specified training destination does not exist"})
        far_end.on(MAKE, Answer(201, {}))
        far_end.on(CREATE, gone, Answer(201, training()))
        assert provider.trainings.create(PREPARED).id
        assert len(far_end.sent_to(MAKE)) == 1 and len(far_end.sent_to(CREATE)) == 2
        far_end.on(CREATE, gone)
        error = error_of(lambda: provider.trainings.create(PREPARED))
        assert (error.failure, len(far_end.sent_to(CREATE))) == (FailureClass.CONFIGURATION, 4)


class TestReading:
    def test_own_addresses_are_used(self, far_end: FarEnd, provider: ReplicateProvider) -> None:
        output = {"version": f"acme/rosa:{VERSION}", "weights": "https://replicate.delivery/a.tar"}
        far_end.on(GET, Answer(200, training(status="succeeded", output=output)))
        far_end.on(f"POST /v1/trainings/{TRAINING_ID}/cancel", Answer(200, training()), Answer(404))
        found = provider.trainings.get(TRAINING_ID)
        assert found.trained_version == f"acme/rosa:{VERSION}"
        assert found.output_urls == ("https://replicate.delivery/a.tar",)
        assert provider.trainings.cancel(TRAINING_ID).id == TRAINING_ID
        error = error_of(lambda: provider.trainings.cancel(TRAINING_ID))
        assert error.failure is FailureClass.LOST

    def test_unreadable_answer_is_transient(
        self, far_end: FarEnd, provider: ReplicateProvider
    ) -> None:
        far_end.on(GET, Answer(200, b"<html>"))
        error = error_of(lambda: provider.trainings.get(TRAINING_ID))
        assert error.failure is FailureClass.TRANSIENT


class TestFind:
    def test_list_is_read_until_older_rows(
        self, far_end: FarEnd, provider: ReplicateProvider
    ) -> None:
        other = training(id="other", input={**INPUT, "input_images": f"{URL}2"})
        old = training(id="old", created_at="2026-11-20T09:58:59Z")
        far_end.on(
            LIST,
            Answer(200, {"next": "https://evil.example/x?cursor=c2", "results": [other]}),
            Answer(200, {"next": "?cursor=c3", "results": [training(), old]}),
        )
        assert [found.id for found in provider.trainings.find(PREPARED, SINCE)] == [TRAINING_ID]
        assert [sent.query for sent in far_end.sent_to(LIST)] == ["", "cursor=c2"]

    def test_search_that_fails_is_not_an_empty_answer(
        self, far_end: FarEnd, provider: ReplicateProvider
    ) -> None:
        far_end.on(LIST, Answer(200, {"results": None}))
        error = error_of(lambda: provider.trainings.find(PREPARED, SINCE))
        assert error.failure is FailureClass.TRANSIENT
        assert "trainings" in error.detail
