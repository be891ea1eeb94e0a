"""Every signal of Replicate has one class (table F of the provider facts)."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.providers.base import FailureClass
from services.providers.replicate.errors import (
    Call,
    network_error,
    prediction_failure,
    reply_error,
    unreadable_error,
)
from services.providers.replies import Reply


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("NSFW content detected in all outputs. Try running it again", "content_refused"),
        ("The input or output was flagged as sensitive. (E005)", "content_refused"),
        ("CUDA out of memory. Tried to allocate 2 GiB", "too_big"),
        ("Director: unexpected error handling prediction (E1001)", "too_big"),
        ("Prediction interrupted; please retry (code: PA)", "platform"),
        ("Director: unexpected error handling prediction (E9828)", "platform"),
        ("something (E1000)", "platform"),
        ("E6716", "platform"),
        ("E8367", "platform"),
        ("E8765", "platform"),
        ("E9243", "platform"),
        ("E9825", "platform"),
        ("E4875", "configuration"),
        ("input_images must be a zip file", "bad_input"),
        ("input_images must be provided", "bad_input"),
        ("The regex 'x' didn't match any layers", "bad_input"),
        ("Failed to compile regex '(': missing )", "bad_input"),
        ("list index out of range", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ({"message": "NSFW"}, "content_refused"),
    ],
)
def test_prediction_errors(error: object, failure: str) -> None:
    assert prediction_failure(error) == failure


NOT_SENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("t"), httpx.PoolTimeout("t")]
MAYBE_SENT = [
    httpx.ReadTimeout("t"),
    httpx.WriteTimeout("t"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("closed"),
    httpx.DecodingError("gzip"),
]


@pytest.mark.parametrize("error", NOT_SENT)
@pytest.mark.parametrize("call", Call)
def test_unsent_calls_may_be_repeated(call: Call, error: Exception) -> None:
    found = network_error(call, error)
    assert (found.failure, found.reached) == (FailureClass.TRANSIENT, False)


@pytest.mark.parametrize("error", MAYBE_SENT)
@pytest.mark.parametrize("call", [Call.CREATE, Call.TRAIN])
def test_lost_answer_of_a_create_is_ambiguous(call: Call, error: Exception) -> None:
    found = network_error(call, error)
    assert (found.failure, found.reached) == (FailureClass.AMBIGUOUS, True)


@pytest.mark.parametrize("error", MAYBE_SENT)
@pytest.mark.parametrize("call", [Call.UPLOAD, Call.DESTINATION])
def test_lost_answer_of_an_upload_costs_nothing(call: Call, error: Exception) -> None:
    found = network_error(call, error)
    assert (found.failure, found.reached) == (FailureClass.TRANSIENT, False)


def test_wrong_address_is_configuration() -> None:
    error = network_error(Call.ASK, httpx.UnsupportedProtocol("no scheme"))
    assert error.failure is FailureClass.CONFIGURATION


@pytest.mark.parametrize(
    ("call", "status", "failure"),
    [
        *((call, 401, "configuration") for call in Call),
        *((call, 403, "configuration") for call in Call),
        *((call, 402, "funds") for call in Call),
        (Call.CREATE, 302, "configuration"),
        (Call.CREATE, 400, "bad_input"),
        (Call.CREATE, 404, "configuration"),
        (Call.CREATE, 405, "configuration"),
        (Call.CREATE, 408, "ambiguous"),
        (Call.CREATE, 409, "unknown"),
        (Call.CREATE, 413, "bad_input"),
        (Call.CREATE, 422, "bad_input"),
        (Call.CREATE, 429, "throttled"),
        (Call.CREATE, 500, "ambiguous"),
        (Call.CREATE, 503, "ambiguous"),
        (Call.TRAIN, 400, "bad_input"),
        (Call.TRAIN, 404, "configuration"),
        (Call.TRAIN, 429, "throttled"),
        (Call.TRAIN, 502, "ambiguous"),
        (Call.DESTINATION, 409, "unknown"),
        (Call.DESTINATION, 422, "bad_input"),
        (Call.DESTINATION, 429, "throttled"),
        (Call.DESTINATION, 500, "transient"),
        (Call.UPLOAD, 413, "bad_input"),
        (Call.UPLOAD, 429, "throttled"),
        (Call.UPLOAD, 502, "transient"),
        (Call.RESOLVE, 404, "configuration"),
        (Call.RESOLVE, 429, "transient"),
        (Call.RESOLVE, 500, "transient"),
        (Call.ASK, 404, "configuration"),
        (Call.ASK, 503, "transient"),
        (Call.HELD, 404, "lost"),
        (Call.HELD, 418, "transient"),
        (Call.HELD, 429, "transient"),
        (Call.HELD, 504, "transient"),
        (Call.HELD_TRAINING, 404, "lost"),
        (Call.HELD_TRAINING, 503, "transient"),
    ],
)
def test_status_codes(call: Call, status: int, failure: str) -> None:
    error = reply_error(call, Reply(status))
    assert error.failure == failure
    assert error.status_code == status
    may_make_no_models = (call, status) == (Call.DESTINATION, 403)
    assert error.pauses_provider is (status in {401, 402, 403} and not may_make_no_models)
    assert error.reached is (
        call not in {Call.UPLOAD, Call.RESOLVE, Call.DESCRIBE, Call.DESTINATION}
    )


@pytest.mark.parametrize(
    ("detail", "rate"),
    [
        ("Your rate limit is reduced to 6 requests per minute with a burst of 1 requests.", 6.0),
        ("Request was throttled. Your rate limit resets in ~30s.", None),
        (None, None),
        (["reduced to 6 requests per minute"], None),
    ],
)
def test_lower_rate_is_data(detail: object, rate: float | None) -> None:
    reply = Reply(429, {}, json.dumps({"detail": detail}).encode())
    assert reply_error(Call.CREATE, reply).creates_per_minute == rate
    assert reply_error(Call.CREATE, replace(reply, status=402)).creates_per_minute is None


def test_unreadable_success_of_a_create_is_ambiguous() -> None:
    assert unreadable_error(Call.CREATE, Reply(201), "an id").failure is FailureClass.AMBIGUOUS
    assert unreadable_error(Call.TRAIN, Reply(201), "an id").failure is FailureClass.AMBIGUOUS
    assert unreadable_error(Call.HELD, Reply(200), "a status").failure is FailureClass.TRANSIENT


def test_secret_in_a_reply_is_masked() -> None:
    reply = Reply(401, {}, b'{"detail": "the token tok-en-1 and r8_abcdefghijk are bad"}')
    error = reply_error(Call.ASK, reply)
    assert "tok-en-1" not in repr(error)
    assert "r8_" not in error.detail


@pytest.mark.parametrize(
    ("call", "status", "body", "failure"),
    [
        (
            Call.RESOLVE,
            404,
            {"detail": "The requested resource could not be found."},
            "model_retired",
        ),
        (
            Call.CREATE,
            404,
            {"detail": "The requested resource could not be found."},
            "model_retired",
        ),
        (Call.CREATE, 422, {"title": "Invalid version or not permitted"}, "model_retired"),
        (
            Call.TRAIN,
            404,
            {"detail": "The requested resource could not be found."},
            "model_retired",
        ),
        (
            Call.TRAIN,
            404,
            {"detail": "The specified training destination does not exist"},
            "configuration",
        ),
        (Call.ASK, 404, {"detail": "The requested resource could not be found."}, "configuration"),
        (Call.HELD, 404, {"detail": "The requested resource could not be found."}, "lost"),
        (Call.CREATE, 404, b"<html>no such page</html>", "configuration"),
        (Call.RESOLVE, 404, b"<html>no such page</html>", "configuration"),
    ],
)
def test_a_missing_model_is_told_apart_from_a_wrong_address(
    call: Call, status: int, body: Any, failure: str
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = reply_error(call, Reply(status, {}, content))
    assert (error.failure, error.pauses_provider) == (failure, False)
