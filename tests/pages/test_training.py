"""The training page: a form that is checked as it is filled, and cards with its progress."""

import re

from streamlit.testing.v1 import AppTest

from pages.training.form import picked_key
from services.container import Services
from services.core.states import Role
from services.database.models import Reference, TrainedModel
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.pages.conftest import Open, said
from tests.pages.planting import (
    audited,
    generation_of,
    lose_answer,
    rows,
    runs_of,
    set_role,
    set_rows,
)
from tests.pages.seed import FILES
from tests.unit.media.drawn import encoded, scene

MADE_WORD = re.compile("mira[0-9]{4}")
START = "Start the training"


def test_blank_form_advises_and_a_click_says_what_is_missing(
    studio: Services, opened: Open
) -> None:
    at = opened("training")
    assert "Choose 5 pictures at least" in said(at)
    assert "**1 model** · 1,000 credits · about \\$" in said(at)
    assert not at.error
    _button(at, START).click().run()
    assert "a training needs 5" in at.error[0].value
    assert len(rows(studio, TrainedModel)) == 5


def test_trigger_word_follows_the_name_until_one_is_typed(studio: Services, opened: Open) -> None:
    at = opened("training")
    at.text_input(key="training_name").set_value("Mira").run()
    assert MADE_WORD.fullmatch(at.text_input(key="training_word").value or "")
    at.text_input(key="training_word").set_value("my_word").run()
    at.text_input(key="training_name").set_value("Olga").run()
    assert at.text_input(key="training_word").value == "my_word"
    at.text_input(key="training_word").set_value("").run()
    assert str(at.text_input(key="training_word").value).startswith("olga")


def test_checks_are_shown_beside_the_form(studio: Services, opened: Open) -> None:
    actor = studio.people.local()
    for number in range(2):
        alike = encoded(scene(9).resize((640 + number, 480)), "PNG")
        studio.reference_uploads.upload(actor, DEFAULT_ACCOUNT_ID, f"{number}.png", alike)
    at = _chosen(opened, studio, 2)
    text = said(at)
    assert "Blocking" in text and "2 chosen" in text
    assert "Check it" in text and "look alike" in text
    at.text_input(key="training_name").set_value("Mira").run()
    _button(at, START).click().run()
    assert at.error and len(rows(studio, TrainedModel)) == 5


def test_start_stores_words_captions_and_parameters_and_begins_a_new_form(
    studio: Services, opened: Open
) -> None:
    at = _chosen(opened, studio, 6)
    ids = _references(studio)[:6]
    at.text_input(key="training_name").set_value("Nova").run()
    at.selectbox(key="training_gender").set_value("woman").run()
    at.text_input(key=f"training_caption_{ids[1]}").set_value("by a lake").run()
    at.number_input(key="training_steps").set_value(1500).run()
    word = at.text_input(key="training_word").value
    _button(at, START).click().run()
    assert not at.exception and not at.error
    request = generation_of(studio, title="Nova").request
    assert (request["name"], request["trigger_word"], request["gender"]) == ("Nova", word, "woman")
    assert request["reference_ids"] == ids
    assert request["captions"] == {ids[1]: "by a lake"}
    sent = request["parameters"]
    assert (sent["steps"], sent["optimizer"]) == (1500, "adamw8bit")
    assert at.text_input(key="training_name").value == ""
    assert at.session_state[picked_key(DEFAULT_ACCOUNT_ID)] == []


def test_choose_all_and_clear(studio: Services, opened: Open) -> None:
    at = opened("training")
    at.button(key=f"{picked_key(DEFAULT_ACCOUNT_ID)}_all").click().run()
    assert f"{len(FILES)} chosen" in said(at)
    at.button(key=f"{picked_key(DEFAULT_ACCOUNT_ID)}_clear").click().run()
    assert "0 chosen" in said(at)


def test_parameters_say_what_the_trainer_lacks(studio: Services, opened: Open) -> None:
    text = said(opened("training"))
    assert "has no num\\_repeats" in text
    assert "optimizer adamw8bit · batch size 1 · resolution 512,768,1024" in text


