"""The choices of the poses form: poses of the library, the mascot and the model."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit.backend import services
from pages.kit.components.tile_grid import (
    Choice,
    Section,
    Tile,
    picked_among,
    selects,
    tile_grid,
    toggles,
)
from pages.kit.fields import search_field
from pages.kit.frame import action
from pages.kit.widgets import picture_tile, pose_tile
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import duration
from services.core.states import Role
from services.pose_library.library import PoseCard
from services.recipes.mascots.pictures import MascotCard
from services.recipes.poses.models import DEFAULT, PoseModelChoice

PICKED = "pose_picked"
GRID = "pose_grid"
ALL = "All"
HEIGHT = 304
FEW = 6


def choose_poses(actor: Actor, top: DeltaGenerator, can_start: bool) -> tuple[str, ...]:
    """Draw the library and return the ids of the chosen poses, in the order of choosing.

    The search is drawn in `top`, beside what is there.
    """
    with action("read_poses", is_page=True):
        poses = services().pose_library.choices(actor)
    picked = picked_among(PICKED, (pose.id for pose in poses))
    shown = _filtered(poses, top)
    with st.container(
        height=HEIGHT if len(shown) > FEW else "content", border=False, key="pose_picker"
    ):
        if not shown:
            st.caption("No results")
        tile_grid(
            [Section("poses", [pose_tile(pose) for pose in shown])],
            key=GRID,
            label="Poses",
            min_width=96,
            choice=Choice("many", picked, not can_start, toggles(GRID, PICKED)),
        )
    _count(actor, picked, {pose.id for pose in shown})
    return tuple(picked)


def _filtered(poses: tuple[PoseCard, ...], top: DeltaGenerator) -> list[PoseCard]:
    with top:
        words = search_field("Find a pose", "pose_words", width=200)
    category = st.pills(
        "Category",
        [ALL, *dict.fromkeys(pose.category for pose in poses)],
        default=ALL,
        required=True,
        key="pose_category",
        label_visibility="collapsed",
    )
    return [
        pose
        for pose in poses
        if category in (None, ALL, pose.category) and words.lower() in pose.name.lower()
    ]


def _count(actor: Actor, picked: list[str], shown: set[str]) -> None:
    hidden = sum(chosen not in shown for chosen in picked)
    with st.container(horizontal=True, vertical_alignment="center", key="pose_chosen"):
        summary = f"{len(picked)} chosen" + (f", {hidden} not shown" if hidden else "")
        st.caption(summary, width="content")
        st.button("Clear", type="tertiary", key="pose_clear", on_click=_clear, disabled=not picked)
        if actor.role is Role.ADMIN:
            st.page_link("pose_library/page.py", label="Edit the library", icon=":material/edit:")


def _clear() -> None:
    st.session_state[PICKED] = []


MASCOT_PICKED = "pose_mascot"
SHOWN = 60
SEARCH_FROM = 12
IN_ONE_ROW = 3


def choose_mascot(mascots: list[MascotCard], can_start: bool) -> str:
    """Draw the mascots and return the chosen one's id; the first is the default."""
    chosen = st.session_state.get(MASCOT_PICKED)
    picked = next((card for card in mascots if card.id == chosen), mascots[0])
    st.markdown(":small[Mascot]")
    words = ""
    if len(mascots) > SEARCH_FROM:
        words = search_field("Find a mascot", "pose_search")
    shown = [card for card in mascots if words.lower() in card.label.lower()][:SHOWN]
    with st.container(
        height=236 if len(shown) > IN_ONE_ROW else "content", border=False, key="mascot_picker"
    ):
        if not shown:
            st.caption("No results")
        tile_grid(
            [Section("mascots", [_mascot_tile(card) for card in shown])],
            key="mascot_grid",
            label="Mascot",
            min_width=92,
            choice=Choice("one", [picked.id], not can_start, selects("mascot_grid", MASCOT_PICKED)),
        )
    return picked.id


def _mascot_tile(card: MascotCard) -> Tile:
    sub = f"Variation {card.variation}"
    tile = picture_tile(card.id, card.name, card.thumbnail_key, card.placeholder, sub=sub)
    return replace(tile, alt=card.label)


CHOSEN = "pose_model"


def choose_model(
    choices: Sequence[PoseModelChoice], *, has_mascot: bool, can_start: bool
) -> PoseModelChoice | None:
    """Draw the models that can be used now; None without a mascot where each of them needs one."""
    usable = [
        choice
        for choice in choices
        if choice.is_available and (has_mascot or not choice.needs_mascot)
    ]
    if not usable:
        return next((choice for choice in choices if has_mascot and choice.id == DEFAULT), None)
    known = {choice.id: choice for choice in usable}
    if st.session_state.get(CHOSEN) not in known:
        st.session_state.pop(CHOSEN, None)
    chosen = st.selectbox(
        "Model",
        list(known),
        format_func=lambda choice_id: known[choice_id].label if choice_id in known else choice_id,
        key=CHOSEN,
        persist_state="session",
        help=_missing(choices),
        disabled=not can_start,
    )
    picked = known.get(chosen or "", usable[0])
    st.caption(f"{picked.provider} · about {duration(picked.typical_seconds)} a picture")
    return picked


def _missing(choices: Sequence[PoseModelChoice]) -> str | None:
    """Return why models are not in the list."""
    problems = [
        f"{escaped(choice.label)}: {escaped(choice.problem)}"
        for choice in choices
        if not choice.is_available
    ]
    return "  \n".join(["Unavailable:", *problems]) if problems else None
