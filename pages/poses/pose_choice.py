"""Choosing poses of the library: drawn skeletons to tick, by category and by name."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit.backend import pose_url, services
from pages.kit.components.tile_grid import Choice, Section, Tile, tile_grid, toggled
from pages.kit.frame import action
from services.core.actors import Actor
from services.core.states import Role
from services.pose_library.library import PoseCard

PICKED = "pose_picked"
GRID = "pose_grid"
ALL = "All"
HEIGHT = 304
FEW = 6


def choose_poses(actor: Actor, top: DeltaGenerator, can_start: bool) -> tuple[str, ...]:
    """Draw the library and return the ids of the chosen poses, in the order of choosing.

    The search stands in `top`, beside what the page has put there.
    """
    with action("read_poses", is_page=True):
        poses = services().pose_library.choices(actor)
    known = {pose.id for pose in poses}
    picked = [chosen for chosen in st.session_state.get(PICKED, []) if chosen in known]
    st.session_state[PICKED] = picked
    shown = _filtered(poses, top)
    with st.container(
        height=HEIGHT if len(shown) > FEW else "content", border=False, key="pose_picker"
    ):
        if not shown:
            st.caption("No pose of this category has this in its name.")
        tile_grid(
            [Section("poses", [_tile(pose) for pose in shown])],
            key=GRID,
            label="Poses",
            min_width=96,
            choice=Choice("many", picked, not can_start, _toggle),
        )
    _count(actor, picked, {pose.id for pose in shown})
    return tuple(picked)


def _filtered(poses: tuple[PoseCard, ...], top: DeltaGenerator) -> list[PoseCard]:
    words = top.text_input(
        "Find a pose",
        key="pose_words",
        type="search",
        live="300ms",
        placeholder="Find a pose",
        label_visibility="collapsed",
        width=200,
    )
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
        if category in (None, ALL, pose.category) and (words or "").lower() in pose.name.lower()
    ]


def _tile(pose: PoseCard) -> Tile:
    url = pose_url(pose)
    return Tile(id=pose.id, caption=pose.name, src=url, key=url, alt=pose.name, is_drawing=True)


def _count(actor: Actor, picked: list[str], shown: set[str]) -> None:
    hidden = sum(chosen not in shown for chosen in picked)
    with st.container(horizontal=True, vertical_alignment="center", key="pose_chosen"):
        told = f"{len(picked)} chosen" + (f", {hidden} not shown" if hidden else "")
        st.caption(told, width="content")
        st.button("Clear", type="tertiary", key="pose_clear", on_click=_clear, disabled=not picked)
        if actor.role is Role.ADMIN:
            st.page_link("pose_library/page.py", label="Edit the library", icon=":material/edit:")


def _toggle() -> None:
    clicked = st.session_state[GRID].get("pick")
    st.session_state[PICKED] = toggled(st.session_state.get(PICKED, []), clicked)


def _clear() -> None:
    st.session_state[PICKED] = []
