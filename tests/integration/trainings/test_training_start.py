"""Starting a training: what one start writes, and what is refused before any charge."""

from typing import Any

import pytest
from sqlalchemy import func, update

from services.core.errors import CapabilityError, InvalidRequestError, NotAllowedError
from services.core.states import SlotRole
from services.database.engine import Database
from services.database.models import (
    Generation,
    LedgerEntry,
    Reference,
    Run,
    RunSlot,
    TrainedModel,
    TrainingPicture,
)
from services.providers.base import ModelCapabilities
from services.recipes.training.recipe import Training
from services.recipes.training.request import DEFAULTS
from tests.integration.trainings.fake_trainer import TRAINER
from tests.integration.trainings.training_setup import OPERATOR, VIEWER, TrainingSetup


def test_start_owes_a_version_and_its_weights_from_one_run(setup: TrainingSetup) -> None:
    references = setup.pictures(6)
    wish = setup.wish(reference_ids=references, captions=((references[1], "by a lake"),))
    started = setup.training.start(OPERATOR, wish, "form")
    version, weights = setup.slots(started.generation_id)
    assert (version.role, weights.role) == (SlotRole.VERSION, SlotRole.WEIGHTS)
    assert version.run_group == weights.run_group
    assert version.options == {**DEFAULTS, "trigger_word": "mira4821"}
    assert version.model == weights.model == TRAINER
    assets = [row.asset_id for row in setup.all(Reference)]
    assert sorted(version.input_asset_ids) == sorted(weights.input_asset_ids) == sorted(assets)
    assert len(setup.all(Run)) == 1
    assert sorted(row.output_index for row in setup.all(RunSlot)) == [0, 1]


def test_start_writes_the_model_and_what_it_is_taught_with(setup: TrainingSetup) -> None:
    references = setup.pictures(6)
    generation_id = setup.start(reference_ids=references, captions=((references[1], "a lake"),))
    model = setup.model(generation_id)
    assert (model.name, model.trigger_word, model.gender) == ("Mira", "mira4821", "woman")
    assert (model.destination_name, model.trainer) == ("atelier-mira4821", TRAINER)
    assert (model.parameters, model.version) == (DEFAULTS, None)
    taught = sorted(setup.all(TrainingPicture), key=lambda row: row.position)
    assert tuple(row.reference_id for row in taught) == references
    assert [row.caption for row in taught] == ["", "a lake", "", "", "", ""]


def test_quote_counts_the_money_and_time_of_the_run_once(setup: TrainingSetup) -> None:
    wish = setup.wish()
    quote = setup.training.quote(VIEWER, wish).quote
    assert (quote.price_credits, quote.problems) == (1_000, ())
    assert quote.cost_usd == pytest.approx(1800 * 0.001525)
    assert 1800 <= quote.seconds < 1900
    twice = setup.training.quote(VIEWER, setup.wish(parameters=(("steps", 2000),))).quote
    assert twice.cost_usd == pytest.approx(2 * quote.cost_usd)
    started = setup.training.start(OPERATOR, wish, "form")
    (generation,) = setup.all(Generation)
    assert generation.estimated_cost_usd == pytest.approx(quote.cost_usd)
    charges = setup.all(LedgerEntry, LedgerEntry.generation_id == started.generation_id)
    assert [entry.amount for entry in charges] == [-1_000]


def test_double_click_starts_once_though_the_word_is_taken_by_then(setup: TrainingSetup) -> None:
    wish = setup.wish()
    first = setup.training.start(OPERATOR, wish, "form")
    again = setup.training.start(OPERATOR, wish, "form")
    assert again.generation_id == first.generation_id
    assert (first.is_new, again.is_new) == (True, False)
    assert len(setup.all(TrainedModel)) == 1


def test_taken_trigger_word_is_refused_with_one_that_is_free(setup: TrainingSetup) -> None:
    wish = setup.wish()
    setup.training.start(OPERATOR, wish, "form")
    found = setup.training.quote(OPERATOR, wish)
    assert any("mira4821 belongs to another model. Take mira" in it for it in found.quote.problems)
    with pytest.raises(InvalidRequestError, match="belongs to another model"):
        setup.training.start(OPERATOR, wish, "another form")
    assert len(setup.all(Generation)) == 1


