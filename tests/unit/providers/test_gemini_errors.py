"""Every signal of Gemini has one class."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.core.redaction import remember_secrets
from services.providers.base import FailureClass
from services.providers.gemini.definition import (
    no_picture_error,
    seconds_to_next_day,
    status_error,
)
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


def quota(message: str, quota_id: str, value: str = "20") -> dict[str, Any]:
    """A 429 as Google sends it, with a delay that is no help where the quota is a day's or none."""
    violation = {"quotaId": quota_id, "quotaValue": value, "quotaMetric": "free_tier_requests"}
    return {
        "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": message,
            "details": [
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"},
            ],
        }
    }


DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"


@pytest.mark.parametrize(
    ("message", "quota_id", "value"),
    [
        ("Quota exceeded … limit: 0, model: x\nPlease retry in 14.6s.", DAY, "0"),
        ("Quota exceeded … limit: 0, model: x", MINUTE, "20"),
        ("You exceeded your current quota.", MINUTE, "0"),
    ],
)
def test_a_key_without_quota_pauses_the_provider_and_says_so(
    message: str, quota_id: str, value: str
) -> None:
    error = status_error(429, "RESOURCE_EXHAUSTED", quota(message, quota_id, value), {})
    assert (error.failure, error.pauses_provider) == (FailureClass.FUNDS, True)
    assert "no quota for this model" in error.detail


def test_a_day_s_quota_waits_for_midnight_in_california() -> None:
    said = quota("Quota exceeded, limit: 20\nPlease retry in 14.6s.", DAY)
    error = status_error(429, "RESOURCE_EXHAUSTED", said, {})
    assert (error.failure, error.pauses_provider) == (FailureClass.THROTTLED, False)
    assert 0 < (error.retry_after_seconds or 0) <= 25 * 3600
    assert error.retry_after_seconds != 14.0
    assert "midnight Pacific time" in error.detail


def test_a_minute_s_quota_waits_as_long_as_it_says() -> None:
    error = status_error(429, "RESOURCE_EXHAUSTED", quota("limit: 20", MINUTE), {})
    assert (error.failure, error.retry_after_seconds) == (FailureClass.THROTTLED, 14.0)


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 12, 1, 10, 30), 13.5 * 3600),
        (datetime(2026, 12, 1, 0, 0), 24 * 3600),
        (datetime(2026, 11, 1, 0, 30), 24.5 * 3600),
        (datetime(2026, 3, 8, 0, 30), 22.5 * 3600),
    ],
)
def test_the_next_day_knows_summer_time(now: datetime, seconds: float) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    assert seconds_to_next_day(now.replace(tzinfo=zone)) == seconds


def test_an_unknown_field_names_the_address_s_version() -> None:
    said = {
        "error": {
            "code": 400,
            "status": "INVALID_ARGUMENT",
            "message": "Unknown name \"imageConfig\" at 'generation_config': Cannot find field.",
        }
    }
    error = status_error(400, "INVALID_ARGUMENT", said, {})
    assert (error.failure, error.pauses_provider) == (FailureClass.CONFIGURATION, True)
    assert "GEMINI_BASE_URL" in error.detail


@pytest.mark.parametrize(
    "text",
    [
        "I'm unable to create an image based on this request.",
        "I cannot generate pictures of real people.",
        "Sorry, I can’t help with that.",
        "This violates our safety policy.",
    ],
)
def test_a_refusal_in_words_is_one(text: str) -> None:
    assert no_picture_error("", ["STOP"], text).failure is FailureClass.CONTENT_REFUSED


@pytest.mark.parametrize("text", ["", "Here is your picture.", "A fox that cannot swim."])
def test_other_words_are_no_refusal(text: str) -> None:
    assert no_picture_error("", ["STOP"], text).failure is FailureClass.EMPTY
