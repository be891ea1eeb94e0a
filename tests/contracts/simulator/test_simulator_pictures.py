"""The drawings: equal orders give equal bytes, and a subject is recognised in its picture."""

import io

import pytest
from PIL import Image

from simulator.drawing.making import make_picture
from simulator.drawing.orders import PictureOrder
from simulator.drawing.pictures import draw_picture
from simulator.drawing.prompt_reading import Facing, Framing, read_prompt
from simulator.drawing.subject import SubjectFacts, read_subject
from simulator.drawing.traits import PRIMARIES, Outfit, Species, Traits
from tests.contracts.simulator.running import CHARACTER_VERSION, HTTP, Simulator


def order_for(prompt: str, traits: Traits, picture_format: str = "webp") -> PictureOrder:
    look = SubjectFacts(traits, None, "")
    return PictureOrder(prompt, 7, 512, 512, picture_format, 80, look, False, "digest")


def picture_of(simulator: Simulator, **values: object) -> bytes:
    prediction = simulator.ended(simulator.create(values)["id"])
    return HTTP.get(prediction["output"][0]).raise_for_status().content


def test_same_seed_same_bytes_other_seed_other_bytes(simulator: Simulator) -> None:
    one = picture_of(simulator, prompt="a fox waving", seed=5)
    assert picture_of(simulator, prompt="a fox waving", seed=5) == one
    assert picture_of(simulator, prompt="a fox waving", seed=6) != one


@pytest.mark.parametrize(("name", "decoded"), [("webp", "WEBP"), ("jpg", "JPEG"), ("png", "PNG")])
def test_every_format_decodes_at_a_megapixel(simulator: Simulator, name: str, decoded: str) -> None:
    with Image.open(io.BytesIO(picture_of(simulator, output_format=name, seed=1))) as image:
        image.load()
        assert (image.format, image.size) == (decoded, (1024, 1024))


def test_uploaded_subject_reappears_in_another_pose(simulator: Simulator) -> None:
    drawn = picture_of(simulator, prompt="red cat", seed=3)
    client = simulator.replicate()
    subject = client.files.create(io.BytesIO(drawn), filename="cat.webp").urls["get"]
    posed = client.predictions.create(
        version=CHARACTER_VERSION,
        input={"prompt": "jumping", "subject": subject, "number_of_outputs": 1},
    )
    posed.wait()
    assert isinstance(posed.output, list)
    first, second = read_subject(drawn), read_subject(HTTP.get(posed.output[0]).content)
    assert first is not None and second is not None
    assert first.traits == second.traits
    assert (first.traits.colour, first.traits.species) == ("red", Species.CAT)


@pytest.mark.parametrize("prompt", ["full body", "avatar", "square icon", "sitting", "rear view"])
def test_each_species_and_outfit_is_recognised(prompt: str) -> None:
    colours, outfits = list(PRIMARIES), list(Outfit)
    for number, species in enumerate(Species):
        at = number + len(prompt)
        traits = Traits(colours[at % len(colours)], species, outfits[at % len(outfits)])
        look = read_subject(make_picture(order_for(prompt, traits)))
        assert look is not None and look.traits == traits


def test_photo_gets_a_character_and_keeps_it() -> None:
    photo = Image.effect_mandelbrot((200, 150), (-2, -1.5, 1, 1.5), 20).convert("RGB")
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG")
    look = read_subject(buffer.getvalue())
    assert look is not None and look.tint is not None
    again = read_subject(make_picture(order_for("running", look.traits, "jpg")))
    assert again is not None and again.traits == look.traits


def test_what_is_no_picture_has_no_traits() -> None:
    assert read_subject(b"not a picture") is None


def test_cut_out_is_transparent_around_the_figure() -> None:
    order = PictureOrder("standing", 1, 512, 512, "png", 80, None, True, "")
    image = draw_picture(order)
    opacity = image.getchannel("A")
    assert (opacity.getpixel((4, 4)), opacity.getpixel((256, 300))) == (0, 255)


def test_words_choose_framing_facing_and_stance() -> None:
    assert read_prompt("square app icon of a fox").framing is Framing.ICON
    assert read_prompt("avatar, head and shoulders").framing is Framing.BUST
    assert read_prompt("full body portrait").framing is Framing.FULL_BODY
    assert read_prompt("body, rear view").facing is Facing.REAR
    assert read_prompt("side view of it").facing is Facing.SIDE
    assert read_prompt("a teal fox with arms crossed").stance == "arms crossed"
    assert read_prompt("rabbits running in a blue field").species is Species.RABBIT