def test_word_that_is_taken_between_check_and_charge_charges_nothing(
    setup: TrainingSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = setup.wish()
    setup.training.start(OPERATOR, wish, "form")
    monkeypatch.setattr("services.recipes.training.recipe.is_taken", lambda *_: False)
    with pytest.raises(InvalidRequestError, match="belongs to another model"):
        setup.training.start(OPERATOR, wish, "another form")
    assert len(setup.all(Generation)) == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " "}, "Give the model a name"),
        ({"name": "x" * 81}, "longer than 80"),
        ({"subject_type": "planet"}, "Choose a subject"),
        ({"gender": "robot"}, "Choose one of woman"),
        ({"trigger_word": "Mira"}, "4 to 30 small letters"),
        ({"reference_ids": ()}, "0 chosen"),
        ({"reference_ids": ("ref_nobody",)}, "was deleted"),
        ({"parameters": (("num_repeats", 10),)}, "takes no num_repeats"),
        ({"parameters": (("steps", 99),)}, "100 to 4,000 steps"),
        ({"parameters": (("steps", True),)}, "100 to 4,000 steps"),
        ({"parameters": (("lora_rank", 129),)}, "LoRA rank of 1 to 128"),
        ({"parameters": (("learning_rate", 0.0),)}, "learning rate above 0"),
    ],
)
def test_training_that_cannot_be_started_says_why_before_any_charge(
    setup: TrainingSetup, changes: dict[str, Any], problem: str
) -> None:
    wish = setup.wish(**changes)
    told = setup.training.quote(VIEWER, wish).quote.problems
    assert any(problem in sentence for sentence in told), told
    with pytest.raises(InvalidRequestError):
        setup.training.start(OPERATOR, wish, "form")
    assert setup.is_untouched()


def test_pictures_that_are_gone_or_of_another_account_are_not_taught(setup: TrainingSetup) -> None:
    mine = setup.pictures(6)
    foreign = setup.picture(account_id=setup.other_account())
    with setup.database.transaction() as session:
        deleted = update(Reference).where(Reference.id == mine[0])
        session.execute(deleted.values(deleted_at=func.clock_timestamp()))
    wish = setup.wish(reference_ids=(*mine, foreign))
    with pytest.raises(InvalidRequestError, match="2 that you chose were deleted"):
        setup.training.start(OPERATOR, wish, "form")
    assert setup.is_untouched()


def test_warnings_do_not_keep_it_from_starting(setup: TrainingSetup) -> None:
    blurred = setup.picture("soft.png", sharpness=1.1, side=600)
    twins = [setup.picture(f"twin{n}.png", phash=5 + n, phash_mirrored=-9) for n in range(2)]
    wish = setup.wish(reference_ids=(*setup.pictures(3), blurred, *twins))
    found = setup.training.quote(VIEWER, wish)
    assert found.quote.problems == ()
    told = " ".join(found.quote.warnings)
    for part in (
        "6 are enough",
        "soft.png: below 1,024",
        "1 is blurred",
        "twin0.png and twin1.png",
    ):
        assert part in told
    assert setup.training.start(OPERATOR, wish, "form").is_new


def test_trainer_with_other_parameters_refuses_the_defaults(database: Database) -> None:
    setup = TrainingSetup(database, "trigger_word", "training_steps", "lora_type")
    told = setup.training.quote(VIEWER, setup.wish()).quote.problems
    assert "takes no autocaption, batch_size, learning_rate, lora_rank" in told[0]


def test_provider_that_trains_nothing_says_so(setup: TrainingSetup) -> None:
    class Painter:
        name = "replicate"

        def capabilities(self, model: str) -> ModelCapabilities:
            return ModelCapabilities(model)

    painter = Painter()
    setup.training._providers = {"replicate": painter}  # type: ignore[dict-item]
    assert isinstance(setup.training, Training)
    with pytest.raises(CapabilityError, match="trains no models"):
        setup.training.start(OPERATOR, setup.wish(), "form")


def test_viewer_may_look_and_not_start(setup: TrainingSetup) -> None:
    with pytest.raises(NotAllowedError):
        setup.training.start(VIEWER, setup.wish(), "form")
    assert setup.training.suggest_trigger_word(VIEWER, "Mira").startswith("mira")
