"""Diagnose: what happened to a picture, with proof and what to do; all that is stalled or missing."""

import streamlit as st

from pages.diagnose import bulk_fixes, remedy_dialog
from pages.diagnose.case import draw_case
from pages.diagnose.missing import draw_missing
from pages.diagnose.search import asked_for, draw_box
from pages.diagnose.stalled import draw_stalled
from pages.diagnose.texts import draw_texts
from pages.kit.backend import diagnosis
from pages.kit.batches import ask_for_decision
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, page_title
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Role


def draw(actor: Actor) -> None:
    """The case that the address names, if it names one; below it the whole desk."""
    draw_box()
    bulk_fixes.draw_progress()
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
remedy_dialog.answer()
bulk_fixes.answer()
draw(person)
