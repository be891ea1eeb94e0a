"""The list of runs with its filters, which the address holds, and its bulk actions."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, choice_table
from pages.kit.fields import choice_field, search_field
from pages.kit.frame import action
from pages.kit.widgets import CANCEL, RETRY, badge, draw_pager, empty_state, shown_after
from pages.kit.wording import KIND_WORDS, RETRY_LABEL, RUN_BADGES, model_name
from services.core.actors import Actor
from services.core.humanize import count_of, duration
from services.jobs.filters import RunChoices, RunFilters, Sort
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
    Column("Attempts", is_number=True),
    Column("Waited", is_number=True),
    Column("Ran", is_number=True),
    Column("Created"),
    Column(""),
)


def draw_list(actor: Actor, filters: RunFilters, sort: Sort) -> tuple[RunPage, str | None]:
    """Draw one page; return it and the click: `run:`, `cancel:` or `retry:` with an id."""
    view = f"{filters}/{sort}"
    with action("read_runs", is_page=True):
        page = services().jobs.runs(actor, filters, sort, shown_after(view))
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
    """Return the batches whose runs are selected, each once, in the list's order."""
    return tuple(st.session_state.get(SELECTED, ()))


def draw_selection() -> str | None:
    """Draw the bulk actions for the selection; return `all:` and the clicked remedy, or None."""
    chosen = selected_generations()
    if not chosen:
        return None
    with st.container(horizontal=True, vertical_alignment="center", key="jobs_selection"):
        st.markdown(f"**{count_of(len(chosen), 'batch', 'batches')}** selected", width="content")
        for remedy_id in ("retry", "cancel"):
            remedy = REMEDIES[remedy_id]
            icon = f":material/{remedy.icon}:"
            if st.button(remedy.label, icon=icon, key=f"jobs_all_{remedy_id}"):
                return f"{ALL}:{remedy_id}"
    return None


def _row(row: RunSummary) -> Cells:
    return [
        [badge(RUN_BADGES[row.group])],
        [
            elements.button(row.title, f"{RUN}:{row.id}"),
            elements.text(f"{KIND_WORDS[row.kind]} · {row.account_name}"),
            elements.chip(row.id, name="run id"),
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
    buttons = [elements.link("Diagnose", f"diagnose?id={row.generation_id}")]
    if row.is_cancelable and row.group in OPEN_GROUPS:
        buttons.append(elements.button("Cancel", f"{CANCEL}:{row.generation_id}"))
    if row.is_retryable and row.group in (RunGroup.FAILED, RunGroup.CANCELED):
        buttons.append(elements.button(RETRY_LABEL, f"{RETRY}:{row.generation_id}"))
    return buttons


def _empty(filters: RunFilters) -> None:
    if filters != RunFilters():
        empty_state("No matching run", "Remove a filter to see more.", icon="filter_alt_off")
        return
    empty_state(
        "No runs yet",
        "Start a batch; its runs are listed here.",
        icon="work_history",
        page="mascots/page.py",
        label="Create a mascot",
    )


GROUPS = {badge.label: group for group, badge in RUN_BADGES.items()}
KINDS = {word: kind for kind, word in KIND_WORDS.items()}
SORTS = {
    "Newest first": Sort.NEWEST,
    "Oldest first": Sort.OLDEST,
    "Longest waiting": Sort.LONGEST_WAITING,
    "Most attempts": Sort.MOST_ATTEMPTS,
}
TIMES = {"Last hour": 1.0, "Last 24 hours": 24.0, "Last 7 days": 168.0, "Last 30 days": 720.0}
_GROUP = "jobs_selected_group"


def select_group(value: str) -> None:
    """Filter the list by this group from the next run on; another value shows every group."""
    st.session_state[_GROUP] = value


def draw_filters(choices: RunChoices) -> tuple[RunFilters, Sort]:
    """Draw the filters; the address holds them, so that a view can be shared."""
    if _GROUP in st.session_state:
        value = st.session_state.pop(_GROUP)
        word = next((word for word, group in GROUPS.items() if group.value == value), None)
        st.session_state["state"] = word
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="jobs_filters"
    ):
        search = search_field(
            "Id, words or error", "q", width=220, is_in_address=True, max_chars=200
        )
        group = choice_field("Any state", {word: word for word in GROUPS}, "state", 130)
        kind = choice_field("Any kind", {word: word for word in KINDS}, "kind", 120)
        provider = choice_field("Any provider", choices.providers, "provider", 144)
        made = choice_field("Any time", {word: word for word in TIMES}, "made", 130)
        order = st.selectbox(
            "Order", list(SORTS), key="order", bind="query-params",
            label_visibility="collapsed", width=150,
        )  # fmt: skip
        with st.popover(_more(), key="jobs_more"):
            models = {model: model_name(model) for model in choices.models}
            model = choice_field("Every model", models, "model", 280)
            account = choice_field("Every account", choices.accounts, "account", 280)
            failure = choice_field("Every failure", choices.failures, "failure", 280)
    filters = RunFilters(
        group=GROUPS.get(group or ""),
        kind=KINDS.get(kind or ""),
        provider=provider or "",
        model=model or "",
        account_id=account or "",
        failure=failure or "",
        hours=TIMES.get(made or ""),
        search=search,
    )
    return filters, SORTS[order or "Newest first"]


def _more() -> str:
    """Return the label with the number of filters that are set behind it."""
    count = sum(bool(st.query_params.get(key)) for key in ("model", "account", "failure"))
    return f"More · {count}" if count else "More"
