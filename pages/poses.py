"""Poses: a finished mascot, poses of the library or words for one, and the pictures as they come."""

import streamlit as st

from pages.shared.batches import batches
from pages.shared.frame import action, require_role
from pages.shared.mascot_choice import choose_mascot
from pages.shared.pose_choice import choose_poses
from pages.shared.runtime import services
from pages.shared.sidebar import current_account
from pages.shared.starting import start_row
from pages.shared.widgets import empty_state, page_title
from pages.shared.wording import count_of
from services.actors import Actor
from services.recipes.poses import MAX_BATCH, PoseMode, PosesRequest
from services.statuses import Kind, Role

WORDS = {"Gallery": PoseMode.GALLERY, "Text": PoseMode.TEXT}


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
        who, what = st.columns([1, 2], gap="medium")
        with who:
            picked = choose_mascot(mascots, can_start)
        with what:
            request = _wish(actor, account.id, picked, can_start)
            _start(actor, request, can_start)
    return True


def _wish(actor: Actor, account_id: str, mascot_id: str, can_start: bool) -> PosesRequest:
    top = st.container(horizontal=True, vertical_alignment="center", key="pose_top")
    chosen = top.segmented_control(
        "Mode",
        list(WORDS),
        default="Gallery",
        required=True,
        key="mode",
        bind="query-params",
        label_visibility="collapsed",
    )
    if WORDS.get(chosen or "") is PoseMode.TEXT:
        return _words(account_id, mascot_id, can_start)
    pose_ids = choose_poses(actor, top, can_start)
    return _poses(account_id, mascot_id, pose_ids, can_start)


def _poses(
    account_id: str, mascot_id: str, pose_ids: tuple[str, ...], can_start: bool
) -> PosesRequest:
    each, extra = st.columns([2, 3], gap="medium")
    with each:
        batch_size = st.segmented_control(
            "Pictures of each",
            range(1, MAX_BATCH + 1),
            default=1,
            required=True,
            key="pose_batch",
            persist_state="session",
            disabled=not can_start,
        )
    with extra:
        prompt = st.text_input(
            "Words to add (optional)",
            key="pose_extra",
            persist_state="session",
            placeholder="wearing a raincoat",
            help="They are added to every chosen pose.",
            disabled=not can_start,
        )
    return PosesRequest(
        account_id,
        mascot_id,
        prompt=prompt or "",
        mode=PoseMode.GALLERY,
        pose_ids=pose_ids,
        batch_size=batch_size or 1,
    )


def _words(account_id: str, mascot_id: str, can_start: bool) -> PosesRequest:
    prompt = st.text_area(
        "What it does",
        key="pose_prompt",
        persist_state="session",
        height=112,
        placeholder="Waving with both hands, one foot off the ground",
        help="This model takes a pose in words: describe arms, legs, where it looks, and the mood.",
        disabled=not can_start,
    )
    count = st.slider(
        "Pictures",
        1,
        12,
        4,
        key="pose_count",
        persist_state="session",
        disabled=not can_start,
    )
    return PosesRequest(account_id, mascot_id, prompt or "", count)


def _start(actor: Actor, request: PosesRequest, can_start: bool) -> None:
    with action("quote_poses", is_page=True):
        quote = services().poses.quote(actor, request)
    if quote.note:
        st.caption(quote.note)
    is_gallery = request.mode is PoseMode.GALLERY
    start_row(
        "poses",
        _label(request),
        quote,
        request,
        lambda key: services().poses.start(actor, request, key),
        is_blank=not (request.pose_ids if is_gallery else request.prompt.strip()),
        can_start=can_start,
    )


def _label(request: PosesRequest) -> str:
    if request.mode is PoseMode.TEXT:
        return f"Make {count_of(request.count, 'pose')}"
    if not request.picture_count:
        return "Make pictures"
    return f"Make {count_of(request.picture_count, 'picture')}"


person = require_role(Role.VIEWER)
page_title("Poses")
has_mascot = draw_form(person)
batches(
    Kind.POSES,
    empty_sentence="Your first poses will fill in here, picture by picture." if has_mascot else "",
)
