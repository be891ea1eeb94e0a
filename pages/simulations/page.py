"""Simulations: one photograph, a scenario and a consent; rear and side view."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.batches import batches
from pages.kit.forms import start_row
from pages.kit.frame import action, require_role
from pages.kit.references import SEARCH, choose_photograph, photographs
from pages.kit.sidebar import current_account
from pages.kit.widgets import empty_state, page_title
from pages.kit.wording import escaped
from pages.simulations.dialogs import edit_scenarios, list_consents
from services.core.actors import Actor
from services.core.states import Kind, Role
from services.recipes.simulations.consents import WORDING
from services.recipes.simulations.recipe import FEWER_STEPS, STEP_CHOICES, STEPS, SimulationRequest
from services.recipes.simulations.scenarios import (
    MAX_STRENGTH,
    MIN_STRENGTH,
    ScenarioView,
    strength_words,
)
from services.references.summaries import ReferenceSummary


def draw_form(actor: Actor, account_id: str) -> None:
    """The form, with its price, for the account in the sidebar."""
    page = photographs(actor, account_id)
    if not page.items and not st.session_state.get(SEARCH):
        empty_state(
            "No photograph yet",
            "A simulation begins from one photograph of the person.",
            icon="imagesmode",
            page="references/page.py",
            label="Add references",
        )
        return
    with st.container(border=True, key="simulations_form"):
        who, what = st.columns([1, 2], gap="medium")
        with who:
            photograph = choose_photograph(page)
        with what:
            scenario = _scenario(actor)
            if photograph and scenario:
                _rest(actor, account_id, photograph, scenario)


def _scenario(actor: Actor) -> ScenarioView | None:
    with action("read_scenarios", is_page=True):
        views = {view.id: view for view in services().scenarios.choices(actor)}
    if not views:
        st.info("Every scenario is archived. Ask an admin to restore one.")
        return None
    chosen = st.segmented_control(
        "Scenario",
        list(views),
        default=next(iter(views)),
        format_func=lambda scenario_id: escaped(views[scenario_id].name),
        required=True,
        key="simulation_scenario",
        wrap=True,
    )
    scenario = views.get(chosen or "") or next(iter(views.values()))
    words = scenario.description.rstrip(".")
    st.caption(escaped(f"{words[:1].upper()}{words[1:]}."))
    return scenario


def _rest(
    actor: Actor, account_id: str, photograph: ReferenceSummary, scenario: ScenarioView
) -> None:
    strength_side, steps_side = st.columns([3, 2], gap="medium")
    with strength_side:
        strength = _strength(scenario)
    with steps_side:
        steps = _steps()
    # Each photograph is another person's: its tick is its own.
    st.caption(WORDING)
    has_consent = st.checkbox(
        "The person has consented to this", key=f"simulation_consent_{photograph.id}"
    )
    request = SimulationRequest(
        account_id, photograph.id, scenario.id, strength, steps, has_consent
    )
    with action("quote_simulation", is_page=True):
        quote = services().simulations.quote(actor, request)
    start_row(
        "simulations",
        "Make both views",
        quote,
        request,
        lambda key: services().simulations.start(actor, request, key),
        is_blank=not has_consent,
    )


def _strength(scenario: ScenarioView) -> float:
    """Draw the strength; it starts at the scenario's own, also after each edit of that."""
    strength = st.slider(
        "Strength",
        MIN_STRENGTH,
        MAX_STRENGTH,
        scenario.strength,
        0.05,
        key=f"simulation_strength_{scenario.id}_{scenario.version}",
        help="How far the picture may leave the photograph.",
    )
    st.caption(escaped(strength_words(strength)))
    return strength


def _steps() -> int:
    steps = st.segmented_control(
        "Steps",
        STEP_CHOICES,
        default=STEPS,
        required=True,
        key="simulation_steps",
        help=f"{FEWER_STEPS} are faster and cost less at the provider, with a little less detail.",
    )
    return steps or STEPS


def draw_tools(actor: Actor, account_id: str) -> None:
    """Draw the buttons of the consents and, for admins, of the scenarios."""
    with st.container(horizontal=True, key="simulation_tools"):
        if st.button("Consents", type="tertiary", icon=":material/handshake:", key="consents"):
            list_consents(account_id)
        if actor.role is Role.ADMIN and st.button(
            "Edit scenarios", type="tertiary", icon=":material/tune:", key="edit_scenarios"
        ):
            edit_scenarios()


person = require_role(Role.OPERATOR)
page_title("Simulations")
account = current_account(person)
draw_tools(person, account.id)
draw_form(person, account.id)
batches(Kind.SIMULATIONS, empty_sentence="Your first views will appear here.")
