"""SQL: named questions for operators, free SQL for admins; everything here only reads."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action, require_role
from pages.kit.widgets import page_title
from pages.kit.wording import escaped
from pages.sql.free_sql import draw_free
from pages.sql.questions import VIEW, View, draw_questions
from services.core.actors import Actor
from services.core.states import Role


def _stop_when_off(actor: Actor) -> None:
    with action("read_reader", is_page=True):
        state = services().sql_views.state(actor)
    if state.is_on:
        return
    st.warning(f"**SQL is off.** {escaped(state.reason)}", icon=":material/database_off:")
    if state.statements:
        st.code(
            "\n".join(f"{statement};" for statement in state.statements), "sql", wrap_lines=True
        )
    st.stop()


def _view(actor: Actor) -> View:
    if actor.role is not Role.ADMIN:
        return View.QUESTIONS
    chosen = st.segmented_control(
        "View",
        [view.value for view in View],
        default=View.QUESTIONS.value,
        required=True,
        key=VIEW,
        label_visibility="collapsed",
    )
    return View(chosen or View.QUESTIONS.value)


person = require_role(Role.OPERATOR)
page_title("SQL", "Questions to the database. Nothing that is asked here can change anything.")
_stop_when_off(person)
if _view(person) is View.FREE:
    draw_free(person)
else:
    draw_questions(person)
