"""Hugging Face over HTTP: the simulator's faults, exact replies, and broken sockets."""

import base64
import io
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from PIL import Image

from services.core.errors import SettingsError
from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCatalogue,
    PictureRequest,
    ProviderError,
)
from services.providers.huggingface import provider as hub_module
from services.providers.huggingface.provider import HuggingFaceProvider
from services.providers.model_inputs import MEGAPIXEL_SIZES
from tests.contracts.far_end import Answer, FarEnd

TOKEN = "hf_test0123456789abcdefghijkl"
MODEL = "black-forest-labs/FLUX.1-dev"
GENERATE = f"POST /hf-inference/models/{MODEL}"
WHOAMI = "GET /api/whoami-v2"
ENTRY = f"GET /api/models/{MODEL}"
DRAWN = b"\x89PNG\r\n\x1a\n drawn"
REQUEST = PictureRequest(
    MODEL, "a fox", 2**31 + 5, aspect_ratio="3:4", options={"steps": 28, "guidance": 3.5}
)


@contextmanager
def provider_at(url: str, seconds: float = 10.0) -> Iterator[HuggingFaceProvider]:
    provider = HuggingFaceProvider(token=TOKEN, base_url=url, timeout_seconds=seconds)
    yield provider
    provider.close()


@pytest.fixture
def provider(far_end: FarEnd) -> Iterator[HuggingFaceProvider]:
    far_end.on(GENERATE, Answer(200, DRAWN, {"content-type": "image/png", "x-request-id": "r1"}))
    with provider_at(far_end.url) as made:
        yield made


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[HuggingFaceProvider]:
    with provider_at(simulator_url) as made:
        yield made


def error_of(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert TOKEN not in repr(caught.value) + str(caught.value)
    return caught.value


def failure_of(provider: HuggingFaceProvider, request: PictureRequest = REQUEST) -> ProviderError:
    return error_of(lambda: provider.generate(provider.prepare(request)))


def order(url: str, fault: str, **rule: Any) -> None:
    """One fault on the next call of that operation; of a picture, when its prompt names it."""
    operation = rule.pop("operation", "generate")
    match = {"provider": "huggingface", "operation": operation}
    if operation == "generate":
        match["prompt_contains"] = fault
    body = {"match": match, "fault": fault, "times": 1, **rule}
    httpx.post(f"{url}/_simulator/faults", json=body).raise_for_status()


class TestSimulator:
    """Every fault that it can play at Hugging Face."""

    @pytest.mark.parametrize(
        ("fault", "status", "failure", "pauses"),
        [
            ("unauthorized", 401, "configuration", True),
            ("no_funds", 402, "funds", True),
            ("throttle", 429, "throttled", False),
            ("cold_start", 503, "transient", False),
            ("server_error", 500, "transient", False),
            ("platform_error", 503, "transient", False),
            ("malformed", None, "platform", False),
            ("drop_before_create", None, "transient", False),
            ("drop_after_create", None, "transient", False),
            ("cut_output", None, "transient", False),
        ],
    )
    def test_faults_of_a_call(
        self,
        simulated: HuggingFaceProvider,
        simulator_url: str,
        fault: str,
        status: int | None,
        failure: str,
        pauses: bool,
    ) -> None:
        order(simulator_url, fault)
        error = failure_of(simulated, replace(REQUEST, prompt=fault))
        assert (error.failure, error.pauses_provider) == (failure, pauses)
        assert (error.status_code, error.reached) == (status, True)

    @pytest.mark.parametrize(("fault", "seconds"), [("throttle", 55.0), ("cold_start", 42.0)])
    def test_waits_are_read(
        self, simulated: HuggingFaceProvider, simulator_url: str, fault: str, seconds: float
    ) -> None:
        order(simulator_url, fault)
        error = failure_of(simulated, replace(REQUEST, prompt=fault))
        assert error.retry_after_seconds == seconds

    @pytest.mark.parametrize(("status", "failure"), [(504, "transient"), (422, "bad_input")])
    def test_other_statuses(
        self, simulated: HuggingFaceProvider, simulator_url: str, status: int, failure: str
    ) -> None:
        order(simulator_url, "server_error", status=status)
        error = failure_of(simulated, replace(REQUEST, prompt="server_error"))
        assert (error.failure, error.status_code) == (failure, status)

    def test_stuck_call_ends_and_may_have_run(self, simulator_url: str) -> None:
        order(simulator_url, "stuck")
        with provider_at(simulator_url, seconds=0.3) as hasty:
            error = failure_of(hasty, replace(REQUEST, prompt="stuck"))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, True)

    def test_slow_call_is_waited_for(
        self, simulated: HuggingFaceProvider, simulator_url: str
    ) -> None:
        order(simulator_url, "slow", seconds=0.3)
        assert simulated.generate(simulated.prepare(replace(REQUEST, prompt="slow"))).images

    def test_cut_off_picture_is_passed_to_the_decoder(
        self, simulated: HuggingFaceProvider, simulator_url: str
    ) -> None:
        request = simulated.prepare(replace(REQUEST, prompt="truncated_output"))
        whole = simulated.generate(request).images[0].content
        order(simulator_url, "truncated_output")
        assert whole.startswith(simulated.generate(request).images[0].content)

    @pytest.mark.parametrize("ratio", [*MEGAPIXEL_SIZES, None])
    def test_each_ratio_has_its_size(
        self, simulated: HuggingFaceProvider, ratio: str | None
    ) -> None:
        request = replace(REQUEST, aspect_ratio=ratio)
        (image,) = simulated.generate(simulated.prepare(request)).images
        with Image.open(io.BytesIO(image.content)) as picture:
            assert picture.size == MEGAPIXEL_SIZES[ratio or "1:1"]
            assert (image.content_type, picture.format) == ("image/png", "PNG")

    def test_unknown_models_are_missing(self, simulated: HuggingFaceProvider) -> None:
        error = failure_of(simulated, replace(REQUEST, model="no/body"))
        assert (error.failure, error.pauses_provider) == (FailureClass.MODEL_RETIRED, False)
        error = error_of(lambda: simulated.current_version("no/body"))
        assert (error.failure, error.status_code) == (FailureClass.MODEL_RETIRED, 404)

    def test_account_and_model_are_known(self, simulated: HuggingFaceProvider) -> None:
        account = simulated.account()
        assert (account.name, account.kind) == ("atelier-simulator", "user")
        assert isinstance(simulated, ModelCatalogue)
        assert len(simulated.current_version(MODEL) or "") == 40

    @pytest.mark.parametrize(
        ("fault", "failure"),
        [("throttle", "throttled"), ("malformed", "transient"), ("unauthorized", "configuration")],
    )
    @pytest.mark.parametrize("operation", ["account", "get"])
    def test_faults_of_a_question(
        self,
        simulated: HuggingFaceProvider,
        simulator_url: str,
        operation: str,
        fault: str,
        failure: str,
    ) -> None:
        order(simulator_url, fault, operation=operation)
        ask = {"account": simulated.account, "get": lambda: simulated.current_version(MODEL)}
        assert error_of(ask[operation]).failure == failure


