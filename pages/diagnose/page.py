"""Diagnose: what happened to a picture and what to do; everything that is stuck or missing."""

import streamlit as st

from pages.diagnose.case import draw_case, draw_texts
from pages.diagnose.search import draw_box, requested_generation
from pages.diagnose.stuck_and_missing import draw_missing, draw_stuck
from pages.kit import remedy_dialogs
from pages.kit.backend import diagnosis
from pages.kit.batches import ask_for_decision
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, page_title
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Role


def draw(actor: Actor) -> None:
    """Draw the case in the address, if there is one, above the lists of all problems."""
    draw_box()
    remedy_dialogs.draw_progress()
    generation_id = requested_generation(actor)
    if generation_id:
        _draw_case(actor, generation_id)
        st.divider()
    draw_stuck()
    draw_missing()


def _draw_case(actor: Actor, generation_id: str) -> None:
    with action("diagnose"):
        try:
            case = diagnosis(actor, generation_id)
        except NotFoundError:
            empty_state(
                "No such generation",
                "Paste something else: a prediction's id, a name, or words of the prompt.",
                icon="search_off",
            )
            return
        draw_case(generation_id, case)
        draw_texts(case)


person = require_role(Role.OPERATOR)
page_title("Diagnose")
ask_for_decision()
remedy_dialogs.open_requested()
draw(person)
