"""The training page: a form that is checked while it is filled, and cards with their progress."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from pages.training.form import picked_key
from services.container import Services
from services.core.states import Kind, Role
from services.database.models import TrainedModel
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.providers.replicate.provider import ReplicateProvider
from services.recipes.training.request import DEFAULTS
from services.recipes.training.trained_models import TrainingState
from tests.integration.trainings.fake_trainer import FakeTrainings
from tests.integration.trainings.training_setup import TrainingSetup
from tests.pages.conftest import Open, said
from tests.pages.fake_credits import ACCOUNT
from tests.pages.fake_trainings import trained_model
from tests.pages.fakes import FakeServices

START = "Start the training"


def test_blank_form_advises_and_a_click_says_what_is_missing(
    services: FakeServices, opened: Open
) -> None:
    at = opened("training")
    assert "Choose 5 pictures at least" in said(at)
    assert "**1 model** · 1,000 credits · about \\$2.75 · ready in about 30 min" in said(at)
    assert not at.error
    _button(at, START).click().run()
    assert "a training needs 5" in at.error[0].value
    assert not services.training.starts


def test_trigger_word_follows_the_name_until_somebody_writes_one(
    services: FakeServices, opened: Open
) -> None:
    at = opened("training")
    at.text_input(key="training_name").set_value("Mira").run()
    assert at.text_input(key="training_word").value == "mira4821"
    at.text_input(key="training_word").set_value("my_word").run()
    at.text_input(key="training_name").set_value("Olga").run()
    assert at.text_input(key="training_word").value == "my_word"
    at.text_input(key="training_word").set_value("").run()
    assert at.text_input(key="training_word").value == "olga4821"


def test_checks_are_shown_beside_the_form(services: FakeServices, opened: Open) -> None:
    at = _chosen(opened, services, 4)
    text = said(at)
    assert "Blocking" in text and "4 chosen" in text
    assert "Check it" in text and "look alike" in text
    at.text_input(key="training_name").set_value("Mira").run()
    _button(at, START).click().run()
    assert at.error and not services.training.starts


def test_start_sends_words_captions_and_parameters_and_begins_a_new_form(
    services: FakeServices, opened: Open
) -> None:
    at = _chosen(opened, services, 6)
    ids = [card.id for card in services.references.items[:6]]
    at.text_input(key="training_name").set_value("Mira").run()
    at.selectbox(key="training_gender").set_value("woman").run()
    at.text_input(key=f"training_caption_{ids[1]}").set_value("by a lake").run()
    at.number_input(key="training_steps").set_value(1500).run()
    _button(at, START).click().run()
    assert not at.exception and not at.error
    request, _ = services.training.starts[0]
    assert (request.name, request.trigger_word, request.gender) == ("Mira", "mira4821", "woman")
    assert list(request.reference_ids) == ids
    assert dict(request.captions)[ids[1]] == "by a lake"
    assert (request.sent["steps"], request.sent["optimizer"]) == (1500, "adamw8bit")
    assert at.text_input(key="training_name").value == ""
    assert at.session_state[picked_key(ACCOUNT)] == []


def test_choose_all_and_clear(services: FakeServices, opened: Open) -> None:
    at = opened("training")
    at.button(key=f"{picked_key(ACCOUNT)}_all").click().run()
    assert "11 chosen" in said(at)
    at.button(key=f"{picked_key(ACCOUNT)}_clear").click().run()
    assert "0 chosen" in said(at)


def test_parameters_say_what_the_trainer_lacks(services: FakeServices, opened: Open) -> None:
    text = said(opened("training"))
    assert "has no num\\_repeats" in text
    assert "optimizer adamw8bit · batch size 1 · resolution 512,768,1024" in text


def test_cards_tell_state_progress_and_what_came_out(services: FakeServices, opened: Open) -> None:
    at = opened("training")
    text = said(at)
    for words in ("Starting", "Training", "Completed", "Failed", "172.0 MB", "had a fault"):
        assert words in text
    assert [bar.proto.text for bar in at.get("progress")] == [
        "Training · 42% · about 12 min left",
        "Starting",
    ]
    links = [link.proto.label for link in at.get("page_link")]
    assert links.count("Try it in the Studio") == 2


def test_name_is_shown_as_it_was_written(services: FakeServices, opened: Open) -> None:
    assert "<b>Mira</b> *2*" in said(opened("training"))


def test_an_unknown_submit_is_decided_on_diagnose(services: FakeServices, opened: Open) -> None:
    card = trained_model(1, TrainingState.TRAINING)
    services.trained_models.items = [replace(card, undecided_run_id="run_1")]
    at = opened("training")
    assert "Action required" in said(at)
    at.button(key=f"model_decide_{card.id}").click().run()
    assert at.query_params["id"] == card.generation_id
    assert at.title[0].value == "Diagnose"


def test_live_training_can_be_canceled(services: FakeServices, opened: Open) -> None:
    card = services.trained_models.items[0]
    services.cancel.kind = Kind.TRAINING
    at = opened("training")
    at.button(key=f"model_cancel_{card.id}").click().run()
    assert "Cancel the training" in [button.label for button in at.button]
    at.button(key="cancel_save").click().run()
    assert services.cancel.canceled == [(card.generation_id, "")]


def test_a_training_that_is_being_canceled_says_so_and_cannot_be_canceled_twice(
    services: FakeServices, opened: Open
) -> None:
    card = replace(trained_model(1, TrainingState.TRAINING), is_canceling=True)
    services.trained_models.items = [card]
    at = opened("training")
    assert "Canceling" in said(at)
    assert f"model_cancel_{card.id}" not in [button.key for button in at.button]


def test_a_canceled_training_says_so_and_is_retried(services: FakeServices, opened: Open) -> None:
    card = replace(trained_model(1, TrainingState.CANCELED))
    services.trained_models.items = [card]
    services.retry.kind = Kind.TRAINING
    at = opened("training")
    assert "Canceled" in said(at) and "Failed" not in said(at)
    at.button(key=f"model_retry_{card.id}").click().run()
    assert "**1 model**" in said(at)
    at.button(key="retry_save").click().run()
    assert services.retry.started == [card.generation_id]


def test_operator_renames_and_archives(services: FakeServices, opened: Open) -> None:
    card = services.trained_models.items[2]
    at = opened("training")
    at.text_input(key=f"model_name_{card.id}").set_value("Mira in spring")
    at.button(key=f"model_save_{card.id}").click().run()
    at.button(key=f"model_archive_{card.id}").click().run()
    assert services.trained_models.changes == [
        ("rename", card.id, "Mira in spring"),
        ("archive", card.id),
    ]
    assert "Archived" in said(at)


def test_viewer_sees_trainings_and_changes_nothing(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    at = _chosen(opened, services, 6)
    assert not at.exception
    assert _button(at, START).disabled
    assert not {"Archive", "Save", "Decide", "Cancel"} & {button.label for button in at.button}


def test_without_references_the_page_shows_the_way_to_them(
    services: FakeServices, opened: Open
) -> None:
    services.references.items.clear()
    services.trained_models.items.clear()
    at = opened("training")
    assert "No pictures for a training yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Add references"]


def test_start_on_the_real_services_puts_a_card_below_and_then_the_studio_waits(
    real_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = FakeTrainings("trigger_word", *DEFAULTS)
    monkeypatch.setattr(ReplicateProvider, "trainings", able, raising=False)
    references = TrainingSetup(real_services.database).pictures(6)
    at = opened("training")
    at.session_state[picked_key(DEFAULT_ACCOUNT_ID)] = list(references)
    at.text_input(key="training_name").set_value("Mira").run()
    assert "6 are enough to begin" in said(at)
    _button(at, START).click().run()
    assert not at.exception and not at.error
    text = said(at)
    assert "Starting" in text and '"Mira"' in text
    with real_services.database.transaction() as session:
        model = session.scalars(select(TrainedModel)).one()
    assert model.trigger_word in text
    assert "No trained model yet" in said(opened("studio"))


@pytest.mark.parametrize("role", list(Role))
def test_page_opens_for_every_role(services: FakeServices, opened: Open, role: Role) -> None:
    services.people.role = role
    at = opened("training")
    assert not at.exception
    assert not at.error


def _chosen(opened: Open, services: FakeServices, count: int) -> AppTest:
    at = opened("training")
    at.session_state[picked_key(ACCOUNT)] = [card.id for card in services.references.items[:count]]
    return at.run()


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
