"""People's words: stored as they are, but for what no database and no provider can hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.states import Kind, SlotRole
from services.core.text import clean
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, SlotPlan, prompt_problems

MODEL = ModelCapabilities(model="a/model", max_prompt_characters=100)


@pytest.mark.parametrize(
    "text",
    [
        "a fox",
        "ein Fuchs, größer",
        "שועל עם צעיף",
        "\u202eright to left\u202c",
        "<script>alert(1)</script> & {subject} %s $1 {0}",
        "two\nlines\tand a tab\r\n",
        "👩‍🚀 with a 🦊",
        "=cmd|' /C calc'!A0",
    ],
)
def test_words_are_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\x00fox", "afox"),
        ("a\ud83dfox\udfff", "afox"),
        ("a\x1b[31mfox\x7f", "a[31mfox"),
        ("cafe\u0301", "café"),
        ("\x00\x01", ""),
    ],
)
def test_what_nobody_can_hold_is_dropped(text: str, stored: str) -> None:
    assert clean(text) == stored


@given(st.text(st.characters()))
def test_clean_words_can_be_stored_and_stay_as_they_are(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u00a0"])
def test_empty_words_are_a_problem(text: str) -> None:
    (problem,) = prompt_problems("The pose", text, MODEL)
    assert problem.startswith("The pose is empty")


def test_words_are_a_problem_from_the_first_character_too_many() -> None:
    assert prompt_problems("The pose", "x" * 100, MODEL) == []
    (problem,) = prompt_problems("The pose", "x" * 101, MODEL)
    assert "101" in problem and "100" in problem and "a/model" in problem


def test_a_plan_costs_what_its_slots_cost() -> None:
    slot = SlotPlan(SlotRole.POSE, "replicate", "a/model", "waving", 30, 0.05)
    plan = GenerationPlan(Kind.POSES, "acc", "Waving", {}, (slot,) * 4)
    assert plan.price_credits == 120
    assert plan.cost_usd == pytest.approx(0.2)
