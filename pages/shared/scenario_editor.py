"""The dialog in which an admin changes, adds, archives and restores scenarios."""

import streamlit as st

from pages.shared.frame import action, flash, require_role
from pages.shared.runtime import services
from pages.shared.wording import escaped
from services.scenarios import (
    LEAST_STRENGTH,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MOST_STRENGTH,
    ScenarioView,
    ScenarioWords,
    strength_words,
)
from services.statuses import Role

NEW = ScenarioView("new", "", "", 0.5, 0, is_archived=False)
DONE = "scenario_saved"


@st.dialog("Scenarios", icon=":material/tune:")
def edit_scenarios() -> None:
    """Choose one, or a new one; every change asks for its reason."""
    if st.session_state.pop(DONE, False):
        st.rerun()
    with action("read_scenarios"):
        actor = require_role(Role.ADMIN)
        views = {view.id: view for view in (*services().scenarios.everything(actor), NEW)}
        chosen = st.selectbox(
            "Scenario",
            list(views),
            format_func=lambda scenario_id: _label(views.get(scenario_id, NEW)),
            key="scenario_edited",
        )
        _form(views.get(chosen, NEW))


def _label(view: ScenarioView) -> str:
    if view is NEW:
        return "A new scenario"
    return f"{view.name} (archived)" if view.is_archived else view.name


def _form(view: ScenarioView) -> None:
    # A version of its own keys the fields, so that they begin anew after each change.
    fields = f"scenario_{view.id}_{view.version}"
    name = st.text_input("Name", view.name, key=f"{fields}_name", max_chars=MAX_NAME_CHARACTERS)
    description = st.text_area(
        "What the simulation shows",
        view.description,
        key=f"{fields}_description",
        height=96,
        max_chars=MAX_DESCRIPTION_CHARACTERS,
        help="It becomes part of the prompt. Describe the result calmly, as one would to the person.",
    )
    strength = st.slider(
        "Strength",
        LEAST_STRENGTH,
        MOST_STRENGTH,
        view.strength,
        0.05,
        key=f"{fields}_strength",
    )
    st.caption(escaped(strength_words(strength)))
    st.text_input("Reason", key="scenario_reason", placeholder="Why; kept with who changed it")
    words = ScenarioWords(name or "", description or "", strength)
    with st.container(horizontal=True):
        st.button("Save", type="primary", key="scenario_save", on_click=_save, args=(view, words))
        if view is not NEW:
            label = "Offer again" if view.is_archived else "Archive"
            st.button(label, key="scenario_archive", on_click=_archive, args=(view,))


def _save(view: ScenarioView, words: ScenarioWords) -> None:
    with action("save_scenario"):
        actor = require_role(Role.ADMIN)
        if view is NEW:
            services().scenarios.add(actor, words, _reason())
        else:
            services().scenarios.edit(actor, view.id, words, _reason())
        _told("The scenario is saved.")


def _archive(view: ScenarioView) -> None:
    with action("archive_scenario"):
        actor = require_role(Role.ADMIN)
        scenarios = services().scenarios
        change = scenarios.restore if view.is_archived else scenarios.archive
        change(actor, view.id, _reason())
        _told("The scenario is offered again." if view.is_archived else "The scenario is archived.")


def _reason() -> str:
    return str(st.session_state.get("scenario_reason") or "")


def _told(message: str) -> None:
    st.session_state[DONE] = True
    st.session_state["scenario_reason"] = ""
    flash(message)
