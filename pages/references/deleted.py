"""Deleted references: undo, restore, and erase permanently."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import (
    Choice,
    Section,
    Tile,
    picked_among,
    tile_grid,
    toggles,
)
from pages.kit.frame import action, flash, require_role
from pages.kit.references import reference_tile
from pages.kit.widgets import empty_state
from services.core.actors import Actor
from services.core.humanize import count_of, duration, file_size
from services.core.states import Role
from services.references.erase import Erasure
from services.references.library import Restored
from services.references.summaries import ReferenceQuery, ReferenceSummary

PAGE = 60
UNDO = "deleted_references"
UNDO_SECONDS = 600.0
PICKED = "picked_deleted"
LIMIT = "deleted_limit"
GRID = "deleted_grid"


def remember_deleted(reference_ids: Sequence[str]) -> None:
    """Offer to undo this deletion for ten minutes."""
    st.session_state[UNDO] = {"ids": list(reference_ids), "at": time.monotonic()}


def draw_undo(actor: Actor) -> None:
    """Draw the last deletion with its undo for ten minutes."""
    last = st.session_state.get(UNDO)
    if not last or not last["ids"] or actor.role is Role.VIEWER:
        return
    if time.monotonic() - last["at"] > UNDO_SECONDS:
        st.session_state.pop(UNDO)
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="undo_row"):
        st.markdown(
            f":material/delete: Deleted {count_of(len(last['ids']), 'reference')}.",
            width="stretch",
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            key="undo_delete",
            on_click=_restore,
            args=(last["ids"],),
        )
        st.button("Dismiss", type="tertiary", key="dismiss_undo", on_click=_dismiss)


def draw_bin(actor: Actor, account_id: str, query: ReferenceQuery) -> None:
    """Draw the deleted references, newest first; tiles are chosen to restore or erase."""
    limit = int(st.session_state.get(LIMIT, PAGE))
    with action("read_deleted", is_page=True):
        page = services().references.page(actor, account_id, query=query, limit=limit)
    if not page.items:
        empty_state(
            "No results" if query.name else "No deleted references",
            "Deleted references are listed here until someone restores or erases them.",
            icon="auto_delete",
        )
        return
    picked = picked_among(PICKED, (card.id for card in page.items))
    _toolbar(actor, page.total, picked)
    tile_grid(
        [Section("deleted", [_tile(card) for card in page.items])],
        key=GRID,
        label="Recently deleted",
        min_width=160,
        choice=Choice("many", picked, actor.role is Role.VIEWER, toggles(GRID, PICKED)),
    )
    if page.next_cursor and st.button("Load more", key="older_deleted", width="stretch"):
        st.session_state[LIMIT] = limit + PAGE
        st.rerun()


def _toolbar(actor: Actor, total: int, picked: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="deleted_tools"):
        chosen = f" · {len(picked):,} chosen" if picked else ""
        st.caption(f"{count_of(total, 'deleted reference')}{chosen}", width="stretch")
        if actor.role is Role.VIEWER:
            return
        st.button(
            "Restore",
            icon=":material/undo:",
            disabled=not picked,
            key="restore_picked",
            on_click=_restore,
            args=(picked,),
        )
        if st.button(
            "Erase for good",
            icon=":material/delete_forever:",
            disabled=not picked,
            key="erase_picked",
        ):
            _ask_to_erase(picked)


def _tile(card: ReferenceSummary) -> Tile:
    age = (datetime.now(UTC) - card.deleted_at).total_seconds() if card.deleted_at else 0.0
    return reference_tile(card, f"Deleted {duration(age)} ago")


def _restore(reference_ids: list[str]) -> None:
    with action("restore_references"):
        actor = require_role(Role.OPERATOR)
        result = services().references.restore(actor, reference_ids)
        st.session_state[PICKED] = []
        _dismiss()
        flash(_restored(result), ":material/undo:")


def _restored(result: Restored) -> str:
    sentence = f"Restored {count_of(result.restored, 'reference')}."
    if result.uploaded_again:
        count = count_of(result.uploaded_again, "was", "were")
        sentence += f" {count} not restored: uploaded meanwhile."
    return sentence


def _dismiss() -> None:
    st.session_state.pop(UNDO, None)


@st.dialog("Erase for good?", icon=":material/delete_forever:")
def _ask_to_erase(picked: list[str]) -> None:
    if st.session_state.pop("erased", False):
        st.rerun()
    with action("read_erasure"):
        actor = require_role(Role.OPERATOR)
        st.markdown(_what_goes(services().reference_eraser.erasure(actor, picked)))
    st.text_input("Reason", key="erase_reason", placeholder="Why; stored with your name")
    st.button(
        "Erase for good", type="primary", key="confirm_erase", on_click=_erase, args=(picked,)
    )


def _what_goes(erasure: Erasure) -> str:
    lines = [
        f"- {count_of(erasure.references, 'reference')} with name and tags. This cannot be undone."
    ]
    if erasure.files:
        files = f"{count_of(erasure.files, 'file')} ({file_size(erasure.file_bytes)})"
        lines.append(f"- Removed from storage: {files}, thumbnails included.")
    if erasure.shared_files:
        shared = count_of(erasure.shared_files, "file")
        lines.append(f"- Not removed: {shared} that another row uses.")
    if erasure.made_pictures:
        made = count_of(erasure.made_pictures, "picture")
        lines.append(f"- Not removed: {made} made from this; the link to it is removed.")
    return "\n".join(lines)


def _erase(picked: list[str]) -> None:
    with action("erase_references"):
        actor = require_role(Role.OPERATOR)
        reason = str(st.session_state.get("erase_reason") or "")
        count = services().reference_eraser.erase(actor, picked, reason)
        st.session_state[PICKED] = []
        st.session_state["erased"] = True
        _dismiss()
        flash(f"Erased {count_of(count, 'reference')} for good.", ":material/delete_forever:")
