"""What so many jobs would cost: credits by the price list, dollars by the provider's."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action
from pages.kit.wording import ITEM_WORDS, escaped, model_name
from services.core.actors import Actor
from services.core.humanize import credits_of, dollars, exact_seconds
from services.core.states import PriceUnit
from services.credits.prices import WhatIf
from services.providers.registry import provider_label

TYPICAL_MODELS = {
    "pose": "fofr/consistent-character",
    "simulation_view": "stability-ai/sdxl",
    "training_version": "ostris/flux-dev-lora-trainer",
    "cutout": "851-labs/background-remover",
    "background": "black-forest-labs/flux-kontext-pro",
}


def draw_what_if(actor: Actor) -> None:
    """Draw the three fields and the answer."""
    st.subheader("What if", anchor=False)
    with action("read_prices", is_page=True):
        items = [price.item for price in services().prices.item_prices(actor)]
        models = services().prices.models(actor)
    with st.container(horizontal=True, vertical_alignment="bottom", key="what_if"):
        jobs = st.number_input(
            "How many", min_value=1, max_value=1_000_000, value=100, step=100, key="what_if_jobs",
            width=140,
        )  # fmt: skip
        item = st.selectbox(
            "Of what",
            items,
            index=items.index("pose") if "pose" in items else 0,
            format_func=item_word,
            key="what_if_item",
            width=220,
        )
        chosen = st.selectbox(
            "On which model",
            models,
            index=_usual_model(str(item), models),
            format_func=_model,
            key=f"what_if_model_{item}",
            width=320,
        )
        seconds = st.number_input(
            "Seconds each",
            min_value=0.1,
            max_value=100_000.0,
            value=None,
            placeholder="as usual",
            key="what_if_seconds",
            width=140,
        )
    if item and chosen:
        _answer(actor, item, int(jobs), chosen, seconds)


def item_word(item: str) -> str:
    """An item of the price list in words."""
    return ITEM_WORDS.get(item, item.replace("_", " ").capitalize())


def _model(model: tuple[str, str]) -> str:
    provider, name = model
    return f"{model_name(name)} · {provider_label(provider)}"


def _usual_model(item: str, models: tuple[tuple[str, str], ...]) -> int:
    names = [name for _, name in models]
    wanted = TYPICAL_MODELS.get(item)
    return names.index(wanted) if wanted in names else 0


def _answer(
    actor: Actor, item: str, jobs: int, model: tuple[str, str], seconds: float | None
) -> None:
    with action("what_if"):
        found = services().prices.what_if(actor, item, jobs, *model, seconds=seconds)
        told = [
            f"**{jobs:,} × {escaped(item_word(item))}**",
            credits_of(found.credits),
            "no dollar price is listed" if found.usd is None else f"about {dollars(found.usd)}",
        ]
        st.markdown(" · ".join(told).replace("$", r"\$"))
        st.caption(_each(found, is_typed=seconds is not None).replace("$", r"\$"))


def _each(found: WhatIf, *, is_typed: bool) -> str:
    told = [f"{credits_of(found.credits_each)} each"]
    if found.usd_each is not None:
        told.append(f"${found.usd_each:,.4f} each")
    if found.unit is PriceUnit.SECOND:
        source = "usual here" if found.is_measured else "a guess: it has not run here yet"
        told.append(f"{exact_seconds(found.seconds_each)} at the provider")
        told += [] if is_typed else [source]
    return " · ".join(told)