def test_what_is_sent(far_end: FarEnd, provider: HuggingFaceProvider) -> None:
    prepared = provider.prepare(REQUEST)
    parameters = {
        "seed": 5,
        "width": 864,
        "height": 1152,
        "num_inference_steps": 28,
        "guidance_scale": 3.5,
    }
    assert prepared.payload == {"model": MODEL, "inputs": "a fox", "parameters": parameters}
    result = provider.generate(prepared)
    (asked,) = far_end.sent_to(GENERATE)
    assert asked.json == {"inputs": "a fox", "parameters": parameters}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["accept"] == "image/png"
    assert [(image.content_type, image.content) for image in result.images] == [
        ("image/png", DRAWN)
    ]
    assert (result.model_version, result.response_id) == (None, "r1")


def test_without_a_ratio_the_model_chooses_its_size(provider: HuggingFaceProvider) -> None:
    prepared = provider.prepare(replace(REQUEST, aspect_ratio=None, options={}))
    assert prepared.payload["parameters"] == {"seed": 5}


def test_sizes_fit_the_models() -> None:
    for ratio, (width, height) in MEGAPIXEL_SIZES.items():
        across, down = map(int, ratio.split(":"))
        assert width * down == height * across
        assert width % 16 == height % 16 == 0
        assert 0.85 < width * height / 2**20 <= 1.05


def test_format_follows_from_the_bytes(far_end: FarEnd, provider: HuggingFaceProvider) -> None:
    jpeg = b"\xff\xd8\xff\xe0 drawn"
    far_end.on(GENERATE, Answer(200, jpeg, {"content-type": "image/png"}))
    (image,) = provider.generate(provider.prepare(REQUEST)).images
    assert (image.content_type, image.content) == ("image/jpeg", jpeg)


