"""What holds for every provider: one suite, run against the simulator and broken far ends."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

import httpx
import pytest

from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    Prediction,
    PredictionProvider,
    PredictionStatus,
    PreparedRequest,
    ProviderError,
    SynchronousProvider,
)
from services.providers.cog.provider import CogProvider
from services.providers.gemini.provider import GeminiProvider
from services.providers.huggingface.provider import HuggingFaceProvider
from services.providers.registry import SYNCHRONOUS
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = InputImage("me.png", "image/png", PNG)
PATIENCE_SECONDS = 10.0
Made = ReplicateProvider | GeminiProvider | HuggingFaceProvider | CogProvider


@dataclass(frozen=True)
class Case:
    """One provider under the contract."""

    name: str
    secret: str
    model: str
    make: Callable[[str, str], Made]
    account_route: str
    bad_key: Answer
    create_route: str
    throttled: Answer
    prepared: PreparedRequest
    pictures: tuple[InputImage, ...] = (PICTURE,)
    """What it is usually given; none for one that draws from words alone."""

    def request(self, **fields: Any) -> PictureRequest:
        durations: dict[str, Any] = {"model": self.model, "prompt": "a fox", "seed": 7}
        return PictureRequest(**{**durations, "images": self.pictures, **fields})


REPLICATE = Case(
    name="replicate",
    secret="r8_contract0123456789abcdef",
    model="fofr/consistent-character",
    make=lambda secret, url: ReplicateProvider(token=secret, base_url=url),
    account_route="GET /v1/account",
    bad_key=Answer(401, {"title": "Unauthenticated", "detail": "no valid token", "status": 401}),
    create_route="POST /v1/predictions",
    throttled=Answer(429, {"detail": "Request was throttled.", "status": 429, "retry_after": 9}),
    prepared=PreparedRequest("fofr/consistent-character", "v1", {"input": {"prompt": "p"}}),
)
GEMINI = Case(
    name="gemini",
    secret="AIzaSyContract-0123456789abcdef",
    model="gemini-nano-banana-2.1",
    make=lambda secret, url: GeminiProvider(api_key=secret, base_url=url),
    account_route="GET /v1/models",
    bad_key=Answer(
        400, {"error": {"code": 400, "details": [{"reason": "API_KEY_INVALID"}], "message": "no"}}
    ),
    create_route="POST /v1/models/gemini-nano-banana-2.1:generateContent",
    throttled=Answer(
        429, {"error": {"code": 429, "message": "no", "details": [{"retryDelay": "9s"}]}}
    ),
    prepared=PreparedRequest(
        "gemini-nano-banana-2.1", None, {"prompt": "p", "aspect_ratio": None, "seed": 1}
    ),
)
HUGGINGFACE = Case(
    name="huggingface",
    secret="hf_contract0123456789abcdef",
    model="black-forest-labs/FLUX.1-dev",
    make=lambda secret, url: HuggingFaceProvider(token=secret, base_url=url),
    account_route="GET /api/whoami-v2",
    bad_key=Answer(401, {"error": "Invalid username or password."}),
    create_route="POST /hf-inference/models/black-forest-labs/FLUX.1-dev",
    throttled=Answer(429, {"error": "Rate limit reached"}, {"ratelimit": '"api";r=0;t=9'}),
    prepared=PreparedRequest(
        "black-forest-labs/FLUX.1-dev", None, {"inputs": "p", "parameters": {"seed": 1}}
    ),
    pictures=(),
)

COG = Case(
    name="cog",
    secret="cog-contract-0123456789",
    model="own/poses",
    make=lambda secret, url: CogProvider(token=secret, base_url=url),
    account_route="GET /health-check",
    bad_key=Answer(401, b"<html><title>401 Authorization Required</title></html>"),
    create_route="PUT /predictions/att_1",
    throttled=Answer(429, b"Too Many Requests", {"retry-after": "9"}),
    prepared=PreparedRequest("own/poses", None, {"input": {"prompt": "p"}}, attempt_id="att_1"),
)


@pytest.fixture(params=[REPLICATE, GEMINI, HUGGINGFACE, COG], ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def at(case: Case) -> Iterator[Callable[[str], Made]]:
    """Makes the case's provider for an address, and closes it in the end."""
    made: list[Made] = []

    def make(url: str) -> Made:
        made.append(case.make(case.secret, url))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


