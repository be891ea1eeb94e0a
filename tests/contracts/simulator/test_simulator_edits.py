"""The models that work on a given picture: what they keep of it and what they change."""

import base64
import io
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from tests.contracts.simulator.running import HTTP, Simulator

GROUND, BODY = (236, 238, 244), (200, 60, 40)


def picture(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A figure with a line around it on a soft ground."""
    image = Image.linear_gradient("L").resize(size).point(lambda value: 220 + value // 10)
    image = image.convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse((100, 40, 220, 200), fill=BODY, outline=(40, 20, 20), width=5)
    return image


def data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def version_of(simulator: Simulator, model: str) -> str:
    return str(simulator.call("GET", f"/v1/models/{model}").json()["latest_version"]["id"])


def run(simulator: Simulator, model: str, values: dict[str, Any]) -> dict[str, Any]:
    body = {"version": version_of(simulator, model), "input": values}
    answer = simulator.call("POST", "/v1/predictions", json=body)
    assert answer.status_code == 201, answer.text
    ended = simulator.ended(answer.json()["id"])
    assert ended["status"] == "succeeded", ended
    return ended


def drawn(address: str) -> Image.Image:
    with Image.open(io.BytesIO(HTTP.get(address).raise_for_status().content)) as image:
        image.load()
        return image.copy()


def difference(one: Image.Image, other: Image.Image) -> float:
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(ImageStat.Stat(apart).mean)


@pytest.mark.parametrize("model", ["851-labs/background-remover", "lucataco/remove-bg"])
def test_background_goes_and_the_subject_stays_as_it_is(simulator: Simulator, model: str) -> None:
    source = picture()
    image = drawn(run(simulator, model, {"image": data_url(source)})["output"])
    assert (image.size, image.mode) == (source.size, "RGBA")
    opacity = image.getchannel("A")
    assert [opacity.getpixel(at) for at in ((3, 3), (310, 120), (160, 120))] == [0, 0, 255]
    middle = (130, 80, 190, 160)
    assert difference(image.crop(middle), source.crop(middle)) == 0


@pytest.mark.parametrize(
    ("wanted", "corner", "middle"),
    [
        ("white", (255, 255, 255), BODY),
        ("#102030", (16, 32, 48), BODY),
        ("map", (0,) * 3, (255,) * 3),
    ],
)
def test_background_type_is_honoured(
    simulator: Simulator, wanted: str, corner: tuple[int, ...], middle: tuple[int, ...]
) -> None:
    values = {"image": data_url(picture()), "background_type": wanted}
    image = drawn(run(simulator, "851-labs/background-remover", values)["output"])
    assert (image.getpixel((3, 3)), image.getpixel((160, 120))) == (corner, middle)


def test_prompt_strength_scales_the_change(simulator: Simulator) -> None:
    source = picture()
    changes = []
    for strength in (0.1, 0.5, 0.95):
        values = {
            "image": data_url(source),
            "prompt": "rear view, full body",
            "prompt_strength": strength,
            "num_inference_steps": 30,
            "seed": 4,
        }
        ended = run(simulator, "stability-ai/sdxl", values)
        image = drawn(ended["output"][0])
        assert image.size == source.size
        steps = round(30 * strength)
        assert "img2img mode\n" in ended["logs"] and f"{steps}/{steps} [" in ended["logs"]
        changes.append(difference(image, source))
    assert changes == sorted(changes) and changes[2] > 2 * changes[0] > 0


def test_relit_subject_is_before_its_backdrop(simulator: Simulator) -> None:
    backdrop = data_url(Image.new("RGB", (90, 90), (20, 40, 160)))
    values = {"subject_image": data_url(picture()), "background_image": backdrop, "prompt": "night"}
    image = drawn(run(simulator, "zsxkib/ic-light-background", values)["output"][0])
    assert image.size == (512, 640)
    corner, middle = (
        image.convert("RGB").getpixel((5, 5)),
        image.convert("RGB").getpixel((256, 400)),
    )
    assert isinstance(corner, tuple) and corner[2] > 120 > corner[0]
    assert isinstance(middle, tuple) and middle[0] > middle[2]


def test_masks_come_combined_and_apart(simulator: Simulator) -> None:
    output = run(simulator, "meta/sam-2", {"image": data_url(picture())})["output"]
    assert len(output["individual_masks"]) == 5
    assert drawn(output["combined_mask"]).size == (320, 240)
    tones = drawn(output["individual_masks"][0]).convert("L").getcolors() or []
    assert {tone for _, tone in tones} <= {0, 255}


def test_withdrawn_version_is_listed_but_not_run(simulator: Simulator) -> None:
    body = {
        "version": version_of(simulator, "cjwbw/rembg"),
        "input": {"image": "https://x.example"},
    }
    answer = simulator.call("POST", "/v1/predictions", json=body)
    assert (answer.status_code, answer.json()["title"]) == (422, "Invalid version or not permitted")


@pytest.mark.parametrize(
    ("model", "values", "field"),
    [
        ("flux-kontext-pro", {"prompt": "x", "safety_tolerance": 7}, "input.safety_tolerance"),
        (
            "flux-depth-dev",
            {"prompt": "x", "control_image": "data:,x", "guidance": 101},
            "input.guidance",
        ),
        ("flux-dev-lora", {"prompt": "x", "lora_scale": 4}, "input.lora_scale"),
    ],
)
def test_official_models_have_bounds(
    simulator: Simulator, model: str, values: dict[str, Any], field: str
) -> None:
    path = f"/v1/models/black-forest-labs/{model}/predictions"
    answer = simulator.call("POST", path, json={"input": values})
    assert answer.json()["invalid_fields"][0]["field"] == field


def test_kontext_keeps_the_shape_of_its_input(simulator: Simulator) -> None:
    client = simulator.replicate()
    values = {"prompt": "make it wave", "input_image": data_url(picture((600, 300)))}
    made = client.models.predictions.create("black-forest-labs/flux-kontext-pro", input=values)
    made.wait()
    assert isinstance(made.output, str)
    width, height = drawn(made.output).size
    assert 1.9 < width / height < 2.1
