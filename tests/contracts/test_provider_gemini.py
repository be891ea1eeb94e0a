"""Gemini through its real client, against exact replies and broken sockets."""

import base64
import hashlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.core.errors import SettingsError
from services.providers.base import FailureClass, InputImage, PictureRequest, ProviderError
from services.providers.gemini.provider import GeminiProvider
from tests.contracts.far_end import Answer, FarEnd

KEY = "AIzaSyTest-0123456789abcdefghijkl"
MODEL = "gemini-nano-banana-2.1"
GENERATE = f"POST /v1/models/{MODEL}:generateContent"
LIST = "GET /v1/models"
PICTURE = InputImage("me.png", "image/png", b"\x89PNG picture")
REQUEST = PictureRequest(MODEL, "a fox", 2**31 + 5, (PICTURE,), aspect_ratio="3:4")
DRAWN = b"\x89PNG drawn"


def picture_part(content: bytes = DRAWN, **fields: Any) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {"inlineData": {"mimeType": "image/png", "data": data}, **fields}


def answer_of(*parts: dict[str, Any], finish: str = "STOP") -> dict[str, Any]:
    content = {"role": "model", "parts": list(parts)}
    return {
        "candidates": [{"content": content, "finishReason": finish, "index": 0}],
        "modelVersion": MODEL,
        "responseId": "r1",
    }


def error_body(code: int, status: str, message: str = "no", details: Any = ()) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": [*details]}}


@contextmanager
def provider_at(url: str, seconds: float = 10.0) -> Iterator[GeminiProvider]:
    provider = GeminiProvider(api_key=KEY, base_url=url, timeout_seconds=seconds)
    yield provider
    provider.close()


@pytest.fixture
def provider(far_end: FarEnd) -> Iterator[GeminiProvider]:
    far_end.on(GENERATE, Answer(200, answer_of({"text": "Here it is."}, picture_part())))
    with provider_at(far_end.url) as made:
        yield made


def error_of(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert KEY not in repr(caught.value) + str(caught.value)
    return caught.value


def failure_of(provider: GeminiProvider) -> ProviderError:
    return error_of(lambda: provider.generate(provider.prepare(REQUEST)))


def test_payload_names_the_pictures_without_their_bytes(provider: GeminiProvider) -> None:
    prepared = provider.prepare(REQUEST)
    assert prepared.images == (PICTURE,)
    assert prepared.payload == {
        "model": MODEL,
        "prompt": "a fox",
        "aspect_ratio": "3:4",
        "seed": 5,
        "image_sha256": [hashlib.sha256(PICTURE.content).hexdigest()],
    }


def test_pictures_go_before_the_words(far_end: FarEnd, provider: GeminiProvider) -> None:
    result = provider.generate(provider.prepare(REQUEST))
    (asked,) = far_end.sent_to(GENERATE)
    first, last = asked.json["contents"][0]["parts"]
    assert base64.b64decode(first["inlineData"]["data"]) == PICTURE.content
    assert last == {"text": "a fox"}
    config = asked.json["generationConfig"]
    assert config["responseModalities"] == ["TEXT", "IMAGE"]
    assert config["imageConfig"]["aspectRatio"] == "3:4"
    assert config["seed"] == 5
    assert asked.headers["x-goog-api-key"] == KEY
    assert [(image.content_type, image.content) for image in result.images] == [
        ("image/png", DRAWN)
    ]
    assert (result.model_version, result.response_id, result.text) == (MODEL, "r1", "Here it is.")


def test_no_ratio_sends_none(far_end: FarEnd, provider: GeminiProvider) -> None:
    provider.generate(provider.prepare(replace(REQUEST, aspect_ratio=None)))
    assert "imageConfig" not in far_end.sent_to(GENERATE)[0].json["generationConfig"]


def test_drafts_of_thinking_models_are_left_out(far_end: FarEnd, provider: GeminiProvider) -> None:
    draft = picture_part(b"draft", thought=True)
    far_end.on(GENERATE, Answer(200, answer_of(draft, picture_part())))
    result = provider.generate(provider.prepare(REQUEST))
    assert [image.content for image in result.images] == [DRAWN]


@pytest.mark.filterwarnings("ignore:A_NEW_REASON")
@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "content_refused"),
        ({"promptFeedback": {"blockReason": "A_NEW_REASON"}}, "content_refused"),
        ({"candidates": [{"content": {}, "finishReason": "IMAGE_SAFETY"}]}, "content_refused"),
        (
            {"candidates": [{"content": {}, "finishReason": "PROHIBITED_CONTENT"}]},
            "content_refused",
        ),
        ({"candidates": [{"content": {}, "finishReason": "NO_IMAGE"}]}, "empty"),
        ({"candidates": [{"finishReason": "A_NEW_REASON"}]}, "empty"),
        (answer_of({"text": "I cannot draw this person."}), "content_refused"),
        (answer_of({"text": "Here is the picture."}), "empty"),
        ({"candidates": []}, "empty"),
        ({}, "empty"),
        (b"<html>", "transient"),
        (b"[1]", "empty"),
        ({"candidates": "odd"}, "empty"),
        ({"candidates": [{"content": {"parts": [{"inlineData": {"data": "%"}}]}}]}, "transient"),
    ],
)
def test_answers_without_a_picture(
    far_end: FarEnd, provider: GeminiProvider, body: Any, failure: str
) -> None:
    far_end.on(GENERATE, Answer(200, body))
    error = failure_of(provider)
    assert (error.failure, error.reached) == (failure, True)


