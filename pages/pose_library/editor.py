"""The dialogs of the pose library: change or archive a pose, add a new one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.frame import action, flash, require_role
from pages.kit.widgets import pose_tile
from services.core.states import Role
from services.pose_library.editing import (
    MAX_NAME,
    MAX_POSITION,
    MAX_PROMPT,
    EditablePose,
    PoseDraft,
)
from services.pose_library.library import PoseCard

COPY, KEYPOINTS = "Copy a pose", "Keypoints"
REASON = "Why; stored with your name"


@st.dialog("Pose", icon=":material/accessibility_new:", width="medium")
def edit_pose(pose: EditablePose, categories: Sequence[str]) -> None:
    """Change, archive or restore a pose."""
    actor = require_role(Role.ADMIN)
    picture, words = st.columns([1, 3], gap="medium")
    key = pose.card.id
    with picture:
        _preview(pose.card, "edit_preview")
    with words:
        draft = _fields(key, categories, pose.card, pose.position)
    reason = st.text_input("Reason", key=f"reason_{key}", placeholder=REASON, max_chars=200)
    editor = services().pose_editor
    with st.container(horizontal=True, key="edit_actions"):
        is_saved = st.button("Save", type="primary", key=f"save_{key}")
        label = "Archive" if pose.archived_at is None else "Restore"
        is_moved = st.button(label, key=f"move_{key}")
    if is_saved:
        _do("change_pose", lambda: editor.change(actor, key, draft, reason), "Saved.")
    if is_moved and pose.archived_at is None:
        _do("archive_pose", lambda: editor.archive(actor, key, reason), "Archived.")
    elif is_moved:
        _do("restore_pose", lambda: editor.restore(actor, key, reason), "Restored.")


@st.dialog("Add a pose", icon=":material/add:", width="medium")
def add_pose(poses: Sequence[EditablePose], categories: Sequence[str]) -> None:
    """Add a pose with the skeleton of another one or with keypoints."""
    actor = require_role(Role.ADMIN)
    picture, words = st.columns([1, 3], gap="medium")
    with words:
        draft = _fields("new", categories, None, max((p.position for p in poses), default=0) + 1)
        source = st.segmented_control(
            "Skeleton", [COPY, KEYPOINTS], default=COPY, required=True, key="new_source"
        )
        copied = _copied(poses) if source == COPY else None
        keypoints = "" if source == COPY else _keypoints()
    with picture:
        if copied:
            _preview(copied, "new_preview")
        elif keypoints:
            with action("draw_keypoints"):
                st.image(services().pose_editor.drawn(actor, keypoints))
    reason = st.text_input("Reason", key="reason_new", placeholder=REASON, max_chars=200)
    if st.button("Add", type="primary", key="add_new"):
        _do(
            "add_pose",
            lambda: services().pose_editor.add(
                actor,
                draft,
                reason,
                copied_from=copied.id if copied else "",
                keypoints=keypoints,
            ),
            "Added.",
        )


def _fields(key: str, categories: Sequence[str], card: PoseCard | None, position: int) -> PoseDraft:
    name = st.text_input(
        "Name", card.name if card else "", key=f"name_{key}", max_chars=MAX_NAME, width="stretch"
    )
    category = st.selectbox(
        "Category",
        list(categories),
        index=list(categories).index(card.category) if card else None,
        key=f"category_{key}",
        accept_new_options=True,
        placeholder="Choose one or type a new one",
    )
    prompt = st.text_area(
        "Prompt",
        card.prompt if card else "",
        key=f"prompt_{key}",
        max_chars=MAX_PROMPT,
        height=96,
        help="Start with what the figure does; the mascot's description is appended.",
    )
    place = st.number_input(
        "Position", 0, MAX_POSITION, position, key=f"position_{key}", help="Ascending."
    )
    return PoseDraft(name or "", category or "", prompt or "", int(place))


def _copied(poses: Sequence[EditablePose]) -> PoseCard | None:
    known = {pose.card.id: pose.card for pose in poses}
    chosen = st.selectbox(
        "From",
        list(known),
        format_func=lambda pose_id: known[pose_id].name if pose_id in known else pose_id,
        key="new_copied",
    )
    return known.get(chosen or "")


def _keypoints() -> str:
    return (
        st.text_area(
            "18 keypoints",
            key="new_keypoints",
            height=96,
            placeholder="[[0.5, 0.12], [0.5, 0.2], …]",
            help="JSON, x and y from 0 to 1, in OpenPose's order: nose, neck, right shoulder, elbow"
            " and wrist, the left ones, right hip, knee and ankle, the left ones, eyes, ears.",
        )
        or ""
    ).strip()


def _preview(card: PoseCard, key: str) -> None:
    tile = replace(pose_tile(card), caption="")
    tile_grid([Section("preview", [tile])], key=key, label=card.name, min_width=140)


def _do(label: str, change: Callable[[], object], message: str) -> None:
    """Make a change; an error is shown in the dialog, so that nothing typed is lost."""
    with action(label):
        change()
        flash(message)
        st.rerun()
