"""Regenerate one picture of a mascot from its page; a style in words."""

import pytest
from streamlit.testing.v1 import AppTest

from services.core.states import Kind, Role, SlotRole
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices

DIALOG = """
from pages.picture.edits import ask_regeneration
from services.core.states import SlotRole

ask_regeneration("slt_7", SlotRole.AVATAR)
"""
PICTURE = f"ast_{7:026d}"


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def avatar(services: FakeServices, opened: Open) -> AppTest:
    services.gallery.kind, services.gallery.role = Kind.MASCOTS, SlotRole.AVATAR
    return opened("picture", id=PICTURE)


def test_price_is_seen_before_the_start(services: FakeServices, opened: Open) -> None:
    at = avatar(services, opened)
    at.button(key="make_again").click().run()
    assert "**1 picture** · 10 credits" in said(at)
    assert "made from the newest full body" in said(at)
    assert not services.mascots.starts


def test_words_are_in_the_prompt_and_reach_the_service(services: FakeServices) -> None:
    at = AppTest.from_string(DIALOG, default_timeout=20).run()
    at.text_input(key="again_words").set_value("smiling").run()
    assert "Avatar of the same character, smiling" in said(at)
    next(one for one in at.button if one.label == "Regenerate").click().run()
    (((slot_id, words), key),) = services.mascots.starts
    assert (slot_id, words, len(key)) == ("slt_7", "smiling", 32)


@pytest.mark.parametrize(
    ("kind", "picture_role", "role"),
    [
        (Kind.POSES, SlotRole.POSE, Role.ADMIN),
        (Kind.MASCOTS, SlotRole.AVATAR, Role.VIEWER),
    ],
)
def test_other_pictures_and_viewers_have_no_button(
    services: FakeServices, opened: Open, kind: Kind, picture_role: SlotRole, role: Role
) -> None:
    services.gallery.kind, services.gallery.role, services.people.role = kind, picture_role, role
    assert "Regenerate this picture" not in buttons(opened("picture", id=PICTURE))


def test_style_can_be_said_in_words(services: FakeServices, opened: Open) -> None:
    at = opened("mascots")
    at.text_input(key="mascot_name").set_value("Pip")
    at.text_area(key="mascot_description").set_value("a fox")
    at.selectbox(key="mascot_style").set_value("Custom…").run()
    at.text_input(key="mascot_style_words").set_value("stained glass").run()
    next(button for button in at.button if button.label == "Make 3 variations").click().run()
    assert services.mascots.starts[0][0].style_text == "stained glass"