KEY_INVALID = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
RETRY = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}]


@pytest.mark.parametrize(
    ("status", "body", "failure", "pauses"),
    [
        (400, error_body(400, "INVALID_ARGUMENT", "no", KEY_INVALID), "configuration", True),
        (400, error_body(400, "INVALID_ARGUMENT", "bad ratio"), "bad_input", False),
        (401, error_body(401, "UNAUTHENTICATED"), "configuration", True),
        (403, error_body(403, "PERMISSION_DENIED", f"key {KEY}"), "configuration", True),
        (404, error_body(404, "NOT_FOUND"), "model_retired", False),
        (429, error_body(429, "RESOURCE_EXHAUSTED", "slow down", RETRY), "throttled", False),
        (500, error_body(500, "INTERNAL"), "transient", False),
        (503, error_body(503, "UNAVAILABLE", "overloaded", RETRY), "transient", False),
        (504, b"<html>", "transient", False),
        (502, [error_body(502, "X")], "transient", False),
        (400, b'"text"', "bad_input", False),
    ],
)
def test_error_replies(
    far_end: FarEnd, provider: GeminiProvider, status: int, body: Any, failure: str, pauses: bool
) -> None:
    far_end.on(GENERATE, Answer(status, body))
    error = failure_of(provider)
    assert (error.failure, error.pauses_provider, error.reached) == (failure, pauses, True)
    assert error.status_code == status
    assert len(far_end.sent_to(GENERATE)) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_delay_is_read(far_end: FarEnd, provider: GeminiProvider, status: int) -> None:
    far_end.on(GENERATE, Answer(status, error_body(status, "X", "slow down", RETRY)))
    assert failure_of(provider).retry_after_seconds == 17.0


@pytest.mark.parametrize("way", ["close", "reset", "cut"])
def test_lost_answer_may_have_run(far_end: FarEnd, provider: GeminiProvider, way: str) -> None:
    far_end.on(GENERATE, Answer(200, answer_of(picture_part()), way=way))
    error = failure_of(provider)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, True)
    assert len(far_end.sent_to(GENERATE)) == 1


def test_silence_ends_and_may_have_run(far_end: FarEnd) -> None:
    far_end.on(GENERATE, Answer(way="hold"))
    with provider_at(far_end.url, seconds=0.3) as hasty:
        error = failure_of(hasty)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, True)
    assert len(far_end.sent_to(GENERATE)) == 1


def test_refused_connection_was_not_sent(dead_url: str) -> None:
    with provider_at(dead_url) as provider:
        error = failure_of(provider)
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"images": (PICTURE,) * 4},
        {"output_count": 2},
        {"aspect_ratio": "7:1"},
        {"prompt": "x" * 1_000_000},
    ],
)
def test_what_gemini_cannot_do_is_refused(
    far_end: FarEnd, provider: GeminiProvider, fields: dict[str, Any]
) -> None:
    error = error_of(lambda: provider.prepare(replace(REQUEST, **fields)))
    assert (error.failure, error.reached) == (FailureClass.BAD_INPUT, False)
    assert far_end.asked == []


def test_account_shows_the_end_of_the_key(far_end: FarEnd, provider: GeminiProvider) -> None:
    far_end.on(LIST, Answer(200, {"models": [{"name": f"models/{MODEL}"}]}))
    assert provider.account().name == "Gemini API key ending ijkl"


def test_account_with_a_bad_key(far_end: FarEnd, provider: GeminiProvider) -> None:
    far_end.on(LIST, Answer(400, error_body(400, "INVALID_ARGUMENT", "no", KEY_INVALID)))
    error = error_of(provider.account)
    assert (error.failure, error.pauses_provider) == (FailureClass.CONFIGURATION, True)


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "a\nb"])
def test_odd_key_is_refused(key: str) -> None:
    with pytest.raises(SettingsError):
        GeminiProvider(api_key=key)


@pytest.mark.parametrize("url", ["example.com", "ftp://a", "http://", "http://a:port"])
def test_odd_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        GeminiProvider(api_key=KEY, base_url=url)


def test_environment_chooses_nothing(
    far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, dead_url: str
) -> None:
    settings = {
        "GOOGLE_API_KEY": "of-the-environment",
        "GOOGLE_GEMINI_BASE_URL": dead_url,
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_USE_ENTERPRISE": "true",
        "GOOGLE_GENAI_API_VERSION": "beta",
        "GOOGLE_GENAI_HTTP_CLIENT": "httpx",
        "GOOGLE_CLOUD_PROJECT": "p",
        "GOOGLE_CLOUD_LOCATION": "l",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    far_end.on(GENERATE, Answer(200, answer_of(picture_part())))
    with provider_at(far_end.url) as provider:
        assert provider.generate(provider.prepare(REQUEST)).images
    assert far_end.asked[0].headers["x-goog-api-key"] == KEY


def test_threads_share_one_client(far_end: FarEnd, provider: GeminiProvider) -> None:
    contents = [f"picture {number}".encode() for number in range(16)]
    far_end.on(GENERATE, *(Answer(200, answer_of(picture_part(one))) for one in contents))
    prepared = provider.prepare(REQUEST)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: provider.generate(prepared), contents))
    assert sorted(result.images[0].content for result in results) == sorted(contents)


def test_logs_and_repr_hold_no_key(
    provider: GeminiProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.generate(provider.prepare(REQUEST))
    assert KEY not in caplog.text + repr(provider)
