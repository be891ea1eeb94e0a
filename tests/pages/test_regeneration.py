"""Regenerate one picture of a mascot from its page; a style in words."""

import pytest
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import Kind, Role, SlotRole
from services.database.models import Generation, Slot
from tests.pages.conftest import Open, said
from tests.pages.planting import filled_slot, generation_of, rows, set_role

DIALOG = """
from pages.picture.edits import ask_regeneration
from services.core.states import SlotRole
import streamlit as st

ask_regeneration(st.session_state["slot"], SlotRole.AVATAR)
"""


def avatar(studio: Services, opened: Open) -> AppTest:
    return opened("picture", id=str(filled_slot(studio, SlotRole.AVATAR).asset_id))


def test_price_is_seen_before_the_start(studio: Services, opened: Open) -> None:
    before = len(rows(studio, Generation))
    at = avatar(studio, opened)
    at.button(key="make_again").click().run()
    assert "**1 picture** · 10 credits" in said(at)
    assert "made from the newest full body" in said(at)
    assert len(rows(studio, Generation)) == before


def test_words_are_in_the_prompt_and_are_started(studio: Services) -> None:
    slot = filled_slot(studio, SlotRole.AVATAR)
    at = AppTest.from_string(DIALOG, default_timeout=20)
    at.session_state["slot"] = slot.id
    at.run().text_input(key="again_words").set_value("smiling").run()
    assert "Avatar of the same character" in said(at) and "smiling" in said(at)
    next(one for one in at.button if one.label == "Regenerate").click().run()
    (started,) = [it for it in rows(studio, Generation) if it.request.get("again") == slot.id]
    (again,) = rows(studio, Slot, Slot.generation_id == started.id)
    assert again.mascot_id == slot.mascot_id and again.prompt.endswith("smiling")


@pytest.mark.parametrize(
    ("picture_role", "role"), [(SlotRole.POSE, Role.ADMIN), (SlotRole.AVATAR, Role.VIEWER)]
)
def test_other_pictures_and_viewers_have_no_button(
    studio: Services, opened: Open, picture_role: SlotRole, role: Role
) -> None:
    set_role(studio, role)
    at = opened("picture", id=str(filled_slot(studio, picture_role).asset_id))
    assert not at.exception
    assert "Regenerate this picture" not in [button.label for button in at.button]


def test_style_can_be_given_in_words(studio: Services, opened: Open) -> None:
    at = opened("mascots")
    at.text_input(key="mascot_name").set_value("Pip")
    at.text_area(key="mascot_description").set_value("a fox")
    at.selectbox(key="mascot_style").set_value("Custom…").run()
    at.text_input(key="mascot_style_words").set_value("stained glass").run()
    next(button for button in at.button if button.label == "Make 3 variations").click().run()
    started = generation_of(studio, title="Pip")
    assert started.kind is Kind.MASCOTS
    prompts = [slot.prompt for slot in rows(studio, Slot, Slot.generation_id == started.id)]
    assert all("stained glass style" in prompt for prompt in prompts)
