"""Read a prediction's or a training's JSON as a `Prediction`; never raises.

The client's own models refuse `aborted`, nulls in `urls` and more, so they are not used here.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from services.core.redaction import redact
from services.providers.base import FailureClass, Prediction, PredictionStatus
from services.providers.outputs import output_addresses, path_problem
from services.providers.replicate.definition import PREDICTION_PAGE
from services.providers.replicate.errors import prediction_failure
from services.providers.replies import as_number, as_object, as_tail, as_text, as_time

LOG_TAIL_BYTES = 16 * 1024
TRAINING_LOG_TAIL_BYTES = 256 * 1024
ERROR_LIMIT = 1000
MAX_RUN_TIME = timedelta(minutes=30)
"""Replicate ends a running prediction after this long (facts A8)."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
# Bounded everywhere, so that no log takes more than one pass.
_BAR = re.compile(r"\d{1,3}%\|[^|\n]{0,300}\|\s{0,20}(\d{1,9})/(\d{1,9})")
# A training writes other bars before it, while it prepares the pictures (facts B3).
_TRAINING_BAR = re.compile(
    r"flux_train_replicate:\s{0,20}\d{1,3}%\|[^|\n]{0,300}\|\s{0,20}(\d{1,9})/(\d{1,9})"
)
_UNPUBLISHED = re.compile(
    r"failed to (?:create|push|publish) (?:the )?(?:trained )?(?:image|model|version)",
    re.IGNORECASE,
)
"""A training that was done, and whose version could not be made (replicate.com/p shows it as failed)."""
_TRAINED_VERSION = re.compile(r"[\w.-]+/[\w.-]+:[0-9a-f]{64}", re.ASCII)
_STATUSES = {
    "starting": PredictionStatus.STARTING,
    "processing": PredictionStatus.PROCESSING,
    "succeeded": PredictionStatus.SUCCEEDED,
    "failed": PredictionStatus.FAILED,
    "canceled": PredictionStatus.CANCELED,
    "aborted": PredictionStatus.FAILED,
}


@dataclass(frozen=True)
class _Reading:
    """What differs between the kinds of work, as their JSON is read."""

    log_tail_bytes: int
    bar: re.Pattern[str]
    max_run_time: timedelta | None
    nothing_made: str


_OF_PREDICTION = _Reading(
    LOG_TAIL_BYTES, _BAR, MAX_RUN_TIME, "The prediction succeeded without a picture."
)
_OF_TRAINING = _Reading(
    TRAINING_LOG_TAIL_BYTES, _TRAINING_BAR, None, "The training succeeded without a version."
)


def prediction_id(body: dict[str, Any]) -> str | None:
    """The id in a prediction's JSON, or None where none could be requested by it."""
    value = body.get("id")
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def parse_prediction(body: dict[str, Any], known_id: str) -> Prediction:
    """Read one prediction; `known_id` is the requested id, or the one in its JSON."""
    outputs = tuple(output_addresses(body.get("output")))
    return replace(_parse(body, known_id, _OF_PREDICTION, outputs), output_urls=outputs)


def parse_training(body: dict[str, Any], known_id: str) -> Prediction:
    """Read one training, in the same way; what it owes is a version, its weights come beside it."""
    output = as_object(body.get("output"))
    version = as_text(output.get("version"))
    made = version if _TRAINED_VERSION.fullmatch(version) else None
    weights = tuple(output_addresses(output.get("weights")))
    parsed = _parse(body, known_id, _OF_TRAINING, (made,) if made else ())
    if weights and (
        parsed.failure is FailureClass.EMPTY or _UNPUBLISHED.search(parsed.error or "")
    ):
        parsed = replace(parsed, failure=FailureClass.UNPUBLISHED)
    return replace(parsed, trained_version=made, output_urls=weights)


def _parse(
    body: dict[str, Any], known_id: str, reading: _Reading, made: tuple[str, ...]
) -> Prediction:
    """All but the outputs themselves; `made` is what it owes, so far."""
    status = _status(body)
    failure, error = _outcome(body, status, made, reading)
    return Prediction(
        id=known_id,
        status=status,
        web_url=_web_url(body, known_id),
        model=as_text(body.get("model")) or None,
        version=as_text(body.get("version")) or None,
        input=as_object(body.get("input")),
        logs=redact(as_tail(body.get("logs"), reading.log_tail_bytes)),
        progress=_progress(body, status, made, reading),
        failure=failure,
        error=error,
        created_at=as_time(body.get("created_at")),
        started_at=as_time(body.get("started_at")),
        completed_at=as_time(body.get("completed_at")),
        predict_seconds=as_number(as_object(body.get("metrics")).get("predict_time")),
        is_data_removed=body.get("data_removed") is True,
    )


def _status(body: dict[str, Any]) -> PredictionStatus:
    """Read an unknown status off the times, so that polling continues."""
    known = _STATUSES.get(as_text(body.get("status")))
    if known:
        return known
    if body.get("completed_at"):
        return PredictionStatus.FAILED
    return PredictionStatus.PROCESSING if body.get("started_at") else PredictionStatus.STARTING


def _outcome(
    body: dict[str, Any], status: PredictionStatus, made: tuple[str, ...], reading: _Reading
) -> tuple[FailureClass | None, str | None]:
    error = redact(as_text(body.get("error")))[:ERROR_LIMIT] or None
    if body.get("status") == "aborted":
        return FailureClass.DEADLINE, error or "The deadline passed before it started."
    if status is PredictionStatus.FAILED:
        return prediction_failure(error), error or "Replicate names no reason."
    if status is PredictionStatus.CANCELED:
        return _why_canceled(body, reading.max_run_time), error
    if status is PredictionStatus.SUCCEEDED and not made:
        if body.get("data_removed") is True:
            return FailureClass.WINDOW_MISSED, "Replicate has removed what it made."
        if problem := path_problem(body.get("output")):
            return FailureClass.CONFIGURATION, problem
        return FailureClass.EMPTY, error or reading.nothing_made
    return None, None


def _why_canceled(body: dict[str, Any], max_run_time: timedelta | None) -> FailureClass:
    """`canceled` is a person's, unless a deadline or the longest run time had passed by then."""
    completed, started = as_time(body.get("completed_at")), as_time(body.get("started_at"))
    deadline = as_time(body.get("deadline"))
    if completed and deadline and completed >= deadline:
        return FailureClass.TIMED_OUT
    if max_run_time and completed and started and completed - started >= max_run_time:
        return FailureClass.TIMED_OUT
    return FailureClass.CANCELED


def _web_url(body: dict[str, Any], known_id: str) -> str:
    web = as_object(body.get("urls")).get("web")
    if isinstance(web, str) and web.startswith(("https://", "http://")):
        return web
    return PREDICTION_PAGE.format(id=known_id)


def _progress(
    body: dict[str, Any], status: PredictionStatus, made: tuple[str, ...], reading: _Reading
) -> float | None:
    if status is PredictionStatus.SUCCEEDED:
        return 1.0
    expected = _expected_outputs(as_object(body.get("input")))
    if made and expected > 1:
        return min(1.0, len(made) / expected)
    bars = reading.bar.findall(as_tail(body.get("logs"), reading.log_tail_bytes))
    if not bars:
        return None
    done, total = (as_number(count) for count in bars[-1])
    return min(1.0, done / total) if done is not None and total else None


def _expected_outputs(given: dict[str, Any]) -> float:
    asked = as_number(given.get("number_of_outputs") or given.get("num_outputs"))
    per_pose = as_number(given.get("number_of_images_per_pose"))
    return (asked or 1) * (per_pose or 1)
