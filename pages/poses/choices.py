"""The choices of the poses form: poses of the library, the mascot and the model."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit.backend import services
from pages.kit.components.tile_grid import Tile, picked_among
from pages.kit.fields import search_field
from pages.kit.frame import action
from pages.kit.pickers import pick_many, pick_one
from pages.kit.widgets import picture_tile, pose_tile
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import duration
from services.core.states import Role
from services.pose_library.library import PoseCard
from services.recipes.mascots.pictures import MascotCard
from services.recipes.poses.models import DEFAULT, PoseModelChoice

PICKED = "pose_picked"
MASCOT_PICKED = "pose_mascot"
CHOSEN = "pose_model"
ALL = "All"


def choose_poses(actor: Actor, top: DeltaGenerator) -> tuple[str, ...]:
    """Draw the library and return the ids of the chosen poses, in the order of choosing.

    The search is drawn in `top`, beside what is there.
    """
    with action("read_poses", is_page=True):
        poses = services().pose_library.choices(actor)
    picked_among(PICKED, (pose.id for pose in poses))
    shown = _filtered(poses, top)
    if actor.role is Role.ADMIN:
        top.page_link("pose_library/page.py", label="Edit the library", icon=":material/edit:")
    return pick_many("Poses", PICKED, [pose_tile(pose) for pose in shown])


def _filtered(poses: tuple[PoseCard, ...], top: DeltaGenerator) -> list[PoseCard]:
    with top:
        words = search_field("Find a pose", "pose_words", width=200)
    category = st.pills(
        "Category",
        [ALL, *dict.fromkeys(pose.category for pose in poses)],
        default=ALL,
        required=True,
        format_func=escaped,
        key="pose_category",
        label_visibility="collapsed",
        wrap=True,
    )
    return [
        pose
        for pose in poses
        if category in (None, ALL, pose.category) and words.lower() in pose.name.lower()
    ]


def choose_mascot(mascots: list[MascotCard]) -> str:
    """Draw the mascots and return the chosen one's id; the first is the default."""
    return pick_one("Mascot", MASCOT_PICKED, [_mascot_tile(card) for card in mascots])


def _mascot_tile(card: MascotCard) -> Tile:
    sub = f"Variation {card.variation}"
    tile = picture_tile(card.id, card.name, card.thumbnail_key, card.placeholder, sub=sub)
    return replace(tile, alt=card.label)


def choose_model(choices: Sequence[PoseModelChoice], *, has_mascot: bool) -> PoseModelChoice | None:
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
