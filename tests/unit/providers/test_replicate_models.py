"""Each model gets its own words, and what it cannot do is refused before anything is sent."""

from typing import Any

import pytest

from services.providers.base import FailureClass, InputImage, PictureRequest, ProviderError
from services.providers.replicate_models import (
    KnownModel,
    build_input,
    check,
    known_model,
    model_from_schema,
)

PICTURE = InputImage("me.png", "image/png", b"png")
URL = "https://api.replicate.com/v1/files/1"


def row_of(name: str) -> KnownModel:
    row = known_model(name)
    assert row is not None
    return row


def asked(model: str, **fields: Any) -> PictureRequest:
    return PictureRequest(model=model, prompt="a fox", seed=7, **fields)


def schema(required: tuple[str, ...] = ("prompt",), **properties: Any) -> dict[str, Any]:
    given = {"properties": {"prompt": {"type": "string"}, **properties}, "required": [*required]}
    return {"components": {"schemas": {"Input": given, "ratio": {"enum": ["1:1", "2:3"]}}}}


def refusal_of(request: PictureRequest, row: KnownModel) -> FailureClass:
    with pytest.raises(ProviderError) as caught:
        check(request, row)
    assert not caught.value.reached
    return caught.value.failure


@pytest.mark.parametrize("name", ["fofr/consistent-character", "sdxl-based/consistent-character"])
def test_consistent_character(name: str) -> None:
    row = row_of(name)
    assert row.capabilities.model == name
    assert build_input(asked(name, images=(PICTURE,)), row.input, [URL]) == {
        "prompt": "a fox",
        "subject": URL,
        "number_of_outputs": 1,
        "number_of_images_per_pose": 1,
        "randomise_poses": True,
        "output_format": "webp",
        "output_quality": 90,
        "seed": 7,
    }


def test_sdxl_gets_a_size() -> None:
    name = "stability-ai/sdxl"
    given = build_input(asked(name, aspect_ratio="16:9"), row_of(name).input, [])
    assert given == {"prompt": "a fox", "seed": 7, "num_outputs": 1, "width": 1344, "height": 768}


def test_flux_gets_a_ratio() -> None:
    name = "black-forest-labs/flux-dev"
    request = asked(name, aspect_ratio="9:16", images=(PICTURE,), output_count=2)
    given = build_input(request, row_of(name).input, [URL])
    assert (given["aspect_ratio"], given["image"], given["num_outputs"]) == ("9:16", URL, 2)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("fofr/consistent-character", {}),
        ("fofr/consistent-character", {"images": (PICTURE, PICTURE)}),
        ("fofr/consistent-character", {"images": (PICTURE,), "aspect_ratio": "1:1"}),
        ("fofr/consistent-character", {"images": (PICTURE,), "output_count": 21}),
        ("stability-ai/sdxl", {"output_count": 0}),
        ("stability-ai/sdxl", {"aspect_ratio": "5:1"}),
    ],
)
def test_what_a_model_cannot_do_is_refused(name: str, fields: dict[str, Any]) -> None:
    assert refusal_of(asked(name, **fields), row_of(name)) is FailureClass.BAD_INPUT


def test_long_prompt_is_refused() -> None:
    row = row_of("stability-ai/sdxl")
    longest = row.capabilities.max_prompt_characters
    check(PictureRequest("stability-ai/sdxl", "x" * longest, 1), row)
    too_long = PictureRequest("stability-ai/sdxl", "x" * (longest + 1), 1)
    assert refusal_of(too_long, row) is FailureClass.BAD_INPUT


def test_unknown_model_is_read_off_its_schema() -> None:
    ratio = {"allOf": [{"$ref": "#/components/schemas/ratio"}], "default": "1:1"}
    found = schema(
        ("prompt", "input_image"),
        input_image={"type": "string", "format": "uri"},
        seed={"type": "integer"},
        num_outputs={"type": "integer", "maximum": 4},
        aspect_ratio=ratio,
    )
    row = model_from_schema("acme/fox", found, is_official=True)
    assert row.capabilities.needs_image
    assert row.capabilities.aspect_ratios == ("1:1", "2:3")
    assert row.input.is_official
    request = asked("acme/fox", images=(PICTURE,), aspect_ratio="2:3", output_count=3)
    check(request, row)
    assert build_input(request, row.input, [URL]) == {
        "prompt": "a fox",
        "input_image": URL,
        "seed": 7,
        "num_outputs": 3,
        "aspect_ratio": "2:3",
    }


def test_list_of_pictures() -> None:
    row = model_from_schema("acme/x", schema(image_input={"type": "array"}), is_official=False)
    request = asked("acme/x", images=(PICTURE, PICTURE))
    check(request, row)
    assert build_input(request, row.input, [URL, URL])["image_input"] == [URL, URL]


def test_model_without_pictures_refuses_one() -> None:
    row = model_from_schema("acme/x", schema(), is_official=False)
    assert not row.capabilities.takes_seed
    assert refusal_of(asked("acme/x", images=(PICTURE,)), row) is FailureClass.BAD_INPUT


@pytest.mark.parametrize(
    "found",
    [
        None,
        {},
        {"components": {"schemas": {"Input": {"properties": {"image": {}}}}}},
        schema(("prompt", "audio"), audio={"type": "string"}),
    ],
)
def test_unusable_schema_is_refused(found: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        model_from_schema("acme/x", found, is_official=False)
    assert caught.value.failure is FailureClass.BAD_INPUT
