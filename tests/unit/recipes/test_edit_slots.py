"""What follows a picture: its slots with their parents, its orders and its problems."""

import pytest

from services.core.states import SlotRole
from services.providers.base import LOCAL, ModelCapabilities
from services.recipes.base import QuoteLine, SlotPlan
from services.recipes.edits.slots import (
    EditChoices,
    EditModels,
    asset_edits,
    child_edits,
    edit_lines,
    edit_problems,
    priced_edits,
)

MODELS = EditModels("replicate", "a/cutout", "a/background")
PRICES = {"cutout": (5, 0.001), "background": (15, 0.04), "export": (1, 0.0)}


def price(order: QuoteLine) -> tuple[int, float]:
    return PRICES[order.item]


def children(choices: EditChoices) -> tuple[SlotPlan, ...]:
    return child_edits(
        priced_edits(choices, MODELS, price), parent=3, base=7, pose_id="pose_waving"
    )


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


def test_nothing_wished_is_nothing_ordered() -> None:
    assert children(EditChoices()) == ()
    assert edit_lines(EditChoices(), MODELS, 5) == ()


def test_of_a_picture_that_is_there_the_first_slots_start_at_once() -> None:
    choices = EditChoices("replace", "a beach", ("tiktok",))
    background, export = asset_edits(
        priced_edits(choices, MODELS, price), asset_id="ast_1", base=0, focus=(0.1, 0.2)
    )
    assert (background.parent, background.input_asset_ids) == (None, ("ast_1",))
    assert background.prompt.startswith("Replace the background with a beach; keep the subject")
    assert (export.parent, export.input_asset_ids) == (0, ())
    assert export.options["focus"] == [0.1, 0.2]


def test_orders_count_every_slot_of_every_picture() -> None:
    choices = EditChoices("replace", "a beach", ("tiktok", "shopee"))
    assert edit_lines(choices, MODELS, 4) == (
        QuoteLine("background", "replicate", "a/background", 4),
        QuoteLine("export", LOCAL, "local/export", 8),
    )
    assert choices.slots_each == 3


def test_cleaned_wish_keeps_words_only_where_they_are_read() -> None:
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
def test_wish_that_cannot_be_met_is_told(choices: EditChoices, problem: str) -> None:
    def can(model: str) -> ModelCapabilities:
        return ModelCapabilities(model, max_prompt_characters=100)

    (told,) = edit_problems(choices, can, MODELS)
    assert problem in told


def test_a_wish_for_nothing_has_no_problem() -> None:
    assert edit_problems(EditChoices(), lambda model: ModelCapabilities(model), MODELS) == []
