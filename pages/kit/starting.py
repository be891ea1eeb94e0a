"""The foot of every form: price, what will be sent, and a button that starts once."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.kit.backend import clear_cached_reads
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, flash
from pages.kit.widgets import price_line
from pages.kit.wording import escaped
from services.recipes.base import ExistingResult, Quote, Started

ECHO_SECONDS = 2.0
VIEWER_REASON = "Viewers cannot start work. Ask an admin for the operator role."


def start_row(
    form: str,
    label: str,
    quote: Quote,
    request: Any,
    start: Callable[[str], Started],
    *,
    is_blank: bool,
    can_start: bool,
    what: str = "",
) -> None:
    """Draw price, prompts and button of the form; a click calls `start` with its key.

    A form that is still blank keeps its button, so that typing and clicking are one go; the
    click then says what is missing. `what` is told in place of the number of pictures.
    """
    key = st.session_state.setdefault(f"{form}_key", secrets.token_hex(16))
    st.markdown(price_line(quote, what))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{form}_start"):
        # The button belongs to one key: a late second click finds another button and does nothing.
        is_clicked = st.button(
            label,
            type="primary",
            key=f"{form}_start_{key}",
            disabled=not can_start or (bool(quote.problems) and not is_blank),
        )
        with st.popover("What will be sent", type="tertiary", disabled=not quote.final_prompts):
            _prompts(form, quote)
    for warning in quote.warnings:
        st.caption(f":material/info: {escaped(warning)}")
    if can_start and quote.existing and not is_blank:
        _offer_existing(form, quote.existing)
    if not can_start:
        st.caption(VIEWER_REASON)
    elif quote.problems and (is_clicked or not is_blank):
        st.error("  \n".join(escaped(problem) for problem in quote.problems))
    elif is_clicked and not _is_echo(form, request):
        with action(f"{form}_start"):
            _start(form, request, start, key)
            st.rerun()


def _offer_existing(form: str, existing: ExistingResult) -> None:
    """The very same was made before: it can be looked at instead of being paid for again."""
    told = "You already made this" if existing.is_finished else "An identical batch is running"
    line = [
        elements.text(told),
        elements.time(existing.created_at),
        elements.button("Show it", "existing"),
    ]
    if facts([("", line)], key=f"{form}_existing"):
        st.session_state["listed"] = existing.generation_id
        st.switch_page("overview/page.py")


def _start(form: str, request: Any, start: Callable[[str], Started], key: str) -> None:
    started = start(key)
    st.session_state[f"{form}_key"] = secrets.token_hex(16)
    st.session_state[f"{form}_last"] = (repr(request), time.monotonic())
    clear_cached_reads()
    if not started.is_queue_available:
        flash(
            "Saved. The queue does not answer at the moment; this begins by itself when it is back.",
            ":material/schedule:",
        )


def _is_echo(form: str, request: Any) -> bool:
    """A second click of a double click, that came after the first had already started."""
    asked, at = st.session_state.get(f"{form}_last", ("", 0.0))
    return bool(asked == repr(request) and time.monotonic() - at < ECHO_SECONDS)


def _prompts(form: str, quote: Quote) -> None:
    lines = [
        (
            prompt.label,
            [elements.text(prompt.text, "prose"), elements.chip(prompt.text, shown="Copy")],
        )
        for prompt in quote.final_prompts
    ]
    facts(lines, key=f"{form}_prompts")