def settled(provider: PredictionProvider, prediction: Prediction) -> Prediction:
    """Poll until the prediction is over."""
    waited, step = 0.0, 0.02
    while prediction.status in (PredictionStatus.STARTING, PredictionStatus.PROCESSING):
        assert waited < PATIENCE_SECONDS, prediction
        Event().wait(step)
        waited += step
        prediction = provider.get(prediction.id)
    return prediction


def pictures_of(provider: Made, prepared: PreparedRequest) -> list[bytes]:
    """Make the pictures in the way of the provider."""
    if isinstance(provider, SynchronousProvider):
        return [image.content for image in provider.generate(prepared).images]
    prediction = settled(provider, provider.create(prepared))
    assert prediction.status is PredictionStatus.SUCCEEDED, prediction
    with httpx.Client(transport=httpx.HTTPTransport()) as client:
        return [client.get(url).content for url in prediction.output_urls]


def run(provider: Made, prepared: PreparedRequest) -> object:
    """The one call that costs."""
    if isinstance(provider, SynchronousProvider):
        return provider.generate(prepared)
    return provider.create(prepared)


def error_of(case: Case, call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert case.secret not in repr(caught.value) + str(caught.value) + caught.value.detail
    return caught.value


def test_each_is_of_one_kind(at: Callable[[str], Made], dead_url: str) -> None:
    provider = at(dead_url)
    assert isinstance(provider, PredictionProvider) != isinstance(provider, SynchronousProvider)
    assert isinstance(provider, SynchronousProvider) is (provider.name in SYNCHRONOUS)


def test_name_and_capabilities(case: Case, at: Callable[[str], Made], dead_url: str) -> None:
    provider = at(dead_url)
    can = provider.capabilities(case.model)
    assert provider.name == case.name
    assert can.model == case.model
    assert (can.max_images >= 1) is bool(case.pictures)
    assert can.typical_seconds > 0
    assert 0 < can.typical_seconds < can.deadline_seconds


def test_account_is_named(case: Case, at: Callable[[str], Made], simulator_url: str) -> None:
    account = at(simulator_url).account()
    assert account.provider == case.name
    assert account.name
    assert case.secret not in repr(account)


def test_payload_is_json_without_bytes_or_secret(
    case: Case, at: Callable[[str], Made], simulator_url: str
) -> None:
    prepared = at(simulator_url).prepare(case.request())
    shown = json.dumps(prepared.payload)
    assert case.secret not in shown
    assert base64.b64encode(PNG).decode()[:40] not in shown
    assert "a fox" in shown


def test_picture_is_made(case: Case, at: Callable[[str], Made], simulator_url: str) -> None:
    provider = at(simulator_url)
    (content,) = pictures_of(provider, provider.prepare(case.request()))
    assert content[:4] in (b"\x89PNG", b"RIFF", b"\xff\xd8\xff\xe0")


def test_bad_key_pauses_the_provider(
    case: Case, at: Callable[[str], Made], far_end: FarEnd
) -> None:
    far_end.on(case.account_route, case.bad_key)
    error = error_of(case, at(far_end.url).account)
    assert (error.failure, error.pauses_provider) == (FailureClass.CONFIGURATION, True)


def test_throttled_names_the_wait(case: Case, at: Callable[[str], Made], far_end: FarEnd) -> None:
    far_end.on(case.create_route, case.throttled)
    provider = at(far_end.url)
    error = error_of(case, lambda: run(provider, case.prepared))
    assert (error.failure, error.retry_after_seconds) == (FailureClass.THROTTLED, 9.0)
    assert len(far_end.asked) == 1


def test_refused_connection_was_not_reached(
    case: Case, at: Callable[[str], Made], dead_url: str
) -> None:
    error = error_of(case, at(dead_url).account)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)


