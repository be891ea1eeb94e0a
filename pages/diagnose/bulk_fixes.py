"""One remedy for many at once: its dry-run, its reason, and how far it has come."""

from collections.abc import Sequence

import streamlit as st

from pages.diagnose.remedy_dialog import (
    NO_REASON,
    closed,
    is_dialog_open,
    moved_words,
    open_dialog,
    reason_field,
    refuse_other_roles,
)
from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.wording import escaped
from services.core.states import OperationState, Role
from services.remedies.bulk_summaries import BulkDryRun, BulkRefusal, OperationSummary
from services.remedies.registry import REMEDIES

_ASKED, _SHOWN, _DONE, _REASON, _MESSAGE = (
    "bulk_asked",
    "bulk_shown",
    "bulk_done",
    "bulk_reason",
    "bulk_told",
)
OPERATION = "operation"
"""The query parameter that keeps an operation in view, for a reload and for colleagues."""


def ask(kind: str, subject_ids: Sequence[str]) -> None:
    """Remember what was clicked; its dialog opens with the next run."""
    st.session_state[_ASKED] = (kind, list(subject_ids))
    st.rerun()


def answer() -> None:
    """Open the dialog that was asked for; call outside of fragments."""
    asked = st.session_state.pop(_ASKED, None)
    if asked is None:
        return
    kind, subject_ids = asked[0], asked[1]
    st.session_state.pop(_SHOWN, None)
    words = REMEDIES[kind]
    title = f"{words.label}: {len(subject_ids):,}"
    open_dialog(title, words.icon, lambda: _draw(kind, subject_ids))


def _draw(kind: str, subject_ids: list[str]) -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun()
    words = REMEDIES[kind]
    st.caption(words.consequence)
    shown = _shown(kind, subject_ids)
    if shown:
        _tell(shown)
    is_allowed = refuse_other_roles(kind)
    reason_field(_REASON)
    draw_message(_MESSAGE)
    count = len(shown.items) if shown else 0
    with st.container(horizontal=True):
        st.button(
            f"{words.label}: {count:,}",
            type="primary",
            key="bulk_go",
            disabled=not (count and is_allowed),
            on_click=_start,
        )
        st.button("Not now", key="bulk_keep", on_click=_finish)


def _shown(kind: str, subject_ids: list[str]) -> BulkDryRun | None:
    """The dry-run that the person has seen: what they order is bound to it."""
    shown: BulkDryRun | None = st.session_state.get(_SHOWN)
    if shown is None:
        with action("preview_bulk"), st.spinner("Looking at each of them"):
            shown = services().bulk.preview(require_role(Role.OPERATOR), kind, subject_ids)
        st.session_state[_SHOWN] = shown
    return shown


def _tell(shown: BulkDryRun) -> None:
    total = len(shown.items) + sum(one.count for one in shown.refusals)
    st.write(f"**{len(shown.items):,} of {total:,}** can be done now.")
    if moved := moved_words(shown.credits, shown.cost_usd):
        st.markdown(moved)
    _refusals(shown.refusals)


def _refusals(refusals: Sequence[BulkRefusal]) -> None:
    for one in refusals:
        st.caption(f"{one.count:,} not: {escaped(one.problem)}")


def _start() -> None:
    shown: BulkDryRun | None = st.session_state.get(_SHOWN)
    reason = str(st.session_state.get(_REASON) or "").strip()
    if not reason:
        st.session_state[_MESSAGE] = NO_REASON
        return
    with action("start_bulk", message_key=_MESSAGE):
        actor = require_role(Role.OPERATOR)
        if shown:
            started = services().bulk.start(actor, shown.remedy_id, shown.items, reason)
            st.query_params[OPERATION] = started
            flash("Begun. It goes on when you leave this page.", ":material/play_arrow:")
        _finish()


def _finish() -> None:
    closed()
    st.session_state.pop(_SHOWN, None)
    clear_cached_reads()
    st.session_state[_DONE] = True


def draw_progress() -> None:
    """How far the operation in the address has come; nothing without one."""
    operation_id = st.query_params.get(OPERATION)
    if not operation_id:
        return
    with action("bulk_progress"):
        progress = services().bulk.progress(require_role(Role.OPERATOR), operation_id)
        is_running = progress.state is OperationState.RUNNING
        (_live if is_running else _calm)(operation_id, is_running)


def _progress(operation_id: str, was_running: bool) -> None:
    with action("bulk_progress"):
        progress = services().bulk.progress(require_role(Role.OPERATOR), operation_id)
        with st.container(border=True, key="bulk_progress", gap="xsmall"):
            _told(progress)
            _refusals(progress.refusals)
            _buttons(progress)
        has_ended = progress.state is not OperationState.RUNNING
        if was_running and has_ended and not is_dialog_open():
            clear_cached_reads()
            st.rerun()


_live = st.fragment(_progress, run_every=1)
_calm = st.fragment(_progress)


def _told(progress: OperationSummary) -> None:
    line = [
        elements.text(REMEDIES[progress.remedy_id].label, "strong"),
        elements.text(f"{progress.total - progress.pending:,} of {progress.total:,}"),
    ]
    looks = (("done", "green", progress.done), ("refused", "amber", progress.refused))
    for word, tone, count in (*looks, ("failed", "red", progress.failed)):
        line += [elements.badge(f"{count:,} {word}", tone)] if count else []
    if progress.state is OperationState.STOPPED:
        line.append(elements.badge("Stopped", "gray", "block"))
    if progress.is_stalled:
        line.append(elements.badge("Its process died", "red", "heart_broken"))
    line += [
        elements.text(f"by {progress.actor}: {progress.reason}"),
        elements.time(progress.created_at),
    ]
    facts([("", [*line, elements.chip(progress.id, name="operation id")])], key="bulk_facts")
    if progress.state is OperationState.RUNNING:
        st.progress(progress.progress)


def _buttons(progress: OperationSummary) -> None:
    with st.container(horizontal=True):
        if progress.is_stalled:
            st.button("Go on with it", key="bulk_resume", on_click=_resume, args=(progress.id,))
        if progress.state is OperationState.RUNNING:
            st.button("Stop", key="bulk_stop", on_click=_stop, args=(progress.id,))
        else:
            if st.button("Close", key="bulk_close", type="tertiary"):
                st.query_params.pop(OPERATION, None)
                st.rerun()


def _resume(operation_id: str) -> None:
    with action("resume_bulk"):
        services().bulk.resume(require_role(Role.OPERATOR), operation_id)


def _stop(operation_id: str) -> None:
    with action("stop_bulk"):
        services().bulk.stop(require_role(Role.OPERATOR), operation_id)
