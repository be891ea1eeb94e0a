"""The list of runs: each with what it waits for, how long it took, and what can be done."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, choice_table
from pages.kit.frame import action
from pages.kit.widgets import CANCEL, RETRY, badge, draw_pager, empty_state, shown_after
from pages.kit.wording import KIND_WORDS, RUN_BADGES, model_name
from services.core.actors import Actor
from services.core.humanize import count_of, duration
from services.jobs.filters import RunFilters, Sort
from services.jobs.run_list import RunPage, RunSummary
from services.monitoring.run_status import OPEN_GROUPS, RunGroup
from services.remedies.registry import REMEDIES

RUN = "run"
ALL = "all"
SELECTED = "jobs_selected"
COLUMNS = (
    Column("State"),
    Column("Run", is_wide=True),
    Column("Provider"),
    Column("Tries", is_number=True),
    Column("Waited", is_number=True),
    Column("Ran", is_number=True),
    Column("Made"),
    Column(""),
)


def draw_list(actor: Actor, filters: RunFilters, sort: Sort) -> tuple[RunPage, str | None]:
    """One page; returns it, and what was asked for: `run:`, `cancel:` or `retry:` with an id."""
    view = f"{filters}/{sort}"
    with action("read_runs", is_page=True):
        page = services().jobs.runs(actor, filters, sort, shown_after("runs", view))
    if not page.rows:
        st.session_state[SELECTED] = ()
        _empty(filters)
        return page, None
    clicked = choice_table(
        COLUMNS, [_row(row) for row in page.rows], [row.id for row in page.rows], key="jobs_runs"
    )
    of_run = {row.id: row.generation_id for row in page.rows}
    st.session_state[SELECTED] = tuple(dict.fromkeys(of_run[run_id] for run_id in clicked.ids))
    draw_pager("runs", view, page.next_cursor, ("Previous", "Next"))
    return page, clicked.clicked


def selected_generations() -> tuple[str, ...]:
    """The batches whose runs are chosen in the list, in its order; each once."""
    return tuple(st.session_state.get(SELECTED, ()))


def draw_selection() -> str | None:
    """How many are chosen, and what is ordered for all of them: `all:` and a remedy, or None."""
    chosen = selected_generations()
    if not chosen:
        return None
    with st.container(horizontal=True, vertical_alignment="center", key="jobs_selection"):
        st.markdown(f"**{count_of(len(chosen), 'batch', 'batches')}** chosen", width="content")
        for kind in ("retry", "cancel"):
            words = REMEDIES[kind]
            if st.button(words.label, icon=f":material/{words.icon}:", key=f"jobs_all_{kind}"):
                return f"{ALL}:{kind}"
    return None


def _row(row: RunSummary) -> Cells:
    return [
        [badge(RUN_BADGES[row.group])],
        [
            elements.button(row.title, f"{RUN}:{row.id}"),
            elements.text(f"{KIND_WORDS[row.kind]} · {row.account_name}"),
            elements.chip(row.id, name="the run's id"),
            *([elements.text(row.waits_for, "strong")] if row.waits_for else []),
            *([elements.text(row.failure, "strong")] if row.failure else []),
        ],
        [elements.text(row.provider_label, "strong"), elements.text(model_name(row.model))],
        [elements.text(f"{row.attempts}")],
        [elements.text(duration(row.waited_seconds))],
        [elements.text(duration(row.ran_seconds) if row.ran_seconds is not None else "–")],
        [elements.time(row.created_at)],
        _actions(row),
    ]


def _actions(row: RunSummary) -> list[elements.Element]:
    told = [elements.link("Diagnose", f"diagnose?id={row.generation_id}")]
    if row.is_cancelable and row.group in OPEN_GROUPS:
        told.append(elements.button("Cancel", f"{CANCEL}:{row.generation_id}"))
    if row.is_retryable and row.group in (RunGroup.FAILED, RunGroup.CANCELED):
        told.append(elements.button("Retry", f"{RETRY}:{row.generation_id}"))
    return told


def _empty(filters: RunFilters) -> None:
    if filters != RunFilters():
        empty_state("No such run", "Loosen the filters to see more.", icon="filter_alt_off")
        return
    empty_state(
        "Nothing has run yet",
        "Start a batch; each of its pictures becomes a run here.",
        icon="work_history",
        page="mascots/page.py",
        label="Make a mascot",
    )