@pytest.mark.parametrize(
    ("body", "failure"),
    [(b"", "empty"), (b"<html>", "platform"), ({"error": "it broke"}, "platform")],
)
def test_answers_without_a_picture(
    far_end: FarEnd, provider: HuggingFaceProvider, body: Any, failure: str
) -> None:
    far_end.on(GENERATE, Answer(200, body))
    error = failure_of(provider)
    assert (error.failure, error.reached) == (failure, True)
    assert len(far_end.sent_to(GENERATE)) == 1


@pytest.mark.parametrize("status", [302, 403, 404, 410, 500, 503])
def test_no_status_is_retried_or_followed(
    far_end: FarEnd, provider: HuggingFaceProvider, status: int
) -> None:
    far_end.on(GENERATE, Answer(status, {"error": "no"}, {"location": f"{far_end.url}/else"}))
    assert failure_of(provider).status_code == status
    assert len(far_end.asked) == 1


@pytest.mark.parametrize("way", ["close", "reset", "cut"])
def test_lost_answer_may_have_run(far_end: FarEnd, provider: HuggingFaceProvider, way: str) -> None:
    far_end.on(GENERATE, Answer(200, DRAWN, way=way))
    error = failure_of(provider)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, True)
    assert len(far_end.sent_to(GENERATE)) == 1


def test_refused_connection_was_not_sent(dead_url: str) -> None:
    with provider_at(dead_url) as provider:
        error = failure_of(provider)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"images": (InputImage("me.png", "image/png", DRAWN),)},
        {"control_image": InputImage("pose.png", "image/png", DRAWN)},
        {"output_count": 2},
        {"aspect_ratio": "7:1"},
        {"prompt": "x" * 2_001},
        {"options": {"strength": 0.5}},
        {"options": {"steps": 0}},
        {"options": {"steps": 2.5}},
        {"options": {"steps": True}},
        {"options": {"steps": "28"}},
        {"options": {"guidance": 31}},
        {"options": {"guidance": float("nan")}},
    ],
)
def test_what_it_cannot_do_is_refused(
    far_end: FarEnd, provider: HuggingFaceProvider, fields: dict[str, Any]
) -> None:
    error = error_of(lambda: provider.prepare(replace(REQUEST, **fields)))
    assert (error.failure, error.reached) == (FailureClass.BAD_INPUT, False)
    assert far_end.asked == []


@pytest.mark.parametrize("model", ["flux", "../api/whoami-v2", "a/b/c", "a/b?c", "a/..", ""])
def test_a_name_that_is_no_model_is_never_sent(
    far_end: FarEnd, provider: HuggingFaceProvider, model: str
) -> None:
    named = replace(REQUEST, model=model)
    for ask in (lambda: provider.prepare(named), lambda: provider.current_version(model)):
        error = error_of(ask)
        assert (error.failure, error.reached) == (FailureClass.CONFIGURATION, False)
    assert far_end.asked == []


@pytest.mark.parametrize(
    ("entry", "is_offered"),
    [
        ({"sha": "c0"}, True),
        ({"sha": "c0", "inferenceProviderMapping": None}, True),
        ({"inferenceProviderMapping": {"hf-inference": {"task": "text-to-image"}}}, True),
        ({"inferenceProviderMapping": {"hf-inference": {"task": "text-generation"}}}, False),
        ({"inferenceProviderMapping": {"fal-ai": {"task": "text-to-image"}}}, False),
        ({"inferenceProviderMapping": {}}, False),
    ],
)
def test_model_must_be_offered(
    far_end: FarEnd, provider: HuggingFaceProvider, entry: dict[str, Any], is_offered: bool
) -> None:
    far_end.on(ENTRY, Answer(200, entry))
    if is_offered:
        assert provider.current_version(MODEL) == entry.get("sha")
    else:
        error = error_of(lambda: provider.current_version(MODEL))
        assert (error.failure, error.status_code) == (FailureClass.MODEL_RETIRED, None)
    (asked,) = far_end.asked
    assert asked.query == "expand=sha&expand=inferenceProviderMapping"


@pytest.mark.parametrize("body", [{}, [], b"<html>", {"type": "user"}])
def test_account_without_a_name_is_unreadable(
    far_end: FarEnd, provider: HuggingFaceProvider, body: Any
) -> None:
    far_end.on(WHOAMI, Answer(200, body))
    assert error_of(provider.account).failure is FailureClass.TRANSIENT


@pytest.mark.parametrize("token", ["", " ", "a b", "ä", "a\nb"])
def test_odd_token_is_refused(token: str) -> None:
    with pytest.raises(SettingsError):
        HuggingFaceProvider(token=token)


