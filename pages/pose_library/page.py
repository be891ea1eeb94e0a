"""The pose library, for admins: find a pose, change its words and place, archive it or add one."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Choice, Section, selects, tile_grid
from pages.kit.fields import search_field, segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, page_title, pose_tile
from pages.pose_library.editor import add_pose, edit_pose
from services.core.humanize import count_of
from services.core.states import Role
from services.pose_library.editing import EditablePose

IN_USE, ARCHIVED = "In use", "Archived"
GRID, OPENED = "library_grid", "library_opened"


def draw() -> None:
    """Search and tiles by category; a click opens the pose."""
    actor = require_role(Role.ADMIN)
    with action("read_pose_library", is_page=True):
        poses = services().pose_editor.poses(actor)
    words, shown_state = _filters(poses)
    shown = [
        pose
        for pose in poses
        if (pose.archived_at is not None) is (shown_state == ARCHIVED)
        and words in f"{pose.card.name} {pose.card.prompt}".lower()
    ]
    if not shown:
        _nothing(words, shown_state)
        return
    opened = st.session_state.pop(OPENED, None)
    tile_grid(
        [_section(category, shown) for category in dict.fromkeys(p.card.category for p in shown)],
        key=GRID,
        label="Poses",
        min_width=112,
        choice=Choice("one", on_pick=selects(GRID, OPENED)),
    )
    for pose in shown:
        if pose.card.id == opened:
            edit_pose(pose, _categories(poses))


def _filters(poses: tuple[EditablePose, ...]) -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="library_tools"):
        words = search_field("Find a pose", "library_words", width=240)
        state = segments("Which", [IN_USE, ARCHIVED], "library_state", is_in_address=False)
        archived = sum(pose.archived_at is not None for pose in poses)
        summary = f"{count_of(len(poses) - archived, 'pose')} in use, {archived} archived"
        st.caption(summary, width="stretch")
        if st.button("Add a pose", icon=":material/add:", key="library_add"):
            add_pose(poses, _categories(poses))
    return words.lower().strip(), state


def _nothing(words: str, state: str) -> None:
    if words:
        st.caption("No results")
    elif state == ARCHIVED:
        empty_state(
            "No archived poses",
            "Archived poses are not offered on Poses; their pictures are not deleted.",
            icon="inventory_2",
        )
    else:
        st.caption("No poses in use. Add one, or restore an archived one.")


def _section(category: str, shown: list[EditablePose]) -> Section:
    tiles = [pose_tile(pose.card) for pose in shown if pose.card.category == category]
    return Section(category, tiles, title=category)


def _categories(poses: tuple[EditablePose, ...]) -> list[str]:
    return list(dict.fromkeys(pose.card.category for pose in poses))


require_role(Role.ADMIN)
page_title("Pose library", "The poses that everyone can choose on Poses.")
draw()
