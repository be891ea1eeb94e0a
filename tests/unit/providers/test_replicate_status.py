"""A prediction's JSON is folded into one shape, whatever the vendor sends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.providers.base import FailureClass, PredictionStatus
from services.providers.replicate.status import (
    LOG_TAIL_BYTES,
    TRAINING_LOG_TAIL_BYTES,
    parse_prediction,
    parse_training,
    prediction_id,
)

PNG = "https://replicate.delivery/a/out-0.webp"
BAR = " 50%|#####     | 25/50 [00:05<00:05,  4.9it/s]"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
# No deadline: a busy machine is no finding.
quickly = settings(max_examples=50, deadline=None)
FIELDS = "id model version input output logs error status metrics urls started_at completed_at"


def read(**body: Any) -> Any:
    return parse_prediction({"id": "abc", **body}, "abc")


@quickly
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS.split(), JSON)))
def test_any_object_is_read(body: dict[str, Any]) -> None:
    prediction = parse_prediction(body, "abc")
    assert prediction.id == "abc"
    assert prediction.web_url


@quickly
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS.split(), JSON)))
def test_any_training_is_read(body: dict[str, Any]) -> None:
    assert parse_training(body, "abc").id == "abc"


@pytest.mark.parametrize("value", [None, "", 5, "a/b", "../x", ["a"], "a" * 101])
def test_odd_ids_are_none(value: Any) -> None:
    assert prediction_id({"id": value}) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("starting", PredictionStatus.STARTING),
        ("processing", PredictionStatus.PROCESSING),
        ("succeeded", PredictionStatus.SUCCEEDED),
        ("failed", PredictionStatus.FAILED),
        ("canceled", PredictionStatus.CANCELED),
        ("aborted", PredictionStatus.FAILED),
        ("a new word", PredictionStatus.STARTING),
    ],
)
def test_status_words(word: str, status: PredictionStatus) -> None:
    assert read(status=word).status is status


def test_unknown_status_is_read_off_the_times() -> None:
    assert read(status="x", started_at="2026-11-20").status is PredictionStatus.PROCESSING
    assert read(status="x", completed_at="2026-11-20").status is PredictionStatus.FAILED


def test_full_body() -> None:
    prediction = read(
        status="succeeded",
        model="sdxl-based/consistent-character",
        version="9c77",
        input={"prompt": "p"},
        output=[PNG],
        logs="done",
        urls={"web": "https://replicate.com/p/abc", "stream": None},
        metrics={"predict_time": 12.5, "total_time": 14},
        created_at="2026-11-20T10:00:00Z",
        data_removed=False,
    )
    assert prediction.output_urls == (PNG,)
    assert prediction.web_url == "https://replicate.com/p/abc"
    assert prediction.predict_seconds == 12.5
    assert prediction.created_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert prediction.progress == 1.0
    assert prediction.failure is None
    assert prediction.error is None


@pytest.mark.parametrize("urls", [None, {}, {"web": None}, {"web": "javascript:alert(1)"}])
def test_web_link_is_made_from_the_id(urls: Any) -> None:
    assert read(status="starting", urls=urls).web_url == "https://replicate.com/p/abc"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (PNG, (PNG,)),
        ([PNG, None, PNG + "2"], (PNG, PNG + "2")),
        ({"mask": PNG, "parts": [PNG + "1"]}, (PNG, PNG + "1")),
        ("data:image/png;base64,xx", ("data:image/png;base64,xx",)),
        (["data:image/webp;base64,xx", None, PNG], ("data:image/webp;base64,xx", PNG)),
        ({"image": "data:image/png;base64,xx"}, ("data:image/png;base64,xx",)),
        ("iVBORw0KGgoAAAANSUhEUg==", ("data:;base64,iVBORw0KGgoAAAANSUhEUg==",)),
        ("/9j/4AAQSkZJRgABAQ", ("data:;base64,/9j/4AAQSkZJRgABAQ",)),
        ("/tmp/out.webp", ()),
        ("a caption in words", ()),
        (5, ()),
    ],
)
def test_output_shapes(output: Any, expected: tuple[str, ...]) -> None:
    assert read(status="processing", output=output).output_urls == expected


@pytest.mark.parametrize("output", [None, [], "", {}])
def test_success_without_a_picture_is_empty(output: Any) -> None:
    prediction = read(status="succeeded", output=output)
    assert prediction.status is PredictionStatus.SUCCEEDED
    assert prediction.failure is FailureClass.EMPTY


def test_removed_pictures_are_a_missed_window() -> None:
    prediction = read(status="succeeded", output=None, data_removed=True)
    assert prediction.is_data_removed
    assert prediction.failure is FailureClass.WINDOW_MISSED


def test_aborted_is_a_deadline() -> None:
    assert read(status="aborted").failure is FailureClass.DEADLINE


def test_canceled_by_a_person_or_by_time() -> None:
    times = {"started_at": "2026-11-20T10:00:00Z", "completed_at": "2026-11-20T10:01:00Z"}
    over = {**times, "deadline": "2026-11-20T10:01:00Z"}
    longest = {**times, "completed_at": "2026-11-20T10:30:00Z"}
    assert read(status="canceled", **times).failure is FailureClass.CANCELED
    assert read(status="canceled", **over).failure is FailureClass.TIMED_OUT
    assert read(status="canceled", **longest).failure is FailureClass.TIMED_OUT


@pytest.mark.parametrize("error", [None, {"detail": "CUDA out of memory"}, "x" * 5000])
def test_failed_always_has_a_text(error: Any) -> None:
    prediction = read(status="failed", error=error)
    assert prediction.error
    assert len(prediction.error) <= 1000


def test_progress_comes_from_the_last_bar() -> None:
    logs = f"10%|# | 5/50 [..]\n{BAR}\n"
    assert read(status="processing", logs=logs).progress == 0.5


def test_progress_comes_from_growing_outputs() -> None:
    given_input = {"number_of_outputs": 4, "number_of_images_per_pose": 1}
    prediction = read(status="processing", input=given_input, output=[PNG], logs=BAR)
    assert prediction.progress == 0.25


def test_no_progress_is_none() -> None:
    assert read(status="processing", logs="0/0 5%|a| 1/0").progress is None


def test_logs_keep_their_end() -> None:
    logs = read(status="processing", logs="ä" * 20_000 + "the end").logs
    assert logs.endswith("the end")
    assert len(logs.encode()) <= LOG_TAIL_BYTES


WEIGHTS = "https://replicate.delivery/a/trained_model.tar"
TRAINED = f"acme/my-lora:{'0a' * 32}"


def trained(**body: Any) -> Any:
    return parse_training({"id": "abc", **body}, "abc")


def test_training_gives_a_version_and_weights() -> None:
    output = {"version": TRAINED, "weights": WEIGHTS}
    training = trained(status="succeeded", output=output, metrics={"predict_time": 1312.4})
    assert (training.trained_version, training.output_urls) == (TRAINED, (WEIGHTS,))
    assert (training.failure, training.progress, training.predict_seconds) == (None, 1.0, 1312.4)


@pytest.mark.parametrize(
    "version", [None, "", 5, "acme/my-lora", "0a" * 32, TRAINED[:-1], f"{TRAINED}0", f"x/{TRAINED}"]
)
def test_odd_version_is_none(version: Any) -> None:
    training = trained(status="succeeded", output={"version": version, "weights": WEIGHTS})
    assert (training.trained_version, training.failure) == (None, FailureClass.UNPUBLISHED)
    assert "version" in training.error


def test_version_without_weights_is_a_success() -> None:
    training = trained(status="succeeded", output={"version": TRAINED, "weights": None})
    assert (training.output_urls, training.failure) == ((), None)


def test_training_s_progress_is_that_of_its_steps() -> None:
    logs = "Caching latents: 100%|####| 12/12 [00:01<00:00]\n"
    assert trained(status="processing", logs=logs).progress is None
    bar = "flux_train_replicate:  10%|█         | 100/1000 [01:23<12:26,  1.20it/s, lr: 4.0e-04]"
    later = bar.replace(" 10%", " 25%").replace("100/", "250/")
    assert trained(status="processing", logs=f"{logs}{bar}\r{later}").progress == 0.25


def test_training_keeps_more_of_its_log() -> None:
    logs = trained(status="processing", logs="x" * 300_000 + "the end").logs
    assert logs.endswith("the end")
    assert len(logs) == TRAINING_LOG_TAIL_BYTES


def test_training_may_be_canceled_late() -> None:
    times = {"started_at": "2026-11-20T10:00:00Z", "completed_at": "2026-11-20T10:45:00Z"}
    assert trained(status="canceled", **times).failure is FailureClass.CANCELED


def test_training_s_own_error_is_bad_input() -> None:
    error = "input_images must be a zip file"
    assert trained(status="failed", error=error).failure is FailureClass.BAD_INPUT


@pytest.mark.parametrize(
    "output",
    [
        "/tmp/out.webp",
        ["/src/output/0.png"],
        {"image": "/tmp/out.webp"},
        "file:///tmp/a.png",
        "./out.png",
    ],
)
def test_a_path_on_the_servers_disk_is_named_as_a_wrong_set_up(output: Any) -> None:
    prediction = read(status="succeeded", output=output)
    assert prediction.output_urls == ()
    assert prediction.failure is FailureClass.CONFIGURATION
    assert "own disk" in (prediction.error or "")
