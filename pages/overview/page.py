"""Overview: what runs, what needs a person, what was made today, and whether the desk is well."""

from datetime import UTC, datetime

import streamlit as st

from pages.kit.backend import generations, latest_pictures, overview, services
from pages.kit.batches import ask_for_decision, grid
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.frame import action, draw_flashes, require_role
from pages.kit.widgets import (
    DIAGNOSE_PAGE,
    WHY,
    Figure,
    empty_state,
    figures,
    gallery_tile,
    open_diagnosis,
    open_picture,
    page_title,
    slot_tile,
)
from pages.overview.needs_attention import DIAGNOSE, draw_trouble, trouble_figures
from pages.overview.operations import draw_house
from services.core.actors import Actor
from services.core.humanize import count_of, dollars, duration
from services.core.states import Role
from services.credits.budget import BudgetStatus
from services.gallery.overview import Overview
from services.monitoring.generations import GenerationCard
from services.monitoring.slots import SlotStatus

LISTS = {
    "running": ("Running now", {SlotStatus.RUNNING, SlotStatus.QUEUED, SlotStatus.BLOCKED}),
    "review": ("Action required", {SlotStatus.NEEDS_REVIEW}),
    "failed": ("Failed today", {SlotStatus.FAILED}),
}
LISTED = 60
FAST_SECONDS, CALM_SECONDS = 2, 10


def _draw(was_live: bool) -> None:
    actor = require_role(Role.VIEWER)
    with action("read_overview", is_page=True):
        desk = overview(actor)
    draw_flashes()
    _numbers(desk, actor)
    _now(desk, actor)
    _attention(desk, actor)
    _latest(actor)
    draw_house(desk, actor)
    if _is_live(desk) != was_live:
        st.rerun()


_fast = st.fragment(_draw, run_every=FAST_SECONDS)
_calm = st.fragment(_draw, run_every=CALM_SECONDS)


def _is_live(desk: Overview) -> bool:
    return desk.running + desk.waiting > 0


def _numbers(desk: Overview, actor: Actor) -> None:
    median = f" · usually {duration(desk.median_seconds)} each" if desk.median_seconds else ""
    strip = [
        Figure("running", "Running", f"{desk.running:,}", f"{desk.waiting:,} waiting",
            "blue" if desk.running else "", True),
        *trouble_figures(actor, desk),
        Figure(
            "failed",
            "Failed today",
            f"{desk.failed_today:,}",
            "credits refunded" if desk.failed_today else "no failures",
            "red" if desk.failed_today else "",
            True,
        ),
        Figure(
            "made", "Made today", f"{desk.made_today:,}",
            f"{_spent(desk.spent_today)} spent{median}",
            "amber" if desk.spent_today.is_warning else "", opens=True,
        ),
        Figure(
            "pace",
            "Pictures a minute",
            f"{desk.per_minute[-1] if desk.per_minute else 0}",
            spark=desk.per_minute,
            spark_label="Pictures in each of the last 30 minutes",
        ),
    ]  # fmt: skip
    clicked = figures(strip, key="figures")
    if clicked == "made":
        st.switch_page("gallery/page.py")
    if clicked in ("stalled", "missing"):
        st.switch_page(DIAGNOSE_PAGE)
    if clicked:
        st.session_state["listed"] = clicked
        st.rerun()


def _spent(today: BudgetStatus) -> str:
    """`$4.10 of $20.00` where the day has a limit."""
    spent = dollars(today.spent_usd)
    return spent if today.limit_usd is None else f"{spent} of {dollars(today.limit_usd)}"


def _now(desk: Overview, actor: Actor) -> None:
    if not desk.now:
        if not desk.made_today and not _is_live(desk):
            empty_state(
                "Nothing running yet",
                "Start a batch of mascots and watch it here.",
                icon="pets",
                page="mascots/page.py",
                label="Make a mascot",
            )
        return
    can_act = actor.role is not Role.VIEWER
    tiles = [slot_tile(slot, can_act=can_act) for slot in desk.now]
    clicked = tile_grid(
        [Section("now", tiles, title="Now")], key="now", label="Running now", min_width=132
    )
    slots = {slot.id: slot for slot in desk.now}
    if clicked.open in slots:
        open_picture(slots[clicked.open].asset_id)
    if clicked.act in slots:
        st.session_state["decide"] = slots[clicked.act].run_id
        st.rerun()


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


def _attention(desk: Overview, actor: Actor) -> None:
    clicked = draw_trouble(desk, actor) or ""
    if clicked == DIAGNOSE:
        st.switch_page(DIAGNOSE_PAGE)
    if clicked.startswith(f"{WHY}:"):
        open_diagnosis(clicked.partition(":")[2])
    elif clicked:
        st.session_state["listed"] = clicked
        st.rerun()


def _listed(which: str, actor: Actor) -> None:
    statuses = LISTS[which][1] if which in LISTS else None
    with action("read_list", is_page=True):
        if statuses:
            found = [card for card in generations(actor, limit=LISTED).items if _fits(card, which)]
        else:
            found = [services().generations.card(actor, which)]
    if statuses:
        st.caption(
            count_of(len(found), "batch", "batches") if found else "Nothing is in this list."
        )
    grid(found, actor, key="listed_grid")


def _fits(card: GenerationCard, which: str) -> bool:
    is_today = (card.finished_at or card.created_at).date() == datetime.now(UTC).date()
    has_one = any(slot.status in LISTS[which][1] for slot in card.slots)
    return has_one and (which != "failed" or is_today)


person = require_role(Role.VIEWER)
page_title("Overview")
ask_for_decision()
listed = st.session_state.pop("listed", None)
if listed:
    title = LISTS[str(listed)][0] if listed in LISTS else "Batch"
    st.dialog(title, width="large", position="right")(_listed)(str(listed), person)
with action("read_overview", is_page=True):
    is_live = _is_live(overview(person))
(_fast if is_live else _calm)(is_live)
