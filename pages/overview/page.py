"""Overview: running work, problems, today's pictures, and the state of the processes."""

import streamlit as st

from pages.kit import remedy_dialogs
from pages.kit.backend import generations, latest_pictures, overview, services
from pages.kit.batches import grid, open_asked
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.frame import action, draw_flashes, require_role
from pages.kit.widgets import (
    DIAGNOSE_PAGE,
    WHY,
    Figure,
    draw_paused,
    empty_state,
    figures,
    gallery_tile,
    open_diagnosis,
    open_picture,
    page_title,
    slot_tile,
)
from pages.overview.status import DIAGNOSE, draw_operations, draw_problems, problem_figures
from services.core.actors import Actor
from services.core.humanize import count_of, dollars, duration
from services.core.states import Role
from services.gallery.overview import Overview
from services.monitoring.generations import GenerationList

LISTS = {
    GenerationList.RUNNING: "Running now",
    GenerationList.REVIEW: "Action required",
    GenerationList.FAILED: "Failed today",
}
LISTED = 60
FAST_SECONDS, CALM_SECONDS = 2, 10


def _draw(was_live: bool) -> None:
    actor = require_role(Role.VIEWER)
    with action("read_overview", is_page=True):
        state = overview(actor)
    draw_flashes()
    draw_paused(state.providers, key="paused")
    _numbers(state, actor)
    _now(state, actor)
    _attention(state, actor)
    _latest(actor)
    draw_operations(state, actor)
    if _is_live(state) != was_live:
        st.rerun()


_fast = st.fragment(_draw, run_every=FAST_SECONDS)
_calm = st.fragment(_draw, run_every=CALM_SECONDS)


def _is_live(state: Overview) -> bool:
    return state.running + state.waiting > 0


def _numbers(state: Overview, actor: Actor) -> None:
    median = f" · median {duration(state.median_seconds)}" if state.median_seconds else ""
    strip = [
        Figure("running", "Running", f"{state.running:,}", f"{state.waiting:,} waiting",
            "blue" if state.running else "", True),
        *problem_figures(actor, state),
        Figure(
            "failed",
            "Failed today",
            f"{state.failed_today:,}",
            "credits refunded" if state.failed_today else "no failures",
            "red" if state.failed_today else "",
            True,
        ),
        Figure(
            "made", "Made today", f"{state.made_today:,}",
            f"{_spent(state)}{median}",
            "amber" if state.spent_today.is_warning else "", opens=True,
        ),
        Figure(
            "pace",
            "Pictures a minute",
            f"{state.per_minute[-1] if state.per_minute else 0}",
            f"{sum(state.per_minute):,} in 30 min",
            opens=True,
            spark=state.per_minute,
            spark_label="Pictures in each of the last 30 minutes",
        ),
    ]  # fmt: skip
    clicked = figures(strip, key="figures")
    if clicked in ("made", "pace"):
        st.switch_page("gallery/page.py")
    if clicked in ("stalled", "missing"):
        st.switch_page(DIAGNOSE_PAGE)
    if clicked:
        st.session_state["listed"] = clicked
        st.rerun()


def _spent(state: Overview) -> str:
    """`$4.10 of $20.00 spent` where the day has a limit; `$4.10 simulated` if no one bills it."""
    today = state.spent_today
    spent = dollars(today.spent_usd)
    if today.limit_usd is not None:
        spent = f"{spent} of {dollars(today.limit_usd)}"
    is_simulated = state.providers and all(view.is_simulated for view in state.providers)
    return f"{spent} simulated" if is_simulated else f"{spent} spent"


def _now(state: Overview, actor: Actor) -> None:
    if not state.now:
        if not state.made_today and not _is_live(state):
            empty_state(
                "Nothing running yet",
                "Start a batch of mascots and watch it here.",
                icon="pets",
                page="mascots/page.py",
                label="Make a mascot",
            )
        return
    can_act = actor.role is not Role.VIEWER
    tiles = [slot_tile(slot, can_act=can_act) for slot in state.now]
    clicked = tile_grid(
        [Section("now", tiles, title="Now")], key="now", label="Running now", min_width=132
    )
    slots = {slot.id: slot for slot in state.now}
    if clicked.open in slots:
        open_picture(slots[clicked.open].asset_id)
    if clicked.act in slots:
        open_diagnosis(slots[clicked.act].generation_id)


def _latest(actor: Actor) -> None:
    with action("read_latest", is_page=True):
        items = latest_pictures(actor)
    if not items:
        return
    clicked = tile_grid(
        [Section("latest", [gallery_tile(item) for item in items], title="Latest pictures")],
        key="latest",
        label="Latest pictures",
        min_width=132,
    )
    open_picture(next((item.asset_id for item in items if item.slot_id == clicked.open), None))


def _attention(state: Overview, actor: Actor) -> None:
    clicked = draw_problems(state, actor) or ""
    if clicked == DIAGNOSE:
        st.switch_page(DIAGNOSE_PAGE)
    if clicked.startswith(f"{WHY}:"):
        open_diagnosis(clicked.partition(":")[2])
    elif clicked:
        st.session_state["listed"] = clicked
        st.rerun()


def _listed(which: str, actor: Actor) -> None:
    """Draw the generations that a number counts, or the one with this id."""
    with action("read_list", is_page=True):
        if which in LISTS:
            page = generations(actor, counted=GenerationList(which), limit=LISTED)
            found, has_more = list(page.items), page.next_cursor is not None
            counted = count_of(len(found), "batch", "batches")
            st.caption(f"The newest {counted}" if has_more else counted)
        else:
            found = [services().generations.card(actor, which)]
    grid(found, actor, key="listed_grid")


person = require_role(Role.VIEWER)
page_title("Overview")
open_asked()
remedy_dialogs.open_requested()
listed = st.session_state.pop("listed", None)
if listed:
    title = LISTS[GenerationList(listed)] if listed in LISTS else "Batch"
    st.dialog(title, width="large", position="right")(_listed)(str(listed), person)
with action("read_overview", is_page=True):
    is_live = _is_live(overview(person))
(_fast if is_live else _calm)(is_live)
