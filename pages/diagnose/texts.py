"""What leaves the case: an answer for the customer, a report for the provider, notes, the runbook."""

import re

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, draw_message, flash, require_role
from services.core.states import Role
from services.diagnosis.detail import Diagnosis, NoteDetail
from services.diagnosis.runbooks import runbook

_TEXT, _LINK, _MESSAGE = "note_text", "note_link", "note_told"
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_INNER_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")


def draw_texts(told: Diagnosis) -> None:
    """Draw all four, below the case."""
    left, right = st.columns(2, gap="large")
    with left:
        _customer(told)
        _provider(told)
    with right:
        _notes(told)
    _runbook(told)


def _customer(told: Diagnosis) -> None:
    st.subheader("For the customer", anchor=False)
    st.code(told.customer_answer, language=None, wrap_lines=True)


def _provider(told: Diagnosis) -> None:
    with st.expander("For the provider", icon=":material/description:", key="provider_report"):
        st.code(told.provider_report, language=None, wrap_lines=True)
        st.download_button(
            "Download",
            told.provider_report,
            file_name=f"{told.subject.generation_id}.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="download_report",
        )


def _notes(told: Diagnosis) -> None:
    st.subheader("Notes", anchor=False)
    if told.notes:
        facts([("", _note(note)) for note in told.notes], key="notes")
    else:
        st.caption("Nobody has written anything yet: a hand-over, or the ticket it belongs to.")
    st.text_area(
        "Note", key=_TEXT, max_chars=2000, height=80, placeholder="What the next one must know"
    )
    st.text_input("Ticket's link (optional)", key=_LINK, max_chars=500, placeholder="https://…")
    draw_message(_MESSAGE)
    st.button(
        "Add the note",
        icon=":material/add_comment:",
        key="note_add",
        on_click=_add,
        args=(told.subject.generation_id,),
    )


def _note(note: NoteDetail) -> list[elements.Element]:
    line = [elements.text(note.person_name, "strong"), elements.time(note.at)]
    line += [elements.link("Ticket", note.link)] if note.link else []
    return [*line, elements.text(note.text, "prose")]


def _add(generation_id: str) -> None:
    text = str(st.session_state.get(_TEXT) or "").strip()
    link = str(st.session_state.get(_LINK) or "").strip()
    with action("add_note", message_key=_MESSAGE):
        actor = require_role(Role.OPERATOR)
        services().notes.add(actor, generation_id, text, link)
        st.session_state[_TEXT] = st.session_state[_LINK] = ""
        clear_cached_reads()
        flash("The note is kept.")


def _runbook(told: Diagnosis) -> None:
    page = runbook(told.verdict.cause)
    if page is None:
        return
    with st.expander("What to do about it, step by step", icon=":material/menu_book:"):
        st.markdown(below_a_page(page.body_markdown))


def below_a_page(markdown: str) -> str:
    """A file's headings made small, and links between files made plain: a page has one heading."""
    text = _HEADING.sub(lambda found: f"**{found[2]}**", markdown)
    return _INNER_LINK.sub(r"\1", text)
