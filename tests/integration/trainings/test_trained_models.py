"""Trained models as pages see them, from their first second to the archive."""

from typing import Any

import pytest
from sqlalchemy import func

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import RunState, SlotRole, SlotState
from services.database.models import Audit, Run, Slot, TrainedModel
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.gallery.gallery import Gallery
from services.recipes.training.trained_models import TrainingState
from tests.integration.trainings.training_setup import OPERATOR, VIEWER, TrainingSetup


@pytest.mark.parametrize(
    ("run", "version", "state"),
    [
        ({"state": RunState.QUEUED}, SlotState.PENDING, TrainingState.STARTING),
        ({"state": RunState.SUBMITTING}, SlotState.PENDING, TrainingState.STARTING),
        (
            {"state": RunState.WAITING, "provider_status": "starting"},
            SlotState.PENDING,
            TrainingState.STARTING,
        ),
        (
            {"state": RunState.WAITING, "provider_status": "processing"},
            SlotState.PENDING,
            TrainingState.TRAINING,
        ),
        ({"state": RunState.INGESTING}, SlotState.PENDING, TrainingState.TRAINING),
        ({"state": RunState.SUCCEEDED}, SlotState.FILLED, TrainingState.COMPLETED),
        ({"state": RunState.FAILED}, SlotState.FAILED, TrainingState.FAILED),
        ({"state": RunState.CANCELED}, SlotState.CANCELED, TrainingState.CANCELED),
    ],
)
def test_state_has_the_guides_words(
    setup: TrainingSetup, run: dict[str, Any], version: SlotState, state: TrainingState
) -> None:
    generation_id = setup.start()
    setup.change(generation_id, Run, **run)
    setup.change(generation_id, Slot, SlotRole.VERSION, state=version)
    assert setup.card(generation_id).state is state


def test_running_training_shows_progress_time_loss_and_the_logs_end(setup: TrainingSetup) -> None:
    generation_id = setup.start()
    setup.change(
        generation_id,
        Run,
        state=RunState.WAITING,
        provider_status="processing",
        progress=0.5,
        stage="training",
    )
    setup.change(generation_id, TrainedModel, losses=[[10, 0.5], [20, 0.4]])
    setup.attempt(generation_id, "first line\n" + "x" * 6_000, minutes_ago=10)
    card = setup.card(generation_id)
    assert (card.progress, card.stage, card.is_live, card.is_ready) == (
        0.5,
        "training",
        True,
        False,
    )
    assert card.seconds_left == pytest.approx(600, rel=0.2)
    assert card.losses == ((10.0, 0.5), (20.0, 0.4))
    assert (len(card.log), "first line" in card.log) == (6_000, False)
    assert card.web_url == "https://replicate.com/p/abc"


def test_finished_training_names_version_weights_and_pictures(setup: TrainingSetup) -> None:
    model = setup.ready()
    setup.weights(model.generation_id)
    request = setup.studio_request(model)
    made = setup.studio.start(OPERATOR, request, "studio").generation_id
    picture = setup.all(Slot, Slot.generation_id == model.generation_id)[0].input_asset_ids[0]
    setup.change(made, Slot, state=SlotState.FILLED, asset_id=picture)
    card = setup.models.of_account(VIEWER, DEFAULT_ACCOUNT_ID)[0]
    assert (card.state, card.progress, card.is_ready) == (TrainingState.COMPLETED, 1.0, True)
    assert (card.version, card.weights_bytes) == (model.version, 170_000_000)
    assert card.weights_key and card.weights_key.startswith("weights/")
    assert [shown.asset_id for shown in card.made] == [picture]
    assert len(card.taught) == 6


def test_captions_of_the_trainer_stand_beside_their_pictures(setup: TrainingSetup) -> None:
    generation_id = setup.start()
    setup.change(generation_id, Run, state=RunState.WAITING, provider_status="processing")
    written = "".join(
        f"Caption for input_images/{number:03}.jpg: A fox, number {number}.\n" for number in (2, 3)
    )
    setup.attempt(generation_id, written + "x" * 50_000, minutes_ago=10)

    shown = [picture.auto_caption for picture in setup.card(generation_id).taught]

    assert shown[:4] == ["", "A fox, number 2.", "A fox, number 3.", ""]


def test_weights_are_no_picture_of_the_gallery(setup: TrainingSetup) -> None:
    model = setup.ready()
    weights = setup.weights(model.generation_id)
    filled = {"state": SlotState.FILLED, "asset_id": weights.id}
    setup.change(model.generation_id, Slot, SlotRole.WEIGHTS, **filled, filled_at=func.now())
    page = Gallery(setup.database).page(OPERATOR)
    assert (page.items, page.total) == ((), 0)


def test_lost_answer_names_the_run_that_a_person_decides(setup: TrainingSetup) -> None:
    generation_id = setup.start()
    setup.change(generation_id, Run, state=RunState.NEEDS_REVIEW)
    assert setup.card(generation_id).undecided_run_id == setup.all(Run)[0].id


def test_failed_training_shows_its_failure(setup: TrainingSetup) -> None:
    generation_id = setup.start()
    setup.change(generation_id, Slot, state=SlotState.FAILED, failure="too_big")
    assert setup.card(generation_id).failure.startswith("It was too big")


def test_list_holds_one_account_newest_first_and_archived_last(setup: TrainingSetup) -> None:
    first, second, third = (setup.ready(word) for word in ("one1", "two2", "three3"))
    setup.models.archive(OPERATOR, third.id)
    listed = setup.models.of_account(VIEWER, DEFAULT_ACCOUNT_ID)
    assert [card.id for card in listed] == [second.id, first.id, third.id]
    assert not listed[-1].is_ready
    assert setup.models.of_account(VIEWER, setup.other_account()) == ()


def test_changes_are_audited_and_only_when_something_changes(setup: TrainingSetup) -> None:
    model = setup.ready()
    setup.models.rename(OPERATOR, model.id, " Mira in spring ")
    setup.models.rename(OPERATOR, model.id, "Mira in spring")
    setup.models.archive(OPERATOR, model.id)
    setup.models.archive(OPERATOR, model.id)
    setup.models.restore(OPERATOR, model.id)
    assert [row.action for row in setup.all(Audit)] == [
        "trained_model.rename",
        "trained_model.archive",
        "trained_model.restore",
    ]
    (card,) = setup.models.of_account(VIEWER, DEFAULT_ACCOUNT_ID)
    assert (card.name, card.trigger_word, card.is_ready) == ("Mira in spring", "mira4821", True)


def test_refusals(setup: TrainingSetup) -> None:
    model = setup.ready()
    for name in (" ", "x" * 81):
        with pytest.raises(InvalidRequestError, match="1 to 80 characters"):
            setup.models.rename(OPERATOR, model.id, name)
    with pytest.raises(NotFoundError):
        setup.models.archive(OPERATOR, "mod_nobody")
    for change in (setup.models.archive, setup.models.restore):
        with pytest.raises(NotAllowedError):
            change(VIEWER, model.id)