def test_cards_show_state_progress_and_result(studio: Services, opened: Open) -> None:
    at = opened("training")
    text = said(at)
    for words in ("Starting", "Training", "Completed", "Failed", "172.0 MB", "had a fault"):
        assert words in text
    live, starting = [str(bar.proto.text) for bar in at.get("progress")]
    assert live.startswith("Training · 42% · about ") and starting.startswith("Starting")
    links = [link.proto.label for link in at.get("page_link")]
    assert links.count("Try it in the Studio") == 2


def test_name_is_shown_as_it_was_written(studio: Services, opened: Open) -> None:
    at = opened("training")
    assert "<b>Mira</b> *2*" in said(at)
    assert all("<b>Mira" not in str(element.value) for element in at.markdown)


def test_an_unknown_submit_is_decided_on_diagnose(studio: Services, opened: Open) -> None:
    ada = _model(studio, "ada0005")
    lose_answer(studio, runs_of(studio, ada.generation_id)[0])
    at = opened("training")
    assert "Action required" in said(at)
    at.button(key=f"model_decide_{ada.id}").click().run()
    assert at.query_params["id"] == ada.generation_id
    assert at.title[0].value == "Diagnose"


def test_live_training_is_canceled_once(studio: Services, opened: Open) -> None:
    bruno = _model(studio, "bruno0001")
    at = opened("training")
    at.button(key=f"model_cancel_{bruno.id}").click().run()
    assert "Cancel the training" in [button.label for button in at.button]
    at.button(key="cancel_save").click().run()
    assert audited(studio) == [("generation.cancel", bruno.generation_id, "Canceled")]
    at = opened("training")
    assert "Canceling" in said(at)
    assert f"model_cancel_{bruno.id}" not in [button.key for button in at.button]


def test_a_canceled_training_says_so_and_is_retried(studio: Services, opened: Open) -> None:
    ada = _model(studio, "ada0005")
    studio.cancel.cancel(studio.people.local(), ada.generation_id)
    at = opened("training")
    assert "Canceled" in said(at)
    at.button(key=f"model_retry_{ada.id}").click().run()
    assert "**1 model**" in said(at)
    at.button(key="retry_save").click().run()
    assert audited(studio)[-1] == ("generation.retry", ada.generation_id, "Retried")


def test_operator_renames_and_archives(studio: Services, opened: Open) -> None:
    set_role(studio, Role.OPERATOR)
    mira = _model(studio, "mira0003")
    at = opened("training")
    at.text_input(key=f"model_name_{mira.id}").set_value("Mira in spring")
    at.button(key=f"model_save_{mira.id}").click().run()
    at.button(key=f"model_archive_{mira.id}").click().run()
    assert [action for action, *_ in audited(studio)] == [
        "trained_model.rename",
        "trained_model.archive",
    ]
    assert _model(studio, "mira0003").name == "Mira in spring"
    assert "Archived" in said(at)


def test_viewer_sees_trainings_and_changes_nothing(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    at = _chosen(opened, studio, 6)
    assert not at.exception
    assert _button(at, START).disabled
    assert not {"Archive", "Save", "Decide", "Cancel"} & {button.label for button in at.button}


def test_without_references_the_page_shows_the_way_to_them(
    fresh_services: Services, opened: Open
) -> None:
    at = opened("training")
    assert "No pictures for a training yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Add references"]


def test_the_studio_waits_for_the_first_training(studio: Services, opened: Open) -> None:
    set_rows(studio, TrainedModel, version=None)
    assert "No trained model yet" in said(opened("studio"))


def _chosen(opened: Open, studio: Services, count: int) -> AppTest:
    """The page with the newest references chosen."""
    at = opened("training")
    at.session_state[picked_key(DEFAULT_ACCOUNT_ID)] = _references(studio)[:count]
    return at.run()


def _references(studio: Services) -> list[str]:
    """The newest first."""
    saved = rows(studio, Reference)
    return [it.id for it in sorted(saved, key=lambda it: it.created_at, reverse=True)]


def _model(studio: Services, word: str) -> TrainedModel:
    (found,) = rows(studio, TrainedModel, TrainedModel.trigger_word == word)
    return found


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
