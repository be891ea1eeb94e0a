"""Replicate: trainings, from the zip on disk to a picture by the version that came out."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.providers.base import (
    FailureClass,
    PictureRequest,
    Prediction,
    Predictions,
    PredictionStatus,
    PreparedRequest,
    TrainingProvider,
    TrainingRequest,
)
from services.providers.replicate_provider import ReplicateProvider
from services.providers.replicate_wire import Timeouts
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    PREDICTION_ID,
    SINCE,
    TOKEN,
    UPLOAD,
    VERSION,
    error_of,
    prediction,
)
from tests.contracts.simulator.training_runs import zipped
from tests.contracts.test_provider_contract import PNG
from tests.waiting import eventually

TRAINER = "ostris/flux-dev-lora-trainer"
FAST_TRAINER = "replicate/fast-flux-trainer"
TRAINING_ID = "zz4i0example0rm00c0000000"
CREATE = f"POST /v1/models/{TRAINER}/versions/{VERSION}/trainings"
MAKE = "POST /v1/models"
LIST = "GET /v1/trainings"
GET = f"{LIST}/{TRAINING_ID}"
URL = "https://api.replicate.com/v1/files/set"
INPUT = {"trigger_word": "TOK", "steps": 1000, "input_images": URL}
PREPARED = PreparedRequest(
    TRAINER,
    VERSION,
    {"trainer": TRAINER, "version": VERSION, "destination": "acme/rosa", "input": INPUT},
)
RUNNING = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)
LARGEST_PIECE = 1024 * 1024


class CountingFile(io.FileIO):
    """A file that keeps how much was asked of it each time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self.sizes: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.sizes.append(-1 if size is None else size)
        return super().read(-1 if size is None else size) or b""


def training(**fields: Any) -> dict[str, Any]:
    """A full body as the API sends it; its addresses are a prediction's, as recorded."""
    urls = {"get": f"https://api.replicate.com/v1/predictions/{TRAINING_ID}"}
    usual = {"id": TRAINING_ID, "model": TRAINER, "version": VERSION, "input": INPUT, "urls": urls}
    return prediction(**{**usual, **fields})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "rosa.zip"
    path.write_bytes(zipped({"a.png": PNG, "b.png": PNG, "a.txt": b"TOK in a hat"}))
    return path


@pytest.fixture
def provider(far_end: FarEnd, replicate: ReplicateProvider) -> ReplicateProvider:
    """A provider whose account and trainer are known to the scripted server."""
    far_end.on("GET /v1/account", Answer(200, {"username": "acme"}))
    far_end.on(f"GET /v1/models/{TRAINER}", Answer(200, {"latest_version": {"id": VERSION}}))
    far_end.on(MAKE, Answer(201, {"owner": "acme", "name": "rosa"}))
    return replicate


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[ReplicateProvider]:
    made = ReplicateProvider(token=TOKEN, base_url=simulator_url, timeouts=Timeouts())
    yield made
    made.close()


def asked(archive: Path, name: str = "rosa", **fields: Any) -> TrainingRequest:
    usual: dict[str, Any] = {"trainer": TRAINER, "parameters": {"trigger_word": "TOK", "steps": 10}}
    return TrainingRequest(destination_name=name, archive=archive, **{**usual, **fields})


def settled(runs: Predictions, prediction: Prediction) -> Prediction:
    """Look until it is over."""

    def over() -> Prediction | None:
        found = runs.get(prediction.id)
        return None if found.status in RUNNING else found

    found = eventually(over)
    assert found is not None
    return found


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
        assert provider.trainings.prepare(asked(archive)).payload["destination"] == "acme/rosa"

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

    def test_reply_that_the_client_refuses_is_kept(
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
            (404, {"detail": "The specified training destination does not exist"}, "configuration"),
            (422, {"title": "Input validation failed"}, "bad_input"),
            (429, {"detail": "throttled", "retry_after": 9}, "throttled"),
        ],
    )
    def test_refusals(
        self, far_end: FarEnd, provider: ReplicateProvider, status: int, body: Any, failure: str
    ) -> None:
        far_end.on(CREATE, Answer(status, body))
        assert error_of(lambda: provider.trainings.create(PREPARED)).failure == failure


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