@pytest.mark.parametrize("url", ["example.com", "ftp://a", "http://", "http://a:port"])
def test_odd_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        HuggingFaceProvider(token=TOKEN, base_url=url)


def test_threads_share_one_client(far_end: FarEnd, provider: HuggingFaceProvider) -> None:
    contents = [DRAWN + bytes([number]) for number in range(16)]
    far_end.on(GENERATE, *(Answer(200, one) for one in contents))
    prepared = provider.prepare(REQUEST)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: provider.generate(prepared), contents))
    assert sorted(result.images[0].content for result in results) == sorted(contents)


def test_logs_and_repr_hold_no_token(
    provider: HuggingFaceProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.generate(provider.prepare(REQUEST))
    assert TOKEN not in caplog.text + repr(provider)


@pytest.fixture
def hub(far_end: FarEnd, monkeypatch: pytest.MonkeyPatch) -> Iterator[HuggingFaceProvider]:
    """Hugging Face itself, whose two servers are the scripted one."""
    monkeypatch.setattr(hub_module, "API_URL", far_end.url)
    monkeypatch.setattr(hub_module, "HUB_URL", far_end.url)
    made = HuggingFaceProvider(token=TOKEN)
    yield made
    made.close()


def offered(**providers: str) -> Answer:
    mapping = {
        name.replace("_", "-"): {"status": "live", "providerId": model, "task": "text-to-image"}
        for name, model in providers.items()
    }
    return Answer(200, {"inferenceProviderMapping": mapping})


@pytest.mark.parametrize(
    ("mapping", "route", "model"),
    [
        (offered(hf_inference=MODEL), f"POST /hf-inference/models/{MODEL}", None),
        (offered(fal_ai="x", hf_inference=MODEL), f"POST /hf-inference/models/{MODEL}", None),
        (offered(together="bfl/dev"), "POST /together/v1/images/generations", "bfl/dev"),
        (offered(fal_ai="x", nscale="flux"), "POST /nscale/v1/images/generations", "flux"),
        (Answer(503), f"POST /hf-inference/models/{MODEL}", None),
        (Answer(200, {}), f"POST /hf-inference/models/{MODEL}", None),
    ],
    ids=["own", "own first", "together", "nscale", "hub away", "no mapping"],
)
def test_a_model_is_asked_of_whoever_runs_it(
    far_end: FarEnd, hub: HuggingFaceProvider, mapping: Answer, route: str, model: str | None
) -> None:
    far_end.on(ENTRY, mapping)
    coded = {"data": [{"b64_json": base64.b64encode(DRAWN).decode()}]}
    far_end.on(route, Answer(200, coded if model else DRAWN))
    (image,) = hub.generate(hub.prepare(REQUEST)).images
    assert image.content == DRAWN
    sent = far_end.sent_to(route)[0].json
    assert sent.get("model") == model
    assert (sent.get("prompt") or sent["inputs"]) == REQUEST.prompt


@pytest.mark.parametrize(
    ("mapping", "words"),
    [(offered(fal_ai="x", replicate="y"), "fal-ai, replicate"), (offered(), "runs")],
    ids=["others", "nobody"],
)
def test_a_model_that_nobody_we_know_runs_is_gone(
    far_end: FarEnd, hub: HuggingFaceProvider, mapping: Answer, words: str
) -> None:
    far_end.on(ENTRY, mapping)
    error = error_of(lambda: hub.generate(hub.prepare(REQUEST)))
    assert (error.failure, error.reached) == (FailureClass.MODEL_RETIRED, False)
    assert words in error.detail
    assert [asked.method for asked in far_end.asked] == ["GET"]


def test_the_hub_is_asked_now_and_then(far_end: FarEnd, hub: HuggingFaceProvider) -> None:
    far_end.on(ENTRY, offered(hf_inference=MODEL))
    far_end.on(f"POST /hf-inference/models/{MODEL}", Answer(200, DRAWN))
    for _ in range(3):
        hub.generate(hub.prepare(REQUEST))
    assert len(far_end.sent_to(ENTRY)) == 1


@pytest.mark.parametrize("path", [f"/hf-inference/models/{MODEL}", f"/models/{MODEL}", "/"])
def test_a_server_of_one_s_own_may_serve_its_model_anywhere(
    far_end: FarEnd, provider: HuggingFaceProvider, path: str
) -> None:
    far_end.on(GENERATE, Answer(404))
    far_end.on(f"POST {path}", Answer(200, DRAWN))
    (image,) = provider.generate(provider.prepare(REQUEST)).images
    assert image.content == DRAWN
    assert far_end.sent_to(ENTRY) == []
