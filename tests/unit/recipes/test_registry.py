"""The registry knows every kind of work, and the pipeline compares none."""

import re

import pytest

from services.core.states import PRIVATE_KINDS, Kind, QueueName, RunState
from services.recipes.registry import PRICE_ITEMS, RECIPES, kinds_in_low_queue, work_of
from tests.unit.test_imports import ROOT

KIND = re.compile(r"\bKind\.[A-Z]")


def test_every_kind_has_one_recipe_with_words_and_prices() -> None:
    assert set(RECIPES) == set(Kind)
    for recipe in RECIPES.values():
        assert recipe.label and recipe.icon and recipe.prices


def test_no_price_item_belongs_to_two_recipes() -> None:
    assert len(PRICE_ITEMS) == sum(len(recipe.prices) for recipe in RECIPES.values())


@pytest.mark.parametrize("folder", ["pipeline", "monitoring", "people", "health"])
def test_no_service_compares_kinds(folder: str) -> None:
    paths = (ROOT / "services" / folder).rglob("*.py")
    assert [path.name for path in paths if KIND.search(path.read_text())] == []


@pytest.mark.parametrize(
    ("kind", "state", "priority", "queue"),
    [
        (Kind.POSES, RunState.QUEUED, 0, QueueName.DEFAULT),
        (Kind.POSES, RunState.QUEUED, 10, QueueName.HIGH),
        (Kind.POSES, RunState.INGESTING, 0, QueueName.HIGH),
        (Kind.TRAINING, RunState.QUEUED, 10, QueueName.LOW),
        (Kind.TRAINING, RunState.WAITING, 0, QueueName.HIGH),
        (Kind.TRAINING, RunState.INGESTING, 10, QueueName.LOW),
    ],
)
def test_work_that_takes_minutes_waits_in_the_low_queue(
    kind: Kind, state: RunState, priority: int, queue: QueueName
) -> None:
    assert work_of(kind).queue(state, priority) is queue
    assert (kind in kinds_in_low_queue(state)) is (queue is QueueName.LOW)


def test_private_kinds_are_kinds_of_recipes() -> None:
    assert set(RECIPES) >= PRIVATE_KINDS
