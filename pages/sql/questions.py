"""The named questions: choose one, fill in what it asks for, and see the answer at once.

The address holds the question and its parameters, so that an answer can be shared.
"""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlencode

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action
from pages.kit.wording import escaped
from pages.sql.result import draw_result
from services.core.actors import Actor
from services.core.errors import InvalidRequestError
from services.core.states import Role
from services.database.read_only.reader import QueryResult
from services.sql.query import Choice, NamedQuery, Number, Parameter

VIEW, FREE_TEXT = "sql_view", "sql_text"
QUERY = "query"
_GROUP, _ANSWER = "sql_group", "sql_answer"


class View(StrEnum):
    """What the page shows."""

    QUESTIONS = "Questions"
    FREE = "Free SQL"


def draw_questions(actor: Actor) -> None:
    """Draw the choice, the parameters and the answer."""
    with action("read_questions", is_page=True):
        catalogue = services().sql_views.catalogue(actor)
    query = _chosen(catalogue)
    st.markdown(escaped(query.question))
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql_parameters"):
        given = {parameter.name: _asked(query, parameter) for parameter in query.parameters}
        is_again = st.button("Run", icon=":material/play_arrow:", type="primary", key="sql_run")
    st.query_params.from_dict({QUERY: query.id} | given)
    with action("run_query"):
        values = query.values(given)
        result = _answer(actor, query, given, is_again=is_again)
        draw_result(actor, result, name=query.id, link=_link(query, given))
        _statement(actor, query.shown(values))


def _chosen(catalogue: Sequence[NamedQuery]) -> NamedQuery:
    """The question by its group; at first the one that the address names."""
    by_id = {query.id: query for query in catalogue}
    asked = st.query_params.get(QUERY)
    if _GROUP not in st.session_state:
        first = by_id.get(asked or "", catalogue[0])
        st.session_state[_GROUP] = first.group.value
        st.session_state[_key(first.group)] = first.id
        if asked and asked not in by_id:
            st.warning(f"The address names a question that is not here: {escaped(asked[:80])}.")
    with st.container(horizontal=True, vertical_alignment="center", key="sql_choice"):
        group = st.segmented_control(
            "About",
            list(dict.fromkeys(query.group.value for query in catalogue)),
            required=True,
            key=_GROUP,
            label_visibility="collapsed",
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
    """A parameter's widget, at first with what the address says."""
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
    """From the address, if that names this question and a value that can be."""
    if st.query_params.get(QUERY) != query.id:
        return parameter.default
    try:
        return parameter.cleaned(st.query_params.get(parameter.name, parameter.default))
    except InvalidRequestError:
        return parameter.default


def _answer(
    actor: Actor, query: NamedQuery, given: dict[str, str], *, is_again: bool
) -> QueryResult:
    """Asked once for each question; a redrawn page shows what was answered before."""
    asked = (query.id, given)
    kept = st.session_state.get(_ANSWER)
    if kept is None or kept[0] != asked or is_again:
        kept = st.session_state[_ANSWER] = (asked, services().sql_views.run(actor, query.id, given))
    result: QueryResult = kept[1]
    return result


def _link(query: NamedQuery, given: dict[str, str]) -> str:
    return f"{st.context.url or ''}?{urlencode({QUERY: query.id} | given)}"


def _statement(actor: Actor, statement: str) -> None:
    with st.expander("SQL", icon=":material/code:", key="sql_shown"):
        st.code(statement, "sql", wrap_lines=True)
        if actor.role is Role.ADMIN:
            st.button(
                "Change it as free SQL",
                icon=":material/edit:",
                type="tertiary",
                key="sql_edit",
                on_click=_to_free,
                args=(statement,),
            )


def _to_free(statement: str) -> None:
    st.session_state[FREE_TEXT] = statement
    st.session_state[VIEW] = View.FREE.value
