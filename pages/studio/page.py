"""Studio: a trained model, a prompt and its pictures, optionally compared with another model."""

from dataclasses import replace

import streamlit as st

from pages.kit.backend import services, trained_models
from pages.kit.batches import batches
from pages.kit.components.tile_grid import Tile
from pages.kit.forms import start_row
from pages.kit.frame import action, require_role
from pages.kit.pickers import pick_one
from pages.kit.sidebar import current_account
from pages.kit.widgets import empty_state, page_title, picture_grid, picture_tile
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Kind, Role
from services.recipes.studio.recipe import (
    MAX_COUNT,
    MAX_SCALE,
    MAX_SEED,
    MIN_SCALE,
    StudioRequest,
)
from services.recipes.training.trained_models import MadePicture, TaughtPicture, TrainedModelCard

PICKED, LINKED = "studio_model", "model"


def draw_form(actor: Actor) -> bool:
    """Draw the form with its price; return False without a model."""
    account = current_account(actor)
    with action("read_models", is_page=True):
        models = [card for card in trained_models(actor, account.id) if card.is_ready]
    if not models:
        empty_state(
            "No trained model yet",
            "Studio creates pictures with a model that you trained.",
            icon="model_training",
            page="training/page.py",
            label="Train a model",
        )
        return False
    with st.container(border=True, key="studio_form"):
        who, what = st.columns([1, 2], gap="medium")
        with who:
            chosen = _choose_model(models)
        with what:
            others = [card for card in models if card.id != chosen.id]
            request = _request(actor, account.id, chosen, others)
            _start(actor, request)
    return True


def _choose_model(models: list[TrainedModelCard]) -> TrainedModelCard:
    """Return the model in the address, else the chosen one, else the newest."""
    if LINKED in st.query_params:
        st.session_state[PICKED] = st.query_params[LINKED]
        del st.query_params[LINKED]
    known = {card.id: card for card in models}
    chosen = known[pick_one("Model", PICKED, [_model(card) for card in models])]
    if chosen.made:
        tiles = [_made(picture) for picture in chosen.made]
        picture_grid(tiles, key="studio_made", label="Its newest pictures", min_width=64)
    return chosen


def _model(card: TrainedModelCard) -> Tile:
    pictures: list[MadePicture | TaughtPicture] = [*card.made, *card.taught]
    shown = next((one for one in pictures if one.thumbnail_key), None)
    thumbnail = (shown.thumbnail_key, shown.placeholder) if shown else (None, None)
    return picture_tile(card.id, card.name, *thumbnail, sub=card.trigger_word)


def _made(picture: MadePicture) -> Tile:
    asset_id = picture.asset_id
    tile = picture_tile(asset_id, "", picture.thumbnail_key, picture.placeholder, asset_id=asset_id)
    return replace(tile, alt="A picture of this model")


def _request(
    actor: Actor,
    account_id: str,
    chosen: TrainedModelCard,
    others: list[TrainedModelCard],
) -> StudioRequest:
    with action("read_capabilities", is_page=True):
        ratios = services().studio.capabilities(actor, chosen.id).aspect_ratios or ("1:1",)
    prompt = st.text_area(
        "What the picture shows",
        key="studio_prompt",
        persist_state="session",
        height=96,
        placeholder=f"{chosen.trigger_word} reading in a café, morning light",
        help="The trigger word is added in front if it is missing.",
    )
    count, ratio, seed = _picture(ratios)
    strength, compare = _likeness(others)
    return StudioRequest(
        account_id=account_id,
        trained_model_id=chosen.id,
        prompt=prompt or "",
        count=count,
        aspect_ratio=ratio,
        seed=seed,
        lora_scale=strength,
        compare_model_id=compare,
    )


def _picture(ratios: tuple[str, ...]) -> tuple[int, str, int | None]:
    """Draw the number of pictures, their shape and the seed."""
    number, shape, seed = st.columns(3, gap="small")
    count = number.segmented_control(
        "Pictures",
        range(1, MAX_COUNT + 1),
        default=1,
        required=True,
        key="studio_count",
    )
    ratio = shape.selectbox("Shape", ratios, key="studio_ratio")
    given = seed.number_input(
        "Seed (optional)",
        1,
        MAX_SEED - MAX_COUNT,
        None,
        key="studio_seed",
        placeholder="random",
    )
    return count or 1, ratio or ratios[0], given


def _likeness(others: list[TrainedModelCard]) -> tuple[float, str | None]:
    """Draw the strength and the model to compare with."""
    scale, beside = st.columns(2, gap="small")
    strength = scale.slider(
        "Strength of the likeness",
        MIN_SCALE,
        MAX_SCALE,
        1.0,
        0.05,
        key="studio_scale",
        help="1 is as trained. Less follows the prompt, more the training pictures.",
    )
    names = {card.id: card.name for card in others}
    compare = beside.selectbox(
        "Compare with",
        list(names),
        index=None,
        format_func=lambda model_id: f"{names.get(model_id, model_id)}",
        key="studio_compare",
        placeholder="Nothing" if others else "No other model yet",
        help="The same prompt and seed, side by side.",
        disabled=not others,
    )
    return strength, compare if compare in names else None


def _start(actor: Actor, request: StudioRequest) -> None:
    with action("quote_studio", is_page=True):
        quote = services().studio.quote(actor, request)
    for prompt in quote.final_prompts:
        st.caption(escaped(prompt.text))
    start_row(
        "studio",
        f"Make {count_of(request.picture_count, 'picture')}",
        quote,
        request,
        lambda key: services().studio.start(actor, request, key),
        is_blank=not request.prompt.strip(),
    )


person = require_role(Role.VIEWER)
page_title("Studio")
has_model = draw_form(person)
batches(
    Kind.STUDIO,
    empty_sentence="Your first pictures will appear here." if has_model else "",
)