@pytest.mark.parametrize(
    "fields", [{"images": (PICTURE,) * 9}, {"aspect_ratio": "7:1"}, {"prompt": "x" * 1_000_000}]
)
def test_what_it_cannot_do_is_refused_before_anything_is_created(
    case: Case, at: Callable[[str], Made], simulator_url: str, fields: dict[str, Any]
) -> None:
    provider = at(simulator_url)
    error = error_of(case, lambda: provider.prepare(case.request(**fields)))
    assert (error.failure, error.reached) == (FailureClass.BAD_INPUT, False)


class TestPredictions:
    """What only a provider that can be asked has."""

    @pytest.fixture
    def provider(self, simulator_url: str) -> Iterator[PredictionProvider]:
        made = ReplicateProvider(token=REPLICATE.secret, base_url=simulator_url)
        yield made
        made.close()

    @pytest.mark.parametrize(
        ("model", "images"),
        [
            ("sdxl-based/consistent-character", (PICTURE,)),
            ("stability-ai/sdxl", ()),
            ("black-forest-labs/flux-dev", (PICTURE,)),
        ],
    )
    def test_models_of_the_table_run(
        self, provider: PredictionProvider, model: str, images: tuple[InputImage, ...]
    ) -> None:
        prepared = provider.prepare(REPLICATE.request(model=model, images=images))
        prediction = settled(provider, provider.create(prepared))
        assert prediction.status is PredictionStatus.SUCCEEDED, prediction
        assert len(prediction.output_urls) == 1

    def test_created_one_is_found(self, provider: PredictionProvider) -> None:
        before = datetime.now(UTC)
        prepared = provider.prepare(REPLICATE.request(prompt="find me", seed=991))
        made = provider.create(prepared)
        assert [found.id for found in provider.find(prepared, before)] == [made.id]
        settled(provider, made)
        assert [found.id for found in provider.find(prepared, before)] == [made.id]

    @pytest.mark.parametrize(
        ("fault", "matches"), [("drop_after_create", 1), ("drop_before_create", 0)]
    )
    def test_lost_reply_is_found(
        self, provider: PredictionProvider, simulator_url: str, fault: str, matches: int
    ) -> None:
        rule = {"match": {"prompt_contains": fault}, "fault": fault, "times": 1}
        httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
        before = datetime.now(UTC)
        prepared = provider.prepare(REPLICATE.request(prompt=fault))
        error = error_of(REPLICATE, lambda: provider.create(prepared))
        assert error.failure is FailureClass.AMBIGUOUS
        assert len(provider.find(prepared, before)) == matches

    def test_unsent_one_is_not_found(self, provider: PredictionProvider) -> None:
        prepared = provider.prepare(REPLICATE.request(prompt="never sent"))
        assert provider.find(prepared, datetime.now(UTC)) == []

    def test_cancel_ends_it(self, provider: PredictionProvider, simulator_url: str) -> None:
        rule = {"match": {"prompt_contains": "hold still"}, "fault": "stuck"}
        httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
        made = provider.create(provider.prepare(REPLICATE.request(prompt="hold still")))
        assert provider.get(made.id).status in (
            PredictionStatus.STARTING,
            PredictionStatus.PROCESSING,
        )
        assert provider.cancel(made.id).status is PredictionStatus.CANCELED

    def test_unknown_id_is_lost(self, provider: PredictionProvider) -> None:
        error = error_of(REPLICATE, lambda: provider.get("nosuchprediction"))
        assert error.failure is FailureClass.LOST
