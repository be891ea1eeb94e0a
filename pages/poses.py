"""Poses: choose a finished mascot, say what it does, start, and watch the pictures come."""

import streamlit as st

from pages.components.tile_grid import Choice, Section, Tile, tile_grid
from pages.shared.batches import batches
from pages.shared.frame import action, require_role
from pages.shared.runtime import picture_url, services
from pages.shared.sidebar import current_account
from pages.shared.starting import start_row
from pages.shared.widgets import empty_state, page_title
from services.actors import Actor
from services.recipes.mascots import MascotCard
from services.recipes.poses import PosesRequest
from services.statuses import Kind, Role

PICKED = "pose_mascot"
SHOWN = 60
SEARCH_FROM = 12
IN_ONE_ROW = 3


def draw_form(actor: Actor) -> bool:
    """The form, with its price, for the account in the sidebar; False without a mascot."""
    account = current_account(actor)
    can_start = actor.role is not Role.VIEWER
    with action("read_mascots", is_page=True):
        mascots = services().mascots.with_pictures(actor, account.id)
    if not mascots:
        empty_state(
            "No mascot to pose yet",
            "A pose needs a mascot with at least one picture.",
            icon="pets",
            page="mascots.py",
            label="Make a mascot",
        )
        return False
    with st.container(border=True, key="poses_form"):
        who, what = st.columns([2, 3], gap="medium")
        with who:
            picked = _mascot(mascots, can_start)
        with what:
            request = _words(account.id, picked, can_start)
            _start(actor, request, can_start)
    return True


def _mascot(mascots: list[MascotCard], can_start: bool) -> str:
    chosen = st.session_state.get(PICKED)
    picked = next((card for card in mascots if card.id == chosen), mascots[0])
    st.markdown(":small[Mascot]")
    words = ""
    if len(mascots) > SEARCH_FROM:
        words = (
            st.text_input(
                "Find a mascot",
                key="pose_search",
                type="search",
                live="300ms",
                placeholder="Find a mascot",
                label_visibility="collapsed",
            )
            or ""
        )
    shown = [card for card in mascots if words.lower() in card.label.lower()][:SHOWN]
    with st.container(
        height=236 if len(shown) > IN_ONE_ROW else "content", border=False, key="mascot_picker"
    ):
        if not shown:
            st.caption("No mascot has this in its name.")
        tile_grid(
            [Section("mascots", [_tile(card) for card in shown])],
            key="mascot_grid",
            label="Mascot",
            min_width=92,
            choice=Choice("one", [picked.id], not can_start, _pick),
        )
    return picked.id


def _tile(card: MascotCard) -> Tile:
    return Tile(
        id=card.id,
        caption=card.name,
        sub=f"Variation {card.variation}",
        src=picture_url(card.thumbnail_key),
        key=card.thumbnail_key,
        placeholder=card.placeholder,
        alt=card.label,
    )


def _pick() -> None:
    clicked = st.session_state["mascot_grid"].get("pick")
    if clicked:
        st.session_state[PICKED] = clicked


def _words(account_id: str, mascot_id: str, can_start: bool) -> PosesRequest:
    prompt = st.text_area(
        "What it does",
        key="pose_prompt",
        height=112,
        placeholder="Waving with both hands, one foot off the ground",
        help="This model takes a pose in words: describe arms, legs, where it looks, and the mood.",
        disabled=not can_start,
    )
    count = st.slider("Pictures", 1, 12, 4, key="pose_count", disabled=not can_start)
    return PosesRequest(account_id, mascot_id, prompt or "", count)


def _start(actor: Actor, request: PosesRequest, can_start: bool) -> None:
    with action("quote_poses", is_page=True):
        quote = services().poses.quote(actor, request)
    start_row(
        "poses",
        "Make 1 pose" if request.count == 1 else f"Make {request.count} poses",
        quote,
        request,
        lambda key: services().poses.start(actor, request, key),
        is_blank=not request.prompt.strip(),
        can_start=can_start,
    )


person = require_role(Role.VIEWER)
page_title("Poses")
has_mascot = draw_form(person)
batches(
    Kind.POSES,
    empty_sentence="Your first poses will fill in here, picture by picture." if has_mascot else "",
)
