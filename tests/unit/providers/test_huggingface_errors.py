"""Every signal of Hugging Face has one class."""

import json
from typing import Any

import pytest

from services.core.redaction import remember_secrets
from services.providers.base import FailureClass
from services.providers.huggingface.provider import no_picture_error, status_error
from services.providers.replies import Reply, no_answer_error


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body or {"error": "no"}).encode()
    return Reply(status, headers, content)


@pytest.mark.parametrize(
    ("code", "failure", "pauses"),
    [
        (204, "unknown", False),
        (302, "configuration", False),
        (400, "bad_input", False),
        (401, "configuration", True),
        (402, "funds", True),
        (403, "configuration", True),
        (404, "model_retired", False),
        (405, "configuration", False),
        (408, "transient", False),
        (409, "unknown", False),
        (410, "model_retired", False),
        (413, "bad_input", False),
        (422, "bad_input", False),
        (429, "throttled", False),
        (499, "transient", False),
        (500, "transient", False),
        (503, "transient", False),
        (504, "transient", False),
    ],
)
def test_status_codes(code: int, failure: str, pauses: bool) -> None:
    error = status_error(reply(code))
    assert error.failure == failure
    assert error.pauses_provider is pauses
    assert error.reached
    assert error.status_code == code
    assert error.detail == f"Hugging Face answered {code}: no"


def test_a_model_that_is_routed_elsewhere_is_configuration() -> None:
    said = {"error": "Model not supported by provider hf-inference"}
    error = status_error(reply(400, said))
    assert (error.failure, error.pauses_provider) == (FailureClass.CONFIGURATION, False)


@pytest.mark.parametrize("code", [500, 503])
def test_want_of_memory_is_too_big(code: int) -> None:
    error = status_error(reply(code, {"error": "CUDA out of memory."}))
    assert error.failure is FailureClass.TOO_BIG


@pytest.mark.parametrize(
    ("code", "body", "headers", "seconds"),
    [
        (429, None, {"retry-after": "9"}, 9.0),
        (429, None, {"ratelimit": '"api";r=0;t=55'}, 55.0),
        (429, None, {"ratelimit": '"api"; r=0; t=55'}, 55.0),
        (429, None, {"ratelimit": '"api";r=3;t=55'}, None),
        (429, None, {"ratelimit": '"api";r=0;t=5, "pages";r=0;t=8'}, 8.0),
        (429, None, {"retry-after": "9", "ratelimit": '"api";r=0;t=55'}, 55.0),
        (429, None, {"ratelimit": "odd"}, None),
        (429, {"error": "Rate limit resets in 12 s"}, {}, 12.0),
        (503, {"error": "is currently loading", "estimated_time": 42.0}, {}, 42.0),
        (503, {"error": "is currently loading", "estimated_time": "soon"}, {}, None),
        (500, None, {"retry-after": "3"}, 3.0),
        (400, None, {"retry-after": "3"}, None),
    ],
)
def test_waits_are_read(
    code: int, body: Any, headers: dict[str, str], seconds: float | None
) -> None:
    error = status_error(Reply(code, headers, reply(code, body).content))
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": ["`steps` is odd", "so is `width`"]}, '["`steps` is odd", "so is `width`"]'),
        ({"error": {"message": "odd"}}, '{"message": "odd"}'),
        ({"message": "odd"}, "odd"),
        (b"<html>", ""),
        (b"[1]", ""),
        (b"\xff", ""),
    ],
)
def test_odd_bodies_are_read(body: Any, detail: str) -> None:
    detail_shown = status_error(reply(400, body)).detail
    assert detail_shown == "Hugging Face answered 400" + (f": {detail}" if detail else "")


def test_token_is_masked() -> None:
    remember_secrets(["t0ken-value"])
    error = status_error(reply(403, {"error": "no access with t0ken-value"}))
    assert "t0ken-value" not in repr(error)
    assert (
        "t0ken"
        not in no_answer_error("Hugging Face", ValueError("t0ken-value"), was_sent=True).detail
    )
    assert "t0ken" not in no_picture_error(Reply(200, {}, b"t0ken-value")).detail


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b"", "empty"),
        (b"<html>", "platform"),
        (b'{"error": "it broke"}', "platform"),
        (b"\x00\xff\xfe", "platform"),
    ],
)
def test_answers_without_a_picture(content: bytes, failure: str) -> None:
    error = no_picture_error(Reply(200, {}, content))
    assert (error.failure, error.reached) == (failure, True)
    assert "\x00" not in error.detail


def test_a_missing_model_is_told_apart_from_a_wrong_address() -> None:
    gone = status_error(reply(404, {"error": "Model a/b does not exist"}))
    assert (gone.failure, gone.pauses_provider) == (FailureClass.MODEL_RETIRED, False)
    page = status_error(reply(404, b"<html>nothing here</html>"))
    assert page.failure is FailureClass.CONFIGURATION
