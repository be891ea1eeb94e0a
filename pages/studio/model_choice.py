"""Choosing the trained model: one picture a model, and what the chosen one made lately."""

import streamlit as st

from pages.kit.backend import picture_url
from pages.kit.components.tile_grid import Choice, Section, Tile, tile_grid
from pages.kit.widgets import open_picture, picture_href
from services.recipes.training.trained_models import MadePicture, TaughtPicture, TrainedModelCard

PICKED, LINKED = "studio_model", "model"


def choose_model(models: list[TrainedModelCard], can_start: bool) -> TrainedModelCard:
    """The model of the link that led here, else the one that was chosen, else the newest."""
    if LINKED in st.query_params:
        st.session_state[PICKED] = st.query_params[LINKED]
        del st.query_params[LINKED]
    wanted = st.session_state.get(PICKED)
    chosen = next((card for card in models if card.id == wanted), models[0])
    st.markdown(":small[Model]")
    tile_grid(
        [Section("models", [_model(card) for card in models])],
        key="studio_models",
        label="Model",
        min_width=92,
        choice=Choice("one", [chosen.id], not can_start, _pick),
    )
    if chosen.made:
        st.markdown(":small[Its newest pictures]")
        clicked = tile_grid(
            [Section("made", [_made(picture) for picture in chosen.made])],
            key="studio_made",
            label="Newest pictures",
            min_width=64,
        )
        open_picture(clicked.open)
    return chosen


def _model(card: TrainedModelCard) -> Tile:
    pictures: list[MadePicture | TaughtPicture] = [*card.made, *card.taught]
    shown = next((one for one in pictures if one.thumbnail_key), None)
    return Tile(
        id=card.id,
        caption=card.name,
        sub=card.trigger_word,
        src=picture_url(shown.thumbnail_key) if shown else None,
        key=shown.thumbnail_key if shown else None,
        placeholder=shown.placeholder if shown else None,
        alt=card.name,
    )


def _made(picture: MadePicture) -> Tile:
    return Tile(
        id=picture.asset_id,
        src=picture_url(picture.thumbnail_key),
        key=picture.thumbnail_key,
        placeholder=picture.placeholder,
        alt="A picture of this model",
        href=picture_href(picture.asset_id),
    )


def _pick() -> None:
    clicked = st.session_state["studio_models"].get("pick")
    if clicked:
        st.session_state[PICKED] = clicked
