"""The dialog in which an admin changes, adds, archives and restores scenarios."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action, flash, require_role
from pages.kit.wording import escaped
from services.core.states import Role
from services.recipes.simulations.scenarios import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_STRENGTH,
    MIN_STRENGTH,
    ScenarioView,
    ScenarioWords,
    strength_words,
)

NEW = ScenarioView("new", "", "", 0.5, 0, is_archived=False)


@st.dialog("Scenarios", icon=":material/tune:")
def edit_scenarios() -> None:
    """Choose one, or a new one; every change asks for its reason."""
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
        MIN_STRENGTH,
        MAX_STRENGTH,
        view.strength,
        0.05,
        key=f"{fields}_strength",
    )
    st.caption(escaped(strength_words(strength)))
    reason = st.text_input(
        "Reason", key=f"{fields}_reason", placeholder="Why; kept with who changed it"
    )
    words = ScenarioWords(name or "", description or "", strength)
    with st.container(horizontal=True):
        is_saved = st.button("Save", type="primary", key="scenario_save")
        label = "Offer again" if view.is_archived else "Archive"
        is_switched = view is not NEW and st.button(label, key="scenario_archive")
    # Not in callbacks: what they say would stand behind the dialog.
    if is_saved:
        _save(view, words, reason or "")
    elif is_switched:
        _switch(view, reason or "")


def _save(view: ScenarioView, words: ScenarioWords, reason: str) -> None:
    with action("save_scenario"):
        actor = require_role(Role.ADMIN)
        if view is NEW:
            services().scenarios.add(actor, words, reason)
        else:
            services().scenarios.edit(actor, view.id, words, reason)
        flash("The scenario is saved.")
        st.rerun()


def _switch(view: ScenarioView, reason: str) -> None:
    """Archive it, or offer it again."""
    with action("archive_scenario"):
        actor = require_role(Role.ADMIN)
        scenarios = services().scenarios
        change = scenarios.restore if view.is_archived else scenarios.archive
        change(actor, view.id, reason)
        flash("The scenario is offered again." if view.is_archived else "The scenario is archived.")
        st.rerun()
