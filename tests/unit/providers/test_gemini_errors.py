"""Every signal of Gemini has one class."""

from typing import Any

import pytest

from services.core.redaction import remember_secrets
from services.providers.base import FailureClass
from services.providers.gemini.definition import no_picture_error, status_error
from services.providers.replies import no_answer_error


def body(code: int, message: str = "no", details: Any = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": details}}


@pytest.mark.parametrize(
    ("code", "failure", "pauses"),
    [
        (302, "configuration", False),
        (400, "bad_input", False),
        (401, "configuration", True),
        (402, "funds", True),
        (403, "configuration", True),
        (404, "configuration", False),
        (408, "transient", False),
        (409, "unknown", False),
        (413, "bad_input", False),
        (429, "throttled", False),
        (499, "transient", False),
        (500, "transient", False),
        (503, "transient", False),
        (504, "transient", False),
    ],
)
def test_status_codes(code: int, failure: str, pauses: bool) -> None:
    error = status_error(code, "STATUS", body(code), {})
    assert error.failure == failure
    assert error.pauses_provider is pauses
    assert error.reached
    assert error.status_code == code


@pytest.mark.parametrize("said", ["API key not valid. Please pass a valid API key.", "other"])
def test_bad_key_is_configuration(said: str) -> None:
    details = [{"reason": "API_KEY_INVALID"}] if said == "other" else None
    error = status_error(400, "INVALID_ARGUMENT", body(400, said, details), {})
    assert error.failure is FailureClass.CONFIGURATION
    assert error.pauses_provider


def test_forbidden_country_is_configuration() -> None:
    error = status_error(400, "FAILED_PRECONDITION", body(400, "location"), {})
    assert error.failure is FailureClass.CONFIGURATION


def test_retry_delay_is_read() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}]
    error = status_error(429, "RESOURCE_EXHAUSTED", body(429, "no", details), {})
    assert error.retry_after_seconds == 17.0


@pytest.mark.parametrize("details", [None, "text", [1], {"error": "text"}, {"error": None}])
def test_odd_bodies_are_read(details: Any) -> None:
    error = status_error(429, "X", details, {"retry-after": "3"})
    assert error.retry_after_seconds == 3.0


def test_key_is_masked() -> None:
    remember_secrets(["k3y-value"])
    error = status_error(403, "X", body(403, "key k3y-value"), {})
    assert "k3y-value" not in repr(error)
    assert "k3y" not in no_answer_error("Gemini", ValueError("k3y-value"), was_sent=True).detail


@pytest.mark.parametrize(
    ("blocked", "finished", "failure"),
    [
        ("PROHIBITED_CONTENT", [], "content_refused"),
        ("OTHER", [], "content_refused"),
        ("", ["IMAGE_SAFETY"], "content_refused"),
        ("", ["STOP", "PROHIBITED_CONTENT"], "content_refused"),
        ("", ["RECITATION"], "content_refused"),
        ("", ["NO_IMAGE"], "empty"),
        ("", ["STOP"], "empty"),
        ("", ["A_NEW_WORD"], "empty"),
        ("", [], "empty"),
    ],
)
def test_answers_without_a_picture(blocked: str, finished: list[str], failure: str) -> None:
    assert no_picture_error(blocked, finished, "sorry").failure == failure


def test_a_missing_model_is_told_apart_from_a_wrong_address() -> None:
    google = {"error": {"code": 404, "status": "NOT_FOUND", "message": "models/x is not found"}}
    gone = status_error(404, "NOT_FOUND", google, {})
    assert (gone.failure, gone.pauses_provider) == (FailureClass.MODEL_RETIRED, False)
    assert status_error(404, "", {}, {}).failure is FailureClass.CONFIGURATION
