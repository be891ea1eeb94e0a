"""The dialogs of simulations: consents, and the scenarios that an admin edits."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.forms import change_row
from pages.kit.frame import action, require_role
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Role
from services.recipes.simulations.consents import ConsentView
from services.recipes.simulations.scenarios import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_STRENGTH,
    MIN_STRENGTH,
    ScenarioView,
    ScenarioWords,
    strength_words,
)


@st.dialog("Consents", icon=":material/handshake:", width="medium")
def list_consents(account_id: str) -> None:
    """List the consents of the account, newest first, and withdraw one."""
    with action("read_consents"):
        actor = require_role(Role.OPERATOR)
        consents = services().consents.of_account(actor, account_id)
        if not consents:
            st.caption("No consent was recorded yet. The first start records one.")
            return
        with st.container(height=240 if len(consents) > 4 else "content", border=False):
            facts([("", _line(consent)) for consent in consents], key="consent_list")
        _withdrawal([consent for consent in consents if consent.withdrawn_at is None])


def _line(consent: ConsentView) -> list[elements.Element]:
    line = [
        elements.text(consent.filename, "strong"),
        elements.text(f"recorded by {consent.given_by}"),
        elements.time(consent.given_at),
        elements.text(f"wording {consent.wording_version}"),
    ]
    if consent.withdrawn_at:
        return [
            *line,
            elements.badge("Withdrawn", "struck", "block"),
            elements.time(consent.withdrawn_at),
        ]
    return [*line, elements.text(count_of(consent.pictures, "picture"))]


def _withdrawal(consents: list[ConsentView]) -> None:
    newest: dict[str, ConsentView] = {}
    for consent in consents:
        newest.setdefault(consent.asset_id, consent)
    if not newest:
        return
    asset_id = st.selectbox(
        "Withdraw the consent for",
        list(newest),
        index=None,
        format_func=lambda chosen: newest[chosen].filename if chosen in newest else chosen,
        placeholder="Choose a photograph",
        key="consent_chosen",
    )
    if asset_id not in newest:
        return
    st.markdown(
        "Every simulation of this photograph, and all that was made from them, is erased permanently."
        " The photograph is not erased: do that under References."
    )

    def withdraw(actor: Actor, reason: str) -> str:
        erased = services().consents.withdraw(actor, newest[asset_id].id, reason)
        return f"Consent withdrawn; {count_of(erased, 'picture')} erased."

    change_row("consent", "Withdraw and erase", withdraw, Role.OPERATOR)


NEW = ScenarioView("new", "", "", 0.5, 0, is_archived=False)


@st.dialog("Scenarios", icon=":material/tune:")
def edit_scenarios() -> None:
    """Choose a scenario or a new one; every change needs a reason."""
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
    st.text_input("Name", view.name, key=f"{fields}_name", max_chars=MAX_NAME_CHARACTERS)
    st.text_area(
        "What the simulation shows",
        view.description,
        key=f"{fields}_description",
        height=96,
        max_chars=MAX_DESCRIPTION_CHARACTERS,
        help="It becomes part of the prompt. Describe the result in neutral words.",
    )
    strength = st.slider(
        "Strength", MIN_STRENGTH, MAX_STRENGTH, view.strength, 0.05, key=f"{fields}_strength"
    )
    st.caption(escaped(strength_words(strength)))

    def save(actor: Actor, reason: str) -> str:
        name, description, chosen = (
            st.session_state[f"{fields}_{field}"] for field in ("name", "description", "strength")
        )
        words = ScenarioWords(name or "", description or "", chosen)
        if view is NEW:
            services().scenarios.add(actor, words, reason)
        else:
            services().scenarios.edit(actor, view.id, words, reason)
        return "Scenario saved."

    def switch(actor: Actor, reason: str) -> str:
        scenarios = services().scenarios
        (scenarios.restore if view.is_archived else scenarios.archive)(actor, view.id, reason)
        return "Scenario restored." if view.is_archived else "Scenario archived."

    other = None if view is NEW else ("Restore" if view.is_archived else "Archive", switch)
    change_row("scenario", "Save", save, other=other)
