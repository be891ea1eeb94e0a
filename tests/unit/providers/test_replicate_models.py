"""Each model gets its own words, and what it cannot do is refused before anything is sent."""

from typing import Any

import pytest

from services.providers.base import FailureClass, InputImage, PictureRequest, ProviderError
from services.providers.model_inputs import (
    KnownModel,
    build_input,
    check,
    model_from_schema,
)
from services.providers.replicate.definition import FLUX_LORA, known_model

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
    assert given == {
        "prompt": "a fox",
        "seed": 7,
        "num_outputs": 1,
        "width": 1344,
        "height": 768,
        "apply_watermark": False,
        "refine": "no_refiner",
    }


def test_sdxl_with_a_picture_keeps_its_size() -> None:
    row = row_of("stability-ai/sdxl")
    can = row.capabilities
    assert (can.image_max_side, can.image_multiple, can.needs_image) == (1024, 8, False)
    options = {"strength": 0.35, "steps": 40, "guidance": 6.5, "negative_prompt": "rain"}
    request = asked(can.model, aspect_ratio="16:9", images=(PICTURE,), options=options)
    check(request, row)
    assert build_input(request, row.input, [URL]) == {
        "prompt": "a fox",
        "image": URL,
        "seed": 7,
        "num_outputs": 1,
        "apply_watermark": False,
        "refine": "no_refiner",
        "prompt_strength": 0.35,
        "num_inference_steps": 40,
        "guidance_scale": 6.5,
        "negative_prompt": "rain",
    }


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("851-labs/background-remover", {"format": "png", "background_type": "rgba"}),
        ("lucataco/remove-bg", {}),
    ],
)
def test_cutting_out_takes_a_picture_alone(name: str, fixed: dict[str, Any]) -> None:
    row = row_of(name)
    can = row.capabilities
    assert (can.takes_prompt, can.needs_image) == (False, True)
    request = asked(name, images=(PICTURE,))
    check(request, row)
    assert build_input(request, row.input, [URL]) == {"image": URL, **fixed}


@pytest.mark.parametrize(("ratio", "sent"), [(None, "match_input_image"), ("3:4", "3:4")])
def test_kontext_keeps_the_shape_without_a_ratio(ratio: str | None, sent: str) -> None:
    row = row_of("black-forest-labs/flux-kontext-pro")
    request = asked(row.capabilities.model, images=(PICTURE,), aspect_ratio=ratio)
    check(request, row)
    assert row.input.is_official
    assert build_input(request, row.input, [URL]) == {
        "prompt": "a fox",
        "input_image": URL,
        "aspect_ratio": sent,
        "output_format": "png",
        "seed": 7,
    }


def test_relighting_takes_subject_and_background() -> None:
    row = row_of("zsxkib/ic-light-background")
    options = {"steps": 30, "guidance": 3}
    request = asked(row.capabilities.model, images=(PICTURE, PICTURE), options=options)
    check(request, row)
    assert row.capabilities.max_images == 2
    given = build_input(request, row.input, [URL, f"{URL}2"])
    assert (given["subject_image"], given["background_image"]) == (URL, f"{URL}2")
    assert (given["steps"], given["cfg"]) == (30, 3)
    assert "background_image" not in build_input(request, row.input, [URL])


@pytest.mark.parametrize("name", ["acme/flux-depth-dev", "lucataco/sdxl-controlnet-canny"])
def test_a_model_of_depth_or_edges_is_shown_no_skeleton(name: str) -> None:
    found = schema(("prompt", "control_image"), control_image={"type": "string"})
    with pytest.raises(ProviderError, match="control_image") as caught:
        model_from_schema(name, found, is_official=False)
    assert caught.value.failure is FailureClass.BAD_INPUT
    optional = model_from_schema(name, schema(control_image={}), is_official=False)
    assert not optional.capabilities.takes_control_image


def test_a_model_of_poses_takes_the_skeleton_in_place_of_its_picture() -> None:
    listed = row_of("jagilley/controlnet-pose")
    read = model_from_schema(
        "acme/controlnet-openpose", schema(("prompt", "image"), image={}), is_official=False
    )
    for row in (listed, read):
        assert (row.capabilities.takes_control_image, row.capabilities.max_images) == (True, 1)
        both = asked(row.facts.id, images=(PICTURE,), control_image=PICTURE)
        check(both, row)
        assert build_input(both, row.input, [URL], f"{URL}pose")["image"] == f"{URL}pose"
        assert build_input(both, row.input, [URL])["image"] == URL


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
        ("stability-ai/sdxl", {"control_image": PICTURE}),
        ("stability-ai/sdxl", {"options": {"lora_scale": 1.0}}),
        ("stability-ai/sdxl", {"options": {"prompt_strength": 0.5}}),
        ("fofr/consistent-character", {"images": (PICTURE,), "options": {"strength": 0.5}}),
        ("851-labs/background-remover", {}),
        ("851-labs/background-remover", {"images": (PICTURE,), "options": {"steps": 9}}),
        ("zsxkib/ic-light-background", {"images": (PICTURE,) * 3}),
        ("black-forest-labs/flux-kontext-pro", {"options": {"guidance": 3}}),
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


