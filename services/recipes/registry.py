"""The registry of recipes: their services, prices, labels and work by kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.core.settings import Settings
from services.core.states import Kind, RunState
from services.providers.definition import Purpose
from services.providers.registry import default_model, models_for
from services.recipes.edits.recipe import Edits
from services.recipes.edits.slots import EditModels
from services.recipes.mascots.recipe import Mascots
from services.recipes.poses.models import DEFAULT
from services.recipes.poses.recipe import Poses
from services.recipes.recipe import PriceItem, Recipe, RecipeTools
from services.recipes.simulations.recipe import Simulations
from services.recipes.studio.recipe import Studio
from services.recipes.training.recipe import Training
from services.recipes.work import Work

RECIPES: Mapping[Kind, type[Recipe[Any]]] = {
    recipe.kind: recipe for recipe in (Mascots, Poses, Simulations, Training, Studio, Edits)
}
PRICE_ITEMS: Mapping[str, PriceItem] = {
    item: price for recipe in RECIPES.values() for item, price in recipe.prices.items()
}
PROMPT_TEXTS = tuple(text for recipe in RECIPES.values() for text in recipe.texts)
TRAINING_KINDS = tuple(kind for kind, recipe in RECIPES.items() if recipe.work.uses_trainings)
"""Kinds whose predictions are a provider's trainings."""


@dataclass(frozen=True)
class Recipes:
    """The services of all recipes, by the name under which pages ask for them."""

    mascots: Mascots
    poses: Poses
    simulations: Simulations
    training: Training
    studio: Studio
    edits: Edits


def build_recipes(tools: RecipeTools, settings: Settings) -> Recipes:
    """Every recipe, with the models that the settings choose."""
    edits = edit_models(settings)
    return Recipes(
        mascots=Mascots(tools, *default_model(settings, Purpose.MASCOT)),
        poses=Poses(tools, pose_models(settings), edits),
        simulations=Simulations(tools, *default_model(settings, Purpose.SIMULATION)),
        training=Training(tools, *default_model(settings, Purpose.TRAINING)),
        studio=Studio(tools),
        edits=Edits(tools, edits),
    )


def edit_models(settings: Settings) -> EditModels:
    """Return the models that change backgrounds; one provider has both."""
    provider, cutout = default_model(settings, Purpose.CUTOUT)
    return EditModels(provider, cutout, models_for(settings, Purpose.BACKGROUND)[provider])


def pose_models(settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Return provider and model of each choice on the poses page, the default first."""
    default, *others = models_for(settings, Purpose.POSE).items()
    return {DEFAULT: default} | {provider: (provider, model) for provider, model in others}


def models_for_test_pictures(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return provider and model of each test picture; the first needs words alone."""
    purposes = (Purpose.MASCOT, Purpose.SIMULATION, Purpose.POSE)
    return tuple(pair for it in purposes for pair in models_for(settings, it).items())


def item_prices() -> dict[str, int]:
    """Return the credits of one slot, by price item, that a new database starts with."""
    return {item: price.credits for item, price in PRICE_ITEMS.items()}


def work_of(kind: Kind) -> Work:
    """What the pipeline asks for a run of this kind."""
    return RECIPES[kind].work


def kinds_in_low_queue(state: RunState) -> tuple[Kind, ...]:
    """Kinds whose next step from this state takes minutes and waits in the low queue."""
    return tuple(kind for kind, recipe in RECIPES.items() if state in recipe.work.low_states)