class TestAtTheSimulator:
    def test_likeness_is_trained_and_drawn(
        self, simulated: ReplicateProvider, archive: Path
    ) -> None:
        assert isinstance(simulated, TrainingProvider)
        trainings = simulated.trainings
        prepared = trainings.prepare(asked(archive, "likeness-drawn"))
        made = trainings.create(prepared)
        assert made.input == prepared.payload["input"]
        done = settled(trainings, made)
        assert (done.status, done.failure) == (PredictionStatus.SUCCEEDED, None), done
        assert done.trained_version
        assert done.trained_version.partition(":")[0].endswith("/likeness-drawn")
        assert "Extracted 3 files from zip to input_images" in done.logs
        (weights,) = done.output_urls
        with httpx.Client(transport=httpx.HTTPTransport()) as client:
            assert client.get(weights).headers["content-type"] == "application/x-tar"

        request = PictureRequest(
            done.trained_version, "TOK at sea", 7, aspect_ratio="3:4", options={"lora_scale": 0.9}
        )
        picture = simulated.prepare(request)
        assert picture.payload["input"]["lora_scale"] == 0.9
        assert done.trained_version == f"{picture.model}:{picture.version}"
        drawn = settled(simulated, simulated.create(picture))
        assert drawn.status is PredictionStatus.SUCCEEDED, drawn
        assert len(drawn.output_urls) == 1
        promised, can = trainings.product(TRAINER), simulated.capabilities(done.trained_version)
        assert (promised.options, promised.max_images, promised.aspect_ratios) == (
            can.options,
            can.max_images,
            can.aspect_ratios,
        )

    def test_fast_trainer(self, simulated: ReplicateProvider, archive: Path) -> None:
        parameters = {"trigger_word": "TOK", "lora_type": "subject", "training_steps": 500}
        request = asked(archive, "likeness-fast", trainer=FAST_TRAINER, parameters=parameters)
        made = simulated.trainings.create(simulated.trainings.prepare(request))
        assert settled(simulated.trainings, made).trained_version

    def test_destination_is_made_and_found(
        self, simulated: ReplicateProvider, simulator_url: str, archive: Path
    ) -> None:
        for _ in range(2):
            prepared = simulated.trainings.prepare(asked(archive, "likeness-twice"))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        address = f"{simulator_url}/v1/models/{prepared.payload['destination']}"
        assert httpx.get(address, headers=headers).json()["visibility"] == "private"

    def test_lost_reply_is_looked_up(
        self, simulated: ReplicateProvider, simulator_url: str, archive: Path
    ) -> None:
        before = datetime.now(UTC)
        other = simulated.trainings.prepare(asked(archive, "likeness-lost"))
        simulated.trainings.create(other)
        prepared = simulated.trainings.prepare(asked(archive, "likeness-lost"))
        rule = {"match": {"model": TRAINER}, "fault": "drop_after_create", "times": 1}
        httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
        error = error_of(lambda: simulated.trainings.create(prepared))
        assert error.failure is FailureClass.AMBIGUOUS
        (found,) = simulated.trainings.find(prepared, before)
        assert found.input == prepared.payload["input"]
        assert settled(simulated.trainings, found).trained_version

    def test_unsent_one_is_not_found(self, simulated: ReplicateProvider, archive: Path) -> None:
        prepared = simulated.trainings.prepare(asked(archive, "likeness-unsent"))
        assert simulated.trainings.find(prepared, datetime.now(UTC)) == []

    def test_what_is_no_zip_is_bad_input(
        self, simulated: ReplicateProvider, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken.zip"
        broken.write_bytes(b"no zip at all")
        prepared = simulated.trainings.prepare(asked(broken, "likeness-broken"))
        done = settled(simulated.trainings, simulated.trainings.create(prepared))
        assert (done.status, done.failure) == (PredictionStatus.FAILED, FailureClass.BAD_INPUT)
        assert done.error == "input_images must be a zip file"

    def test_cancel_ends_it(self, simulated: ReplicateProvider, archive: Path) -> None:
        parameters = {"trigger_word": "TOK", "steps": 6000}
        request = asked(archive, "likeness-canceled", parameters=parameters)
        made = simulated.trainings.create(simulated.trainings.prepare(request))
        canceled = simulated.trainings.cancel(made.id)
        assert canceled.status is PredictionStatus.CANCELED
        assert canceled.failure is FailureClass.CANCELED

    def test_parameter_out_of_bounds_is_refused(
        self, simulated: ReplicateProvider, archive: Path
    ) -> None:
        request = asked(archive, "likeness-refused", parameters={"steps": 9000})
        prepared = simulated.trainings.prepare(request)
        error = error_of(lambda: simulated.trainings.create(prepared))
        assert error.failure is FailureClass.BAD_INPUT

    def test_unknown_id_is_lost(self, simulated: ReplicateProvider) -> None:
        error = error_of(lambda: simulated.trainings.get(PREDICTION_ID))
        assert error.failure is FailureClass.LOST
