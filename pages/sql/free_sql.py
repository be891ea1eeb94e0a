"""Free SQL for admins: a statement, the readable views, and the session's history."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action
from pages.kit.wording import escaped
from pages.sql.result import draw_result
from services.core.actors import Actor
from services.database.read_only.reader import STATEMENT_LIMIT_CHARACTERS
from services.sql.sql_views import ViewCard

FREE_TEXT = "sql_text"
MAX_RECENT = 10
_RECENT, _SHOWN = "sql_recent", "sql_free_shown"
_MAX_LABEL = 70


def draw_free(actor: Actor) -> None:
    """Draw the statement beside the views, and its result below both."""
    with action("read_views", is_page=True):
        views = services().sql_views.views(actor)
    writing, reading = st.columns([2, 1], gap="large")
    with reading, st.container(key="sql_browser"):
        _browser(views)
    with writing:
        _form(actor)
        _recent()
    if (shown := st.session_state.get(_SHOWN)) is not None:
        with action("draw_free_sql"):
            draw_result(actor, shown, name="query")


def _form(actor: Actor) -> None:
    with st.form("sql_free", border=False):
        statement = st.text_area(
            "Statement",
            height=220,
            max_chars=STATEMENT_LIMIT_CHARACTERS,
            key=FREE_TEXT,
            persist_state="session",
            placeholder="SELECT state, count(*) FROM runs GROUP BY state",
        )
        is_run = st.form_submit_button(
            "Run", icon=":material/play_arrow:", type="primary", key="sql_free_run"
        )
        st.caption(
            "One read-only statement, at most 5 seconds and 1,000 rows. The audit trail records it"
            " with your name."
        )
    if is_run:
        _run(actor, statement or "")


def _run(actor: Actor, statement: str) -> None:
    st.session_state.pop(_SHOWN, None)
    recent = [one for one in st.session_state.get(_RECENT, []) if one != statement]
    if statement.strip():
        st.session_state[_RECENT] = [statement, *recent][:MAX_RECENT]
    with action("run_free_sql"):
        st.session_state[_SHOWN] = services().sql_views.run_free(actor, statement)


def _recent() -> None:
    if not (recent := st.session_state.get(_RECENT)):
        return
    with st.popover("Recent", icon=":material/history:", key="sql_recent_list"):
        for number, statement in enumerate(recent):
            one_line = " ".join(statement.split())
            label = one_line if len(one_line) <= _MAX_LABEL else f"{one_line[:_MAX_LABEL]}…"
            st.button(
                escaped(label),
                type="tertiary",
                key=f"sql_recent_{number}",
                on_click=_take,
                args=(statement,),
            )


def _take(statement: str) -> None:
    st.session_state[FREE_TEXT] = statement


def _browser(views: tuple[ViewCard, ...]) -> None:
    by_name = {view.name: view for view in views}
    chosen = st.selectbox("Views", list(by_name), key="sql_browsed")
    view = by_name[chosen]
    st.caption(escaped(view.question))
    st.dataframe(
        {
            "Column": [name for name, _ in view.columns],
            "Type": [_short(kind) for _, kind in view.columns],
        },
        hide_index=True,
        row_height=26,
        height=220,
        key="sql_columns",
    )


def _short(kind: str) -> str:
    """Shorten PostgreSQL's long type names."""
    return kind.replace("timestamp with time zone", "timestamptz").replace(
        "character varying", "varchar"
    )
