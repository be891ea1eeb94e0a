"""The Studio page: a model, words, perhaps another model beside it, and one start."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices


def test_newest_ready_model_is_chosen_and_offers_its_trigger_word(
    services: FakeServices, opened: Open
) -> None:
    at = opened("studio")
    assert "mira0002" in at.text_area(key="studio_prompt").placeholder
    text = said(at)
    assert "Bruno" not in text and "Olga" not in text


def test_link_from_a_training_chooses_its_model(services: FakeServices, opened: Open) -> None:
    model = services.trained_models.items[2]
    at = opened("studio", model=model.id)
    assert at.session_state["studio_model"] == model.id
    assert model.trigger_word in at.text_area(key="studio_prompt").placeholder


def test_price_and_final_prompt_follow_the_form(services: FakeServices, opened: Open) -> None:
    at = _worded(opened)
    assert "mira0002, by the sea" in said(at)
    assert "**1 picture** · 20 credits" in said(at)
    at.segmented_control(key="studio_count").set_value(3).run()
    at.selectbox(key="studio_compare").set_value(services.trained_models.items[2].id).run()
    assert "**6 pictures** · 120 credits" in said(at)


def test_start_sends_what_was_chosen(services: FakeServices, opened: Open) -> None:
    first, other = services.trained_models.items[1:3]
    at = _worded(opened)
    at.selectbox(key="studio_ratio").set_value("3:4").run()
    at.slider(key="studio_scale").set_value(0.8).run()
    at.number_input(key="studio_seed").set_value(41).run()
    at.selectbox(key="studio_compare").set_value(other.id).run()
    _button(at, "Make 2 pictures").click().run()
    assert not at.exception and not at.error
    request, _ = services.studio.starts[0]
    assert (request.trained_model_id, request.compare_model_id) == (first.id, other.id)
    assert (request.prompt, request.aspect_ratio, request.lora_scale) == ("by the sea", "3:4", 0.8)
    assert (request.count, request.seed) == (1, 41)


def test_click_without_words_says_what_is_missing(services: FakeServices, opened: Open) -> None:
    at = opened("studio")
    assert not at.error
    _button(at, "Make 1 picture").click().run()
    assert "The prompt is empty" in at.error[0].value
    assert not services.studio.starts


def test_archived_model_is_not_offered(services: FakeServices, opened: Open) -> None:
    items = services.trained_models.items
    services.trained_models.items = [replace(card, is_archived=True) for card in items]
    at = opened("studio")
    assert "No trained model yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Train a model"]


@pytest.mark.parametrize("role", list(Role))
def test_page_opens_for_every_role_and_a_viewer_starts_nothing(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    at = opened("studio")
    assert not at.exception
    assert not at.error
    assert _button(at, "Make 1 picture").disabled is (role is Role.VIEWER)


def _worded(opened: Open) -> AppTest:
    at = opened("studio")
    return at.text_area(key="studio_prompt").set_value("by the sea").run()


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
