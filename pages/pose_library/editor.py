"""The dialogs of the pose library: change or archive a pose, add a new one."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.forms import change_row
from pages.kit.frame import action, require_role
from pages.kit.widgets import pose_tile
from services.core.actors import Actor
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


@st.dialog("Pose", icon=":material/accessibility_new:", width="medium")
def edit_pose(pose: EditablePose, categories: Sequence[str]) -> None:
    """Change, archive or restore a pose."""
    picture, words = st.columns([1, 3], gap="medium")
    pose_id, is_archived = pose.card.id, pose.archived_at is not None
    with picture:
        _preview(pose.card, "edit_preview")
    with words:
        _fields(pose_id, categories, pose.card, pose.position)

    def save(actor: Actor, reason: str) -> str:
        services().pose_editor.change(actor, pose_id, _draft(pose_id), reason)
        return "Saved."

    def switch(actor: Actor, reason: str) -> str:
        editor = services().pose_editor
        (editor.restore if is_archived else editor.archive)(actor, pose_id, reason)
        return "Restored." if is_archived else "Archived."

    change_row(pose_id, "Save", save, other=("Restore" if is_archived else "Archive", switch))


@st.dialog("Add a pose", icon=":material/add:", width="medium")
def add_pose(poses: Sequence[EditablePose], categories: Sequence[str]) -> None:
    """Add a pose with the skeleton of another one or with keypoints."""
    picture, words = st.columns([1, 3], gap="medium")
    with words:
        _fields("new", categories, None, max((p.position for p in poses), default=0) + 1)
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
                st.image(services().pose_editor.drawn(require_role(Role.ADMIN), keypoints))
    change_row("new", "Add", _add)


def _add(actor: Actor, reason: str) -> str:
    state = st.session_state
    is_copy = state["new_source"] == COPY
    services().pose_editor.add(
        actor,
        _draft("new"),
        reason,
        copied_from=str(state["new_copied"] or "") if is_copy else "",
        keypoints="" if is_copy else str(state["new_keypoints"] or "").strip(),
    )
    return "Added."


def _fields(key: str, categories: Sequence[str], card: PoseCard | None, position: int) -> None:
    st.text_input("Name", card.name if card else "", key=f"name_{key}", max_chars=MAX_NAME)
    st.selectbox(
        "Category",
        list(categories),
        index=list(categories).index(card.category) if card else None,
        key=f"category_{key}",
        accept_new_options=True,
        placeholder="Choose one or type a new one",
    )
    st.text_area(
        "Prompt",
        card.prompt if card else "",
        key=f"prompt_{key}",
        max_chars=MAX_PROMPT,
        height=96,
        help="Start with what the figure does; the mascot's description is appended.",
    )
    st.number_input("Position", 0, MAX_POSITION, position, key=f"position_{key}", help="Ascending.")


def _draft(key: str) -> PoseDraft:
    name, category, prompt = (
        str(st.session_state[f"{field}_{key}"] or "") for field in ("name", "category", "prompt")
    )
    return PoseDraft(name, category, prompt, int(st.session_state[f"position_{key}"]))


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
