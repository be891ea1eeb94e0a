"""Diagnose: what happened to a picture, with proof and what to do; all that is stalled or missing."""

import streamlit as st

from pages.shared import diagnose_bulk, diagnose_remedy
from pages.shared.batches import ask_for_decision
from pages.shared.diagnose_case import draw_case
from pages.shared.diagnose_missing import draw_missing
from pages.shared.diagnose_search import asked_for, draw_box
from pages.shared.diagnose_stalled import draw_stalled
from pages.shared.diagnose_texts import draw_texts
from pages.shared.frame import action, require_role
from pages.shared.runtime import diagnosis
from pages.shared.widgets import empty_state, page_title
from services.actors import Actor
from services.errors import NotFoundError
from services.statuses import Role


def draw(actor: Actor) -> None:
    """The case that the address names, if it names one; below it the whole desk."""
    draw_box()
    diagnose_bulk.draw_progress()
    generation_id = asked_for(actor)
    if generation_id:
        _case(actor, generation_id)
        st.divider()
    draw_stalled()
    draw_missing()


def _case(actor: Actor, generation_id: str) -> None:
    with action("diagnose"):
        try:
            told = diagnosis(actor, generation_id)
        except NotFoundError:
            empty_state(
                "There is no such generation",
                "Paste what else you have: a prediction's id, a name, or words of the prompt.",
                icon="search_off",
            )
            return
        draw_case(generation_id, told)
        draw_texts(told)


person = require_role(Role.OPERATOR)
page_title("Diagnose")
ask_for_decision()
diagnose_remedy.answer()
diagnose_bulk.answer()
draw(person)
