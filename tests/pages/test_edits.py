"""A picture's actions: the form that each opens, its price, and what was started."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.kit.components.crop_preview import _checked
from services.container import Services
from services.core.states import Kind, Role, SlotRole
from services.database.models import Generation
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.media.exports import DEFAULT_FOCUS
from services.recipes.edits.recipe import EditsRequest
from services.recipes.edits.slots import EditChoices
from tests.pages.conftest import Open, drawn, said
from tests.pages.planting import filled_slot, finish_all, generation_of, rows, set_role

PAGE_SCRIPT = """
import streamlit as st
from pages.kit.frame import draw_flashes, require_role
from pages.picture.edits import edit_form
from pages.kit.backend import services
from services.recipes.edits.slots import EditChoices
from services.core.states import Role

actor = require_role(Role.VIEWER)
picture = services().gallery.picture(actor, st.session_state["asset"])
chosen = st.session_state["request"]
edit_form(actor, picture, "edit_1", EditChoices(chosen[0], chosen[1], tuple(chosen[2])))
draw_flashes()
"""


@pytest.fixture
def asset(studio: Services) -> str:
    """A mascot's picture, 320 pixels wide and high."""
    return str(filled_slot(studio, SlotRole.FULL_BODY).asset_id)


def form(asset: str, background: str = "none", words: str = "", *presets: str) -> AppTest:
    """The form alone: a button's body inside a dialog cannot be driven here."""
    at = AppTest.from_string(PAGE_SCRIPT, default_timeout=20)
    at.session_state["asset"] = asset
    at.session_state["request"] = (background, words, presets)
    return at.run()


def crops(at: AppTest) -> dict[str, Any]:
    """What the crop preview was given."""
    found = next(element for element in drawn(at) if element.key == "edit_1_crop")
    return dict(json.loads(found.proto.json or found.proto.mixed.json))


@pytest.mark.parametrize(
    ("button", "price"),
    [
        ("Remove background", "5 credits"),
        ("Replace background…", "15 credits"),
        ("Export…", "1 credit"),
    ],
)
def test_each_action_opens_the_form_with_its_choice(
    asset: str, opened: Open, button: str, price: str
) -> None:
    at = opened("picture", id=asset)
    next(one for one in at.button if one.label == button).click().run()
    assert not at.exception
    assert price in said(at)


def test_export_shows_the_frames_of_the_chosen_channels(asset: str) -> None:
    at = form(asset, "none", "", "instagram_story", "shopee")
    assert [preset["label"] for preset in crops(at)["presets"]] == ["Instagram story", "Shopee"]
    assert crops(at)["presets"][0]["covered"][0]["height"] == 0.14
    assert "**2 pictures** · 2 credits" in said(at)
    assert "The picture is small" in said(at)


def test_channels_follow_the_choice(asset: str) -> None:
    at = form(asset, "none", "", "shopee")
    at.button_group(key="edit_1_presets").set_value(["tiktok", "shopee"]).run()
    assert [preset["id"] for preset in crops(at)["presets"]] == ["tiktok", "shopee"]


def test_words_are_asked_for_only_where_they_are_read(asset: str) -> None:
    assert not form(asset, "remove").text_input
    at = form(asset, "replace")
    at.text_input(key="edit_1_behind").set_value("a <b>beach</b>").run()
    assert "Replace the background with a <b>beach</b>" in said(at)
    assert all("<b>beach" not in str(element.value) for element in at.markdown)


def test_start_stores_what_was_chosen_for_the_pictures_own_account(
    studio: Services, asset: str
) -> None:
    at = form(asset, "replace", "a beach", "tiktok")
    _button(at, "Make 2 pictures").click().run()
    assert not at.exception and not at.error
    started = generation_of(studio, Kind.EDITS)
    assert started.account_id == DEFAULT_ACCOUNT_ID
    choices = EditChoices("replace", "a beach", ("tiktok",))
    assert {**choices.as_json(), "asset_ids": [asset]}.items() <= started.request.items()
    assert started.request["focus"] == {asset: list(DEFAULT_FOCUS)}
    assert at.session_state[f"edits_of_{asset}"] == [started.id]


def test_click_without_words_says_what_is_missing(studio: Services, asset: str) -> None:
    at = form(asset, "replace")
    _button(at, "Make 1 picture").click().run()
    assert "say what should be behind" in at.error[0].value
    assert not rows(studio, Generation, Generation.kind == Kind.EDITS)


def test_viewer_sees_the_price_and_may_not_start(studio: Services, asset: str) -> None:
    set_role(studio, Role.VIEWER)
    at = form(asset, "remove")
    assert "5 credits" in said(at)
    assert _button(at, "Make 1 picture").disabled


def test_edit_under_way_is_followed_until_it_is_done(
    studio: Services, asset: str, opened: Open
) -> None:
    request = EditsRequest(DEFAULT_ACCOUNT_ID, (asset,), "remove")
    started = studio.edits.start(studio.people.local(), request, "form").generation_id
    at = opened("picture", id=asset)
    at.session_state[f"edits_of_{asset}"] = [started]
    at.run()
    assert started in said(at)
    finish_all(studio, started)
    at.run()
    assert at.session_state[f"edits_of_{asset}"] == []
    assert not at.exception


@pytest.mark.parametrize(
    ("sent", "focus"),
    [
        ([0.25, 1], (0.25, 1.0)),
        (None, DEFAULT_FOCUS),
        ([0.5], DEFAULT_FOCUS),
        ([0.5, 7], DEFAULT_FOCUS),
        (["a", "b"], DEFAULT_FOCUS),
        ("ab", DEFAULT_FOCUS),
    ],
)
def test_focus_from_a_browser_is_a_point_or_the_usual_one(sent: Any, focus: Any) -> None:
    assert _checked(sent) == focus


def _button(at: AppTest, label: str) -> Any:
    return next(button for button in at.button if button.label == label)
