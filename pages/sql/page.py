"""SQL: named questions for operators, free SQL for admins; everything here only reads.

The address holds the question and its parameters, so that an answer can be shared.
"""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlencode

import streamlit as st

from pages.kit.backend import services
from pages.kit.fields import segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import page_title
from pages.kit.wording import escaped
from pages.sql.free_sql import FREE_TEXT, draw_free
from pages.sql.result import draw_result
from services.core.actors import Actor
from services.core.errors import InvalidRequestError
from services.core.states import Role
from services.database.query_result import QueryResult
from services.sql.query import Choice, NamedQuery, Number, Parameter

VIEW, QUERY = "sql_view", "query"
_GROUP, _ANSWER = "sql_group", "sql_answer"


class View(StrEnum):
    """What the page shows."""

    QUESTIONS = "Questions"
    FREE = "Free SQL"


def draw_questions(actor: Actor) -> None:
    """Draw the question, its parameters and the answer."""
    with action("read_questions", is_page=True):
        catalogue = services().sql_views.catalogue(actor)
    query = _chosen(catalogue)
    st.markdown(escaped(query.question))
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql_parameters"):
        given = {parameter.name: _asked(query, parameter) for parameter in query.parameters}
        is_rerun = st.button("Run", icon=":material/play_arrow:", type="primary", key="sql_run")
    st.query_params.from_dict({QUERY: query.id} | given)
    with action("run_query"):
        values = query.values(given)
        result = _answer(actor, query, given, is_rerun=is_rerun)
        draw_result(actor, result, name=query.id, link=_link(query, given))
        _statement(actor, query.shown(values))


def _chosen(catalogue: Sequence[NamedQuery]) -> NamedQuery:
    """Draw the choice of a question; the first one is the address's."""
    by_id = {query.id: query for query in catalogue}
    asked = st.query_params.get(QUERY)
    if _GROUP not in st.session_state:
        first = by_id.get(asked or "", catalogue[0])
        st.session_state[_GROUP] = first.group.value
        st.session_state[_key(first.group)] = first.id
        if asked and asked not in by_id:
            st.warning(f"The address has an unknown question: {escaped(asked[:80])}.")
    with st.container(horizontal=True, vertical_alignment="center", key="sql_choice"):
        group = st.segmented_control(
            "About",
            list(dict.fromkeys(query.group.value for query in catalogue)),
            required=True,
            key=_GROUP,
            label_visibility="collapsed",
            wrap=True,
        )
        chosen = st.selectbox(
            "Question",
            [query.id for query in catalogue if query.group == group],
            format_func=lambda query_id: by_id[query_id].title,
            key=_key(str(group)),
            label_visibility="collapsed",
            width=340,
        )
    return by_id[chosen]


def _key(group: str) -> str:
    return f"sql_question_{group}"


def _asked(query: NamedQuery, parameter: Parameter) -> str:
    """Draw a parameter's widget; its first value is the address's."""
    key = f"sql_{query.id}_{parameter.name}"
    first = _first(query, parameter)
    if isinstance(parameter, Number):
        chosen = st.number_input(
            parameter.label, parameter.minimum, parameter.maximum, int(first), key=key, width=170
        )
        return str(chosen)
    if isinstance(parameter, Choice):
        options = parameter.options
        return st.selectbox(
            parameter.label, options, index=options.index(first), key=key, width=200
        )
    return str(st.text_input(parameter.label, first, max_chars=80, key=key, width=320))


def _first(query: NamedQuery, parameter: Parameter) -> str:
    """Return the address's value if it is valid for this question, else the default."""
    if st.query_params.get(QUERY) != query.id:
        return parameter.default
    try:
        return parameter.cleaned(st.query_params.get(parameter.name, parameter.default))
    except InvalidRequestError:
        return parameter.default


def _answer(
    actor: Actor, query: NamedQuery, given: dict[str, str], *, is_rerun: bool
) -> QueryResult:
    """Run a question once; a rerun of the page reuses the answer."""
    asked = (query.id, given)
    stored = st.session_state.get(_ANSWER)
    if stored is None or stored[0] != asked or is_rerun:
        result = services().sql_views.run(actor, query.id, given)
        stored = st.session_state[_ANSWER] = (asked, result)
    answer: QueryResult = stored[1]
    return answer


def _link(query: NamedQuery, given: dict[str, str]) -> str:
    return f"{st.context.url or ''}?{urlencode({QUERY: query.id} | given)}"


def _statement(actor: Actor, statement: str) -> None:
    with st.expander("SQL", icon=":material/code:", key="sql_shown"):
        st.code(statement, "sql", wrap_lines=True)
        if actor.role is Role.ADMIN:
            st.button(
                "Edit as free SQL",
                icon=":material/edit:",
                type="tertiary",
                key="sql_edit",
                on_click=_to_free,
                args=(statement,),
            )


def _to_free(statement: str) -> None:
    st.session_state[FREE_TEXT] = statement
    st.session_state[VIEW] = View.FREE.value


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
    return View(segments("View", [view.value for view in View], VIEW, is_in_address=False))


person = require_role(Role.OPERATOR)
page_title("SQL", "Questions to the database. Everything here is read-only.")
_stop_when_off(person)
if _view(person) is View.FREE:
    draw_free(person)
else:
    draw_questions(person)
