"""Jobs: queues, workers and throughput, and every run with what it waits for."""

import streamlit as st

from pages.jobs.board import draw_alarms, draw_charts, draw_counts, draw_processes
from pages.jobs.dialogs import draw_detail, open_pause
from pages.jobs.runs import (
    ALL,
    RUN,
    draw_filters,
    draw_list,
    draw_selection,
    select_group,
    selected_generations,
)
from pages.kit import remedy_dialogs
from pages.kit.backend import jobs_board, run_choices
from pages.kit.batches import ask_action, open_asked
from pages.kit.frame import action, draw_flashes, require_role
from pages.kit.widgets import CANCEL, RETRY, page_title
from services.core.states import Role
from services.jobs.board import JobsBoard
from services.jobs.filters import RunFilters, Sort
from services.monitoring.run_status import RunGroup
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

FAST_SECONDS, SLOW_SECONDS = 2, 10
ASKED = "jobs_asked"


def _board(was_live: bool) -> None:
    actor = require_role(Role.OPERATOR)
    with action("read_jobs", is_page=True):
        board = jobs_board(actor)
    draw_flashes()
    group = draw_counts(board)
    draw_alarms(board)
    asked = draw_processes(board, actor)
    if group:
        select_group(group)
        st.rerun()
    if asked:
        _ask(asked)
    if _is_live(board) != was_live:
        st.rerun()


def _runs(filters: RunFilters, sort: Sort) -> None:
    actor = require_role(Role.OPERATOR)
    above = st.container()
    page, asked = draw_list(actor, filters, sort)
    with above:
        asked = draw_selection() or asked
    if not page.is_queue_up:
        st.caption("Redis does not answer: queue positions are unknown.")
    if asked:
        _ask(asked)


def _is_live(board: JobsBoard) -> bool:
    open_groups = (RunGroup.WAITING, RunGroup.ACTIVE, RunGroup.DELAYED)
    return any(board.counts[group] for group in open_groups)


def _ask(asked: str) -> None:
    """Store what was clicked: dialogs open outside of fragments, in the next run."""
    st.session_state[ASKED] = asked
    st.rerun()


def _answer() -> None:
    asked = str(st.session_state.pop(ASKED, ""))
    what, _, name = asked.partition(":")
    if what in (CANCEL, RETRY):
        ask_action(asked)
    elif what == RUN:
        draw_detail(name)
    elif what == ALL:
        remedy_dialogs.ask_bulk(name, selected_generations())
    elif what in REMEDIES:
        remedy_dialogs.ask(RemedyOffer(what, name))
    elif what:
        open_pause(what, name)


_fast_board = st.fragment(_board, run_every=FAST_SECONDS)
_slow_board = st.fragment(_board, run_every=SLOW_SECONDS)
_fast_runs = st.fragment(_runs, run_every=FAST_SECONDS)
_slow_runs = st.fragment(_runs, run_every=SLOW_SECONDS)

person = require_role(Role.OPERATOR)
page_title("Jobs")
open_asked()
remedy_dialogs.open_requested()
_answer()
with action("read_jobs", is_page=True):
    is_live = _is_live(jobs_board(person))
    choices = run_choices(person)
(_fast_board if is_live else _slow_board)(is_live)
draw_charts()
remedy_dialogs.draw_progress()
filters, order = draw_filters(choices)
(_fast_runs if is_live else _slow_runs)(filters, order)