@pytest.mark.parametrize(
    "key", ["control_image", "controlnet_image", "pose_image", "openpose_image"]
)
def test_control_image_is_read_off_a_schema(key: str) -> None:
    row = model_from_schema("acme/x", schema((key,), **{key: {}}), is_official=False)
    request = asked("acme/x", control_image=PICTURE)
    check(request, row)
    assert row.capabilities.takes_control_image
    assert build_input(request, row.input, [], URL) == {"prompt": "a fox", key: URL}
    assert refusal_of(asked("acme/x"), row) is FailureClass.BAD_INPUT


def test_options_are_read_off_a_schema() -> None:
    names = ("prompt_strength", "num_inference_steps", "guidance_scale", "lora_scale")
    read: dict[str, Any] = {key: {} for key in (*names, "image", "seed", "num_outputs")}
    found = schema(**read)
    row = model_from_schema("acme/lora", found, is_official=False)
    assert row.capabilities.options == ("strength", "steps", "guidance", "lora_scale")
    assert row.capabilities.options == FLUX_LORA.options
    given = build_input(asked("acme/lora", options={"lora_scale": 0.9}), row.input, [])
    assert given["lora_scale"] == 0.9


def test_ratio_that_needs_a_size_is_not_offered() -> None:
    found = schema(aspect_ratio={"enum": ["1:1", "custom"]})
    row = model_from_schema("acme/x", found, is_official=False)
    assert row.capabilities.aspect_ratios == ("1:1",)


@pytest.mark.parametrize("required", [["image"], []])
def test_schema_without_a_prompt_that_takes_a_picture(required: list[str]) -> None:
    found = {"properties": {"image": {}}, "required": required}
    document = {"components": {"schemas": {"Input": found}}}
    row = model_from_schema("acme/cut", document, is_official=False)
    assert (row.capabilities.takes_prompt, row.capabilities.needs_image) == (False, True)
    assert build_input(asked("acme/cut", images=(PICTURE,)), row.input, [URL]) == {"image": URL}


def test_list_of_pictures() -> None:
    row = model_from_schema("acme/x", schema(image_input={"type": "array"}), is_official=False)
    request = asked("acme/x", images=(PICTURE, PICTURE))
    check(request, row)
    assert build_input(request, row.input, [URL, URL])["image_input"] == [URL, URL]


def test_model_without_pictures_refuses_one() -> None:
    row = model_from_schema("acme/x", schema(), is_official=False)
    assert refusal_of(asked("acme/x", images=(PICTURE,)), row) is FailureClass.BAD_INPUT


@pytest.mark.parametrize(
    "found",
    [
        None,
        {},
        {"components": {"schemas": {"Input": {"properties": {"audio": {}}}}}},
        schema(("prompt", "audio"), audio={"type": "string"}),
    ],
)
def test_unusable_schema_is_refused(found: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        model_from_schema("acme/x", found, is_official=False)
    assert caught.value.failure is FailureClass.BAD_INPUT


SIDE = {"type": "integer", "default": 1024}


def test_a_schema_with_width_and_height_takes_ratios() -> None:
    row = model_from_schema("own/poses", schema(width=SIDE, height=SIDE))
    request = asked("own/poses", aspect_ratio="3:2")
    check(request, row)
    given = build_input(request, row.input, [])
    assert (given["width"], given["height"]) == (1248, 832)


@pytest.mark.parametrize(
    "bounds", [{"maximum": 1024}, {"minimum": 64, "maximum": 1024}, {"enum": [768, 1024]}]
)
def test_a_size_that_the_schema_does_not_permit_is_not_offered(bounds: dict[str, Any]) -> None:
    row = model_from_schema("own/poses", schema(width=SIDE | bounds, height=SIDE | bounds))
    assert row.capabilities.aspect_ratios == ("1:1",)


def test_a_ratio_of_the_model_s_own_wins_over_its_sizes() -> None:
    ratio = {"enum": ["1:1", "custom"]}
    row = model_from_schema("own/poses", schema(width=SIDE, height=SIDE, aspect_ratio=ratio))
    assert (row.capabilities.aspect_ratios, row.input.sizes) == (("1:1",), {})


@pytest.mark.parametrize("key", ["pose", "skeleton", "openpose", "control"])
def test_a_name_that_may_mean_words_takes_a_skeleton_as_a_file_alone(key: str) -> None:
    for kind, takes in (({"format": "uri"}, True), ({}, False)):
        file: dict[str, Any] = {key: {"type": "string", **kind}}
        row = model_from_schema("own/poses", schema(**file))
        assert row.capabilities.takes_control_image is takes
