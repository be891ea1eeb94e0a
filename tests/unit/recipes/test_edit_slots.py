"""The edits that follow a picture: slots with their parents, quote lines and problems."""

import pytest

from services.core.states import SlotRole
from services.providers.base import LOCAL, ModelCapabilities
from services.recipes.base import QuoteLine, SlotPlan
from services.recipes.edits.slots import (
    EditChoices,
    EditModels,
    edit_lines,
    edit_problems,
    edit_slots,
    priced_edits,
)

MODELS = EditModels("replicate", "a/cutout", "a/background")
PRICES = {"cutout": (5, 0.001), "background": (15, 0.04), "export": (1, 0.0)}


def price(line: QuoteLine) -> tuple[int, float]:
    return PRICES[line.item]


def children(choices: EditChoices) -> tuple[SlotPlan, ...]:
    edits = priced_edits(choices, MODELS, price)
    return edit_slots(edits, base=7, parent=3, pose_id="pose_waving")


def test_exports_wait_for_the_background_which_waits_for_the_picture() -> None:
    background, *exports = children(EditChoices("remove", presets=("tiktok", "shopee")))
    assert (background.role, background.parent, background.model) == (
        SlotRole.BACKGROUND,
        3,
        "a/cutout",
    )
    assert (background.prompt, background.price_credits) == ("", 5)
    for slot, preset in zip(exports, ("tiktok", "shopee"), strict=True):
        assert (slot.role, slot.parent, slot.provider) == (SlotRole.EXPORT, 7, LOCAL)
        assert (slot.prompt, slot.price_credits, slot.cost_usd) == ("", 1, 0.0)
        assert slot.options == {"preset": preset, "focus": [0.5, 0.35]}
    assert all(not slot.input_asset_ids for slot in (background, *exports))
    assert all(slot.pose_id == "pose_waving" for slot in (background, *exports))


def test_without_another_background_exports_wait_for_the_picture_itself() -> None:
    assert [slot.parent for slot in children(EditChoices(presets=("tiktok", "shopee")))] == [3, 3]


def test_no_choices_give_no_slots_and_no_lines() -> None:
    assert children(EditChoices()) == ()
    assert edit_lines(EditChoices(), MODELS, 5) == ()


def test_slots_made_from_a_stored_picture_start_at_once() -> None:
    choices = EditChoices("replace", "a beach", ("tiktok",))
    edits = priced_edits(choices, MODELS, price)
    background, export = edit_slots(edits, base=0, asset_ids=("ast_1",), focus=(0.1, 0.2))
    assert (background.parent, background.input_asset_ids) == (None, ("ast_1",))
    assert background.prompt.startswith("Replace the background with a beach; keep the subject")
    assert (export.parent, export.input_asset_ids) == (0, ())
    assert export.options["focus"] == [0.1, 0.2]


def test_lines_count_every_slot_of_every_picture() -> None:
    choices = EditChoices("replace", "a beach", ("tiktok", "shopee"))
    assert edit_lines(choices, MODELS, 4) == (
        QuoteLine("background", "replicate", "a/background", 4),
        QuoteLine("export", LOCAL, "local/export", 8),
    )
    assert choices.slots_each == 3


def test_cleaned_choices_hold_words_only_for_replace() -> None:
    choices = EditChoices("remove", "a beach", ("tiktok", "tiktok")).cleaned()
    assert choices == EditChoices("remove", "", ("tiktok",))
    assert choices.as_json() == {"background": "remove", "presets": ["tiktok"]}
    assert choices.described() == "background removed, TikTok"


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        (EditChoices("blur"), "what happens"),  # type: ignore[arg-type]
        (EditChoices("replace", " "), "say what should be behind"),
        (EditChoices("replace", "x" * 200), "reads 100 at most"),
        (EditChoices(presets=("myspace",)), "from the list"),
    ],
)
def test_choices_that_cannot_be_made_are_problems(choices: EditChoices, problem: str) -> None:
    def can(model: str) -> ModelCapabilities:
        return ModelCapabilities(model, max_prompt_characters=100)

    (sentence,) = edit_problems(choices, can, MODELS)
    assert problem in sentence


def test_no_choices_have_no_problem() -> None:
    assert edit_problems(EditChoices(), lambda model: ModelCapabilities(model), MODELS) == []
