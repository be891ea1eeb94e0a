"""Replicate: every model of the table at work, with its options, several pictures or a skeleton."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    PredictionStatus,
    PreparedRequest,
)
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import TOKEN, UPLOAD, VERSION, error_of
from tests.contracts.test_provider_contract import PNG, pictures_of

SUBJECT = InputImage("me.png", "image/png", PNG)
BACKDROP = InputImage("sea.png", "image/png", PNG)
SKELETON = InputImage("pose.png", "image/png", b"\x89PNG skeleton")


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[ReplicateProvider]:
    made = ReplicateProvider(token=TOKEN, base_url=simulator_url)
    yield made
    made.close()


def asked(model: str, **fields: Any) -> PictureRequest:
    return PictureRequest(model=model, prompt="a fox", seed=7, **fields)


def input_of(prepared: PreparedRequest) -> dict[str, Any]:
    given: dict[str, Any] = prepared.payload["input"]
    return given


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            "stability-ai/sdxl",
            {
                "images": (SUBJECT,),
                "options": {"strength": 0.4, "steps": 30, "guidance": 7, "negative_prompt": "rain"},
            },
        ),
        ("black-forest-labs/flux-dev", {"options": {"steps": 20, "guidance": 2.5}}),
        ("black-forest-labs/flux-kontext-pro", {"images": (SUBJECT,)}),
        ("black-forest-labs/flux-kontext-pro", {"images": (SUBJECT,), "aspect_ratio": "3:4"}),
        (
            "zsxkib/ic-light-background",
            {"images": (SUBJECT, BACKDROP), "options": {"steps": 20, "guidance": 3}},
        ),
        (
            "jagilley/controlnet-pose",
            {"images": (SUBJECT,), "control_image": SUBJECT, "options": {"guidance": 12}},
        ),
        ("jagilley/controlnet-pose", {"images": (SUBJECT,)}),
        ("851-labs/background-remover", {"images": (SUBJECT,)}),
        ("lucataco/remove-bg", {"images": (SUBJECT,)}),
        ("meta/sam-2", {"images": (SUBJECT,)}),
    ],
)
def test_picture_is_made(simulated: ReplicateProvider, model: str, fields: dict[str, Any]) -> None:
    content = pictures_of(simulated, simulated.prepare(asked(model, **fields)))[0]
    assert content[:4] in (b"\x89PNG", b"RIFF")


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("stability-ai/sdxl", {"options": {"lora_scale": 1.0}}),
        ("meta/sam-2", {"images": (SUBJECT,), "options": {"strength": 0.5}}),
        ("851-labs/background-remover", {"images": (SUBJECT,), "options": {"steps": 5}}),
        ("black-forest-labs/flux-depth-dev", {"control_image": SUBJECT}),
        ("jagilley/controlnet-pose", {"control_image": SUBJECT}),
        ("black-forest-labs/flux-dev", {"control_image": SUBJECT}),
    ],
)
def test_what_a_model_cannot_do_is_refused(
    simulated: ReplicateProvider, model: str, fields: dict[str, Any]
) -> None:
    error = error_of(lambda: simulated.prepare(asked(model, **fields)))
    assert (error.failure, error.reached) == (FailureClass.BAD_INPUT, False)


def test_option_out_of_bounds_is_refused_by_the_create(simulated: ReplicateProvider) -> None:
    prepared = simulated.prepare(asked("stability-ai/sdxl", options={"strength": 1.5}))
    assert error_of(lambda: simulated.create(prepared)).failure is FailureClass.BAD_INPUT


def test_account_with_little_credit_creates_less(
    simulated: ReplicateProvider, simulator_url: str
) -> None:
    rule = {"match": {"prompt_contains": "low on credit"}, "fault": "low_credit", "times": 1}
    httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
    request = PictureRequest("black-forest-labs/flux-dev", "low on credit", 7)
    prepared = simulated.prepare(request)
    error = error_of(lambda: simulated.create(prepared))
    assert error.failure is FailureClass.THROTTLED
    assert (error.creates_per_minute, error.retry_after_seconds) == (6.0, 5.0)


def test_model_off_its_schema_lists_its_options(simulated: ReplicateProvider) -> None:
    model = "black-forest-labs/flux-dev-lora"
    prepared = simulated.prepare(asked(model, options={"lora_scale": 1.2, "steps": 12}))
    assert input_of(prepared)["lora_scale"] == 1.2
    options = simulated.capabilities(model).options
    assert options == ("strength", "steps", "guidance", "lora_scale")


def test_prompt_is_not_sent_to_a_model_without_one(simulated: ReplicateProvider) -> None:
    for model in ("851-labs/background-remover", "lucataco/remove-bg", "meta/sam-2"):
        given = input_of(simulated.prepare(asked(model, images=(SUBJECT,))))
        assert not {"prompt", "seed"} & set(given)
        assert not simulated.capabilities(model).takes_prompt


def test_pictures_keep_their_order(simulated: ReplicateProvider, simulator_url: str) -> None:
    request = asked("zsxkib/ic-light-background", images=(SUBJECT, BACKDROP))
    given = input_of(simulated.prepare(request))
    assert given["subject_image"] != given["background_image"]
    prediction = simulated.create(simulated.prepare(request))
    assert prediction.status is PredictionStatus.STARTING
    assert prediction.input["background_image"].startswith(simulator_url)


def test_control_image_is_uploaded_in_place_of_the_picture(
    far_end: FarEnd, replicate: ReplicateProvider
) -> None:
    model = "jagilley/controlnet-pose"
    far_end.on(f"GET /v1/models/{model}", Answer(200, {"latest_version": {"id": VERSION}}))
    request = asked(model, images=(SUBJECT,), control_image=SKELETON)
    given = input_of(replicate.prepare(request))
    *_, upload = far_end.sent_to(UPLOAD)
    assert SKELETON.content in upload.content
    assert given["image"] == f"{far_end.url}/v1/files/NGZi"
