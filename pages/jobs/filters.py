"""Which runs the jobs page lists: a search, filters and an order, all in the address."""

from collections.abc import Mapping

import streamlit as st

from pages.kit.wording import KIND_WORDS, RUN_BADGES, model_name
from services.jobs.filters import RunChoices, RunFilters, Sort

GROUPS = {look.label: group for group, look in RUN_BADGES.items()}
KINDS = {word: kind for kind, word in KIND_WORDS.items()}
SORTS = {
    "Newest first": Sort.NEWEST,
    "Oldest first": Sort.OLDEST,
    "Longest waiting": Sort.LONGEST_WAITING,
    "Most attempts": Sort.MOST_ATTEMPTS,
}
TIMES = {"Last hour": 1.0, "Last 24 hours": 24.0, "Last 7 days": 168.0, "Last 30 days": 720.0}
_WANTED = "jobs_wanted_group"


def want_group(value: str) -> None:
    """Let the list show this group, or everything for another word, from the next run on."""
    st.session_state[_WANTED] = value


def draw_filters(choices: RunChoices) -> tuple[RunFilters, Sort]:
    """One row; a view can be shared by its address."""
    if _WANTED in st.session_state:
        value = st.session_state.pop(_WANTED)
        word = next((word for word, group in GROUPS.items() if group.value == value), None)
        st.session_state["state"] = word
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="jobs_filters"
    ):
        search = st.text_input(
            "Search",
            type="search",
            live="300ms",
            placeholder="Any id, words, an error",
            max_chars=200,
            key="q",
            bind="query-params",
            label_visibility="collapsed",
            width=220,
        )
        group = _choice("State", {word: word for word in GROUPS}, "state", "Every state", 130)
        kind = _choice("Kind", {word: word for word in KINDS}, "kind", "Every kind", 120)
        provider = _choice("Provider", choices.providers, "provider", "Every provider", 144)
        made = _choice("Made", {word: word for word in TIMES}, "made", "Whenever", 130)
        order = st.selectbox(
            "Order", list(SORTS), key="order", bind="query-params",
            label_visibility="collapsed", width=150,
        )  # fmt: skip
        with st.popover(_more(), key="jobs_more"):
            models = {model: model_name(model) for model in choices.models}
            model = _choice("Model", models, "model", "Every model", 280)
            account = _choice("Account", choices.accounts, "account", "Every account", 280)
            failure = _choice("Failure", choices.failures, "failure", "Every failure", 280)
    filters = RunFilters(
        group=GROUPS.get(group or ""),
        kind=KINDS.get(kind or ""),
        provider=provider or "",
        model=model or "",
        account_id=account or "",
        failure=failure or "",
        hours=TIMES.get(made or ""),
        search=search or "",
    )
    return filters, SORTS[order or "Newest first"]


def _more() -> str:
    """What is set below stands in the button, since it narrows the list unseen."""
    count = sum(bool(st.query_params.get(key)) for key in ("model", "account", "failure"))
    return f"More · {count}" if count else "More"


def _choice(
    label: str, options: Mapping[str, str], key: str, placeholder: str, width: int
) -> str | None:
    """A value of `options`, which names its words; the address holds the words."""
    names = _told_apart(options)
    return st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda value: names.get(value, value),
        placeholder=placeholder,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
        width=width,
    )


def _told_apart(options: Mapping[str, str]) -> dict[str, str]:
    words = list(options.values())
    return {
        value: word if words.count(word) == 1 else f"{word} · {value}"
        for value, word in options.items()
    }
