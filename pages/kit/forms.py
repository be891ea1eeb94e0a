"""The start row of forms, the foot of change dialogs, and the choice of edits."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.kit.backend import clear_cached_reads, overview
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.widgets import draw_paused, price_line
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.states import Role
from services.media.exports import PRESETS
from services.recipes.base import ExistingResult, Quote, Started
from services.recipes.edits.slots import Background, EditChoices

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
    what: str = "",
) -> None:
    """Draw price, prompts and button of the form; a click calls `start` with its key.

    The button is always enabled: the click that leaves a corrected field must not be lost. With a
    problem it starts nothing; that of a blank form is shown by the first click. A viewer may fill
    in every form and see its price. `what` replaces the number of pictures.
    """
    actor = require_role(Role.VIEWER)
    can_start = actor.role is not Role.VIEWER
    key = st.session_state.setdefault(f"{form}_key", secrets.token_hex(16))
    with action("read_providers"):
        called = [view for view in overview(actor).providers if view.name in quote.providers]
        draw_paused(called, key=f"{form}_paused")
        st.markdown(price_line(quote, called, what))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{form}_start"):
        # The button belongs to one key: a late second click finds another button and does nothing.
        is_clicked = st.button(
            label, type="primary", key=f"{form}_start_{key}", disabled=not can_start
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
    """Offer to open the identical batch that exists."""
    label = "You already made this" if existing.is_finished else "An identical batch is running"
    line = [
        elements.text(label),
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
            "Saved. The queue does not answer; the work starts automatically when it does.",
            ":material/schedule:",
        )


def _is_echo(form: str, request: Any) -> bool:
    """Return whether this is the second click of a double click that has started already."""
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


DONE = "change_is_done"
Save = Callable[[Actor, str], str]
"""Makes the change for a reason and returns its message, free of a person's text."""


def change_row(
    key: str,
    label: str,
    save: Save,
    role: Role = Role.ADMIN,
    *,
    reason: str | None = "Reason",
    other: tuple[str, Save] | None = None,
    dismiss: str = "",
    is_disabled: bool = False,
) -> None:
    """Draw the foot of a dialog: reason and buttons; an error keeps the dialog open.

    `reason`: the field's label; None draws no field. `other`: a second change for the same reason.
    `dismiss`: the label of a button that only closes.
    """
    close_when_done()
    is_allowed = role is Role.OPERATOR or require_role(Role.VIEWER).role is Role.ADMIN
    if not is_allowed:
        st.info("Only an admin can do this. Send one this page's link.", icon=":material/lock:")
    if reason:
        placeholder = "Why; stored with the change"
        st.text_input(reason, key=f"{key}_reason", max_chars=200, placeholder=placeholder)
    draw_message(f"{key}_message")
    changes = [("save", label, save)] + ([("other", *other)] if other else [])
    with st.container(horizontal=True):
        for name, words, change in changes:
            st.button(
                words,
                type="primary" if name == "save" else "secondary",
                key=f"{key}_{name}",
                disabled=is_disabled or not is_allowed,
                on_click=_save,
                args=(key, change, role),
            )
        if dismiss:
            st.button(dismiss, key=f"{key}_dismiss", on_click=finish_change)


def _save(key: str, save: Save, role: Role) -> None:
    with action(key, message_key=f"{key}_message"):
        message = save(require_role(role), str(st.session_state.get(f"{key}_reason") or ""))
        finish_change()
        flash(message)


def finish_change() -> None:
    """Read everything anew and close the dialog in the next run."""
    clear_cached_reads()
    st.session_state[DONE] = True


def close_when_done() -> None:
    """Close the dialog after its change; call it before what reads the changed rows."""
    if st.session_state.pop(DONE, False):
        st.rerun()


WORDS: dict[str, Background] = {"Keep": "none", "Remove": "remove", "Replace": "replace"}
MAX_WORDS = 1000


def choose_edits(key: str, begin: EditChoices | None = None) -> EditChoices:
    """Draw the background, with its prompt where it is replaced, and the channels.

    `begin` is the first choice; a new `key` starts with it.
    """
    begin = begin or EditChoices()
    background = _background(key, begin)
    words = _words(key, begin) if background == "replace" else ""
    presets = st.pills(
        "Crop for",
        list(PRESETS),
        selection_mode="multi",
        default=list(begin.presets),
        format_func=lambda preset: PRESETS[preset].label,
        key=f"{key}_presets",
        persist_state="session",
        help="Each channel gets a picture of exactly its own size.",
    )
    return EditChoices(background, words, tuple(preset for preset in PRESETS if preset in presets))


def _background(key: str, begin: EditChoices) -> Background:
    first = next(word for word, background in WORDS.items() if background == begin.background)
    word = st.segmented_control(
        "Background",
        list(WORDS),
        default=first,
        required=True,
        key=f"{key}_background",
        persist_state="session",
    )
    return WORDS[word or first]


def _words(key: str, begin: EditChoices) -> str:
    words = st.text_input(
        "What should be behind",
        value=begin.background_prompt,
        key=f"{key}_behind",
        persist_state="session",
        max_chars=MAX_WORDS,
        placeholder="a sunny beach with soft shadows",
    )
    return words or ""
