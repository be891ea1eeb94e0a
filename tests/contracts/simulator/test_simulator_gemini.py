"""The Gemini API, through the real client."""

import base64
import io
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import errors, types
from PIL import Image

from simulator.drawing.subject import read_subject
from simulator.drawing.traits import Species
from tests.contracts.simulator.running import Simulator

MODEL = "gemini-nano-banana-2.1"


def generate(
    client: genai.Client, contents: list[Any], **config: Any
) -> types.GenerateContentResponse:
    settings = types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"], **config)
    return client.models.generate_content(model=MODEL, contents=contents, config=settings)


def picture(response: types.GenerateContentResponse) -> bytes:
    assert response.parts is not None
    inline = response.parts[1].inline_data
    assert inline is not None and inline.data is not None and inline.mime_type == "image/png"
    return inline.data


def test_reply_holds_a_picture_of_the_asked_shape(simulator: Simulator) -> None:
    aspect = types.ImageConfig(aspect_ratio="3:4")
    response = generate(simulator.gemini(), ["a blue fox"], image_config=aspect, seed=4)
    with Image.open(io.BytesIO(picture(response))) as image:
        assert image.size == (864, 1184)
    assert (
        response.usage_metadata is not None
        and response.usage_metadata.candidates_token_count == 1290
    )
    assert response.model_version == MODEL and response.response_id


def test_seed_decides_the_bytes(simulator: Simulator) -> None:
    client = simulator.gemini()
    one = picture(generate(client, ["a fox"], seed=4))
    assert picture(generate(client, ["a fox"], seed=4)) == one
    assert picture(generate(client, ["a fox"], seed=5)) != one


def test_inline_picture_is_the_subject(simulator: Simulator) -> None:
    client = simulator.gemini()
    whole = picture(generate(client, ["a teal bear, full body"], seed=1))
    inline = types.Part.from_bytes(data=whole, mime_type="image/png")
    icon = read_subject(picture(generate(client, [inline, "square icon"], seed=9)))
    assert icon is not None
    assert (icon.traits.colour, icon.traits.species) == ("teal", Species.BEAR)


def test_key_can_be_checked(simulator: Simulator) -> None:
    client, stranger = simulator.gemini(), simulator.gemini("bad-key")
    assert f"models/{MODEL}" in [model.name for model in client.models.list()]
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"
    with pytest.raises(errors.ClientError) as raised:
        stranger.models.get(model=MODEL)
    assert (raised.value.code, raised.value.status) == (400, "INVALID_ARGUMENT")
    assert raised.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_vertex_and_beta_addresses_answer(simulator: Simulator) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
    vertex = f"/v1beta1/projects/p/locations/l/publishers/google/models/{MODEL}:generateContent"
    for path in (vertex, f"/v1beta/models/{MODEL}:generateContent"):
        assert simulator.call("POST", path, json=body).status_code == 200


def test_blocked_prompt_has_no_candidates(simulator: Simulator) -> None:
    client = simulator.gemini()
    simulator.order("refuse_content", provider="gemini")
    response = generate(client, ["something"])
    assert response.candidates is None and response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


def test_blocked_output_has_no_parts(simulator: Simulator) -> None:
    client = simulator.gemini()
    simulator.order("refuse_output", provider="gemini")
    response = generate(client, ["something"])
    assert response.parts is None and response.candidates is not None
    assert response.candidates[0].finish_reason == types.FinishReason.IMAGE_SAFETY


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ("throttle", 429, "RESOURCE_EXHAUSTED"),
        ("no_funds", 429, "RESOURCE_EXHAUSTED"),
        ("server_error", 500, "INTERNAL"),
        ("platform_error", 503, "UNAVAILABLE"),
    ],
)
def test_errors_look_like_googles(simulator: Simulator, fault: str, code: int, status: str) -> None:
    client = simulator.gemini()
    simulator.order(fault, provider="gemini")
    with pytest.raises(errors.APIError) as raised:
        generate(client, ["something"])
    assert (raised.value.code, raised.value.status) == (code, status)


def test_unknown_model_is_not_found(simulator: Simulator) -> None:
    client = simulator.gemini()
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model="gemini-0", contents="x")
    assert raised.value.code == 404


@pytest.mark.parametrize(("fault", "begun"), [("drop_before_create", 0), ("drop_after_create", 1)])
def test_connection_is_cut(simulator: Simulator, fault: str, begun: int) -> None:
    client = simulator.gemini()
    simulator.order(fault, provider="gemini")
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        generate(client, ["something"])
    assert simulator.counts()["generated"] == begun


def test_image_size_multiplies_the_pixels(simulator: Simulator) -> None:
    body = {
        "contents": [{"parts": [{"text": "a fox"}]}],
        "generationConfig": {"seed": 2, "imageConfig": {"imageSize": "2K", "aspectRatio": "9:16"}},
    }
    path = "/v1/models/gemini-3-pro-image:generateContent"
    answer = simulator.call("POST", path, json=body).json()
    data = answer["candidates"][0]["content"]["parts"][1]["inlineData"]["data"]
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (1536, 2688)
    body["generationConfig"] = {"imageConfig": {"imageSize": "8K"}}
    assert simulator.call("POST", path, json=body).status_code == 400


def test_cut_reply_breaks_off(simulator: Simulator) -> None:
    client = simulator.gemini()
    simulator.order("cut_output", provider="gemini")
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        generate(client, ["something"])
