"""What is sent, and what the simulator answers, compared with what the providers publish.

So that the simulator cannot agree with a mistake of ours: Replicate's field sets are in
`published/replicate.json`, Gemini's are the types of Google's library.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.genai import types
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.providers.base import InputImage, PictureRequest, TrainingRequest
from services.providers.gemini.provider import GeminiProvider
from services.providers.registry import DEFINITIONS
from services.providers.replicate.provider import ReplicateProvider
from simulator.gemini.requests import GENERATION_FIELDS
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    TOKEN,
    UPLOAD,
    VERSION,
    file_body,
    prediction,
    provider_at,
)
from tests.contracts.test_provider_contract import PNG, pictures_of

REPLICATE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "published" / "replicate.json").read_text()
)
PICTURE = InputImage("me.png", "image/png", PNG)
TRAINER = "ostris/flux-dev-lora-trainer"
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def assert_published(name: str, value: Any) -> None:
    problems = [error.message for error in Draft202012Validator(REPLICATE[name]).iter_errors(value)]
    assert problems == [], (name, value)


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[ReplicateProvider]:
    made = ReplicateProvider(token=TOKEN, base_url=simulator_url)
    yield made
    made.close()


@pytest.fixture
def gemini(far_end: FarEnd) -> Iterator[GeminiProvider]:
    made = GeminiProvider(api_key="AIza-a-key-for-tests-012345", base_url=far_end.url)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("model", "published"),
    [
        ("fofr/consistent-character", "POST /predictions"),
        ("stability-ai/sdxl", "POST /predictions"),
        ("jagilley/controlnet-pose", "POST /predictions"),
        ("black-forest-labs/flux-kontext-pro", "POST /models/{owner}/{name}/predictions"),
    ],
)
@pytest.mark.parametrize("webhook", [None, "https://studio.example/hook"])
def test_creates_are_sent_as_published(
    far_end: FarEnd, model: str, published: str, webhook: str | None
) -> None:
    far_end.on(f"GET /v1/models/{model}", Answer(200, {"latest_version": {"id": VERSION}}))
    far_end.on(UPLOAD, Answer(201, file_body(far_end.url)))
    for route in ("/v1/predictions", f"/v1/models/{model}/predictions"):
        far_end.on(f"POST {route}", Answer(201, prediction()))
    with provider_at(far_end.url) as provider:
        request = PictureRequest(model, "a fox", 7, images=(PICTURE,))
        provider.create(provider.prepare(request), webhook_url=webhook)
    assert_published(published, far_end.asked[-1].json)


def test_trainings_are_sent_as_published(far_end: FarEnd, tmp_path: Path) -> None:
    archive = tmp_path / "pictures.zip"
    archive.write_bytes(b"PK")
    trainings = f"POST /v1/models/{TRAINER}/versions/{VERSION}/trainings"
    far_end.on("GET /v1/account", Answer(200, {"type": "user", "username": "acme"}))
    far_end.on(f"GET /v1/models/{TRAINER}", Answer(200, {"latest_version": {"id": VERSION}}))
    far_end.on("POST /v1/models", Answer(201, {}))
    far_end.on(UPLOAD, Answer(201, file_body(far_end.url)))
    far_end.on(trainings, Answer(201, prediction()))
    with provider_at(far_end.url) as provider:
        request = TrainingRequest(TRAINER, "rosa", archive, {"trigger_word": "TOK", "steps": 10})
        provider.trainings.create(provider.trainings.prepare(request))
    assert_published("POST /models", far_end.sent_to("POST /v1/models")[0].json)
    (sent,) = far_end.sent_to(trainings)
    assert_published("POST /models/{owner}/{name}/versions/{id}/trainings", sent.json)


def test_the_simulator_s_predictions_are_as_published(
    simulated: ReplicateProvider, simulator_url: str
) -> None:
    request = PictureRequest("stability-ai/sdxl", "a fox", 7, images=(PICTURE,))
    prepared = simulated.prepare(request)
    assert pictures_of(simulated, prepared)
    with httpx.Client(base_url=simulator_url, headers=HEADERS) as client:
        created = client.post("/v1/predictions", json=dict(prepared.payload)).json()
        assert_published("prediction", created)
        listed = client.get("/v1/predictions").json()
        assert_published("list", listed)
        for row in listed["results"]:
            assert_published("prediction", row)
            assert_published("prediction", client.get(f"/v1/predictions/{row['id']}").json())
        assert_published("account", client.get("/v1/account").json())
        for model in ("stability-ai/sdxl", "black-forest-labs/flux-dev", TRAINER):
            assert_published("model", client.get(f"/v1/models/{model}").json())
        sent = client.post("/v1/files", files={"content": ("me.png", PNG, "image/png")})
        assert_published("file", sent.json())


def test_gemini_is_asked_in_the_fields_that_google_publishes(
    far_end: FarEnd, gemini: GeminiProvider
) -> None:
    far_end.on("POST /v1/models/gemini-nano-banana-2.1:generateContent", Answer(500))
    prepared = gemini.prepare(
        PictureRequest("gemini-nano-banana-2.1", "a fox", 7, (PICTURE,), aspect_ratio="1:8")
    )
    with pytest.raises(Exception, match="500"):
        gemini.generate(prepared)
    (sent,) = far_end.asked
    config = sent.json["generationConfig"]
    types.GenerateContentConfig.model_validate(config)
    assert {"responseModalities", "imageConfig", "seed"} == set(config)
    for content in sent.json["contents"]:
        types.Content.model_validate(content)


@pytest.mark.parametrize("fault", [None, "refuse_content", "refuse_output", "fewer_outputs"])
def test_the_simulator_s_gemini_answers_in_google_s_types(
    simulator_url: str, fault: str | None
) -> None:
    words = f"a fox {fault}"
    if fault:
        match = {"provider": "gemini", "prompt_contains": words}
        rule = {"fault": fault, "times": 1, "match": match}
        httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
    answer = httpx.post(
        f"{simulator_url}/v1/models/gemini-nano-banana-2.1:generateContent",
        headers={"x-goog-api-key": "AIza-a-key-for-tests-012345"},
        json={"contents": [{"role": "user", "parts": [{"text": words}]}]},
        timeout=30.0,
    ).json()
    read = types.GenerateContentResponse.model_validate(answer)
    for candidate in read.candidates or []:
        assert candidate.finish_reason in set(types.FinishReason)
    if fault == "refuse_content":
        assert read.prompt_feedback
        assert read.prompt_feedback.block_reason in set(types.BlockedReason)


def test_the_simulator_refuses_a_field_that_google_does_not_have(simulator_url: str) -> None:
    answer = httpx.post(
        f"{simulator_url}/v1/models/gemini-nano-banana-2.1:generateContent",
        headers={"x-goog-api-key": "AIza-a-key-for-tests-012345"},
        json={
            "contents": [{"parts": [{"text": "a fox"}]}],
            "generationConfig": {"imageSettings": {"ratio": "1:1"}},
        },
    )
    assert answer.status_code == 400
    assert "Cannot find field" in answer.json()["error"]["message"]


def test_the_simulator_knows_no_other_fields_than_google() -> None:
    published = {
        field.alias or name for name, field in types.GenerateContentConfig.model_fields.items()
    }
    assert GENERATION_FIELDS <= published


def test_a_retired_model_is_gone_at_the_simulator_too(simulator_url: str) -> None:
    for facts in DEFINITIONS["gemini"].models:
        if facts.id == "*":
            continue
        answer = httpx.get(
            f"{simulator_url}/v1/models/{facts.id}",
            headers={"x-goog-api-key": "AIza-a-key-for-tests-012345"},
        )
        assert answer.status_code == (404 if facts.retires_on else 200), facts.id
