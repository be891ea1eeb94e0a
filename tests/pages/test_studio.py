"""The Studio page: a model, words, perhaps another model beside it, and one start."""

from sqlalchemy import func
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import Kind, Role
from services.database.models import Generation, Slot, TrainedModel
from tests.pages.conftest import Open, said
from tests.pages.planting import rows, set_role, set_rows

WORDS = "in the rain"


def test_newest_ready_model_is_chosen_and_offers_its_trigger_word(
    studio: Services, opened: Open
) -> None:
    at = opened("studio")
    assert "mira0002" in at.text_area(key="studio_prompt").placeholder
    text = said(at)
    assert "Bruno" not in text and "Olga" not in text


def test_link_from_a_training_chooses_its_model(studio: Services, opened: Open) -> None:
    model = _model(studio, "mira0003")
    at = opened("studio", model=model.id)
    assert at.session_state["studio_model"] == model.id
    assert model.trigger_word in at.text_area(key="studio_prompt").placeholder


def test_price_and_final_prompt_follow_the_form(studio: Services, opened: Open) -> None:
    at = _worded(opened)
    assert f"mira0002, a woman, {WORDS}" in said(at)
    assert "**1 picture** · 20 credits" in said(at)
    at.segmented_control(key="studio_count").set_value(3).run()
    at.selectbox(key="studio_compare").set_value(_model(studio, "mira0003").id).run()
    assert "**6 pictures** · 120 credits" in said(at)


def test_start_stores_what_was_chosen(studio: Services, opened: Open) -> None:
    first, other = _model(studio, "mira0002"), _model(studio, "mira0003")
    at = _worded(opened)
    at.selectbox(key="studio_ratio").set_value("3:4").run()
    at.slider(key="studio_scale").set_value(0.8).run()
    at.number_input(key="studio_seed").set_value(41).run()
    at.selectbox(key="studio_compare").set_value(other.id).run()
    _button(at, "Make 2 pictures").click().run()
    assert not at.exception and not at.error
    started = rows(studio, Generation, Generation.kind == Kind.STUDIO)[-1]
    slots = rows(studio, Slot, Slot.generation_id == started.id)
    assert {slot.model for slot in slots} == {first.version, other.version}
    assert all(WORDS in slot.prompt for slot in slots)
    assert {(slot.aspect_ratio, slot.seed, slot.options["lora_scale"]) for slot in slots} == {
        ("3:4", 41, 0.8)
    }


def test_click_without_words_says_what_is_missing(studio: Services, opened: Open) -> None:
    at = opened("studio")
    assert not at.error
    _button(at, "Make 1 picture").click().run()
    assert "The prompt is empty" in at.error[0].value
    assert len(rows(studio, Generation, Generation.kind == Kind.STUDIO)) == 1


def test_archived_model_is_not_offered(studio: Services, opened: Open) -> None:
    set_rows(studio, TrainedModel, archived_at=func.now())
    at = opened("studio")
    assert "No trained model yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Train a model"]


def test_viewer_may_not_start(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    at = opened("studio")
    assert not at.exception and not at.error
    assert _button(at, "Make 1 picture").disabled


def _model(studio: Services, word: str) -> TrainedModel:
    (found,) = rows(studio, TrainedModel, TrainedModel.trigger_word == word)
    return found


def _worded(opened: Open) -> AppTest:
    at = opened("studio")
    return at.text_area(key="studio_prompt").set_value(WORDS).run()


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
