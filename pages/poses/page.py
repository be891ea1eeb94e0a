"""Poses: a mascot, poses of the library or a text, and the resulting pictures."""

from dataclasses import replace

import streamlit as st

from pages.kit.backend import services
from pages.kit.batches import batches
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.fields import segments
from pages.kit.forms import choose_edits, start_row
from pages.kit.frame import action, require_role
from pages.kit.sidebar import current_account
from pages.kit.widgets import empty_state, page_title
from pages.poses.choices import choose_mascot, choose_model, choose_poses
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Kind, Role
from services.recipes.mascots.pictures import MascotCard
from services.recipes.poses.models import DEFAULT, PoseModelChoice
from services.recipes.poses.request import MAX_BATCH, PoseMode, PosesRequest

WORDS = {"Gallery": PoseMode.GALLERY, "Text": PoseMode.TEXT}


def draw_form(actor: Actor) -> bool:
    """Draw the form with its price; return False if nothing can be posed."""
    account = current_account(actor)
    with action("read_mascots", is_page=True):
        mascots = services().mascots.with_pictures(actor, account.id)
        models = services().poses.models(actor, account.id)
    if not mascots and all(model.needs_mascot or not model.is_available for model in models):
        empty_state(
            "No mascot to pose yet",
            "A pose needs a mascot with at least one picture.",
            icon="pets",
            page="mascots/page.py",
            label="Create a mascot",
        )
        return False
    with st.container(border=True, key="poses_form"):
        who, what = st.columns([1, 2], gap="medium")
        with who:
            base = _subject(account.id, mascots, models)
        with what:
            request = _request(actor, base)
            _start(actor, request)
    return True


def _subject(
    account_id: str,
    mascots: list[MascotCard],
    models: tuple[PoseModelChoice, ...],
) -> PosesRequest:
    """Draw the model, and the mascot where the model needs one."""
    model = choose_model(models, has_mascot=bool(mascots))
    request = PosesRequest(account_id, model=model.id if model else DEFAULT)
    if mascots and (model is None or model.needs_mascot):
        return replace(request, mascot_id=choose_mascot(mascots))
    return request


def _request(actor: Actor, base: PosesRequest) -> PosesRequest:
    top = st.container(horizontal=True, vertical_alignment="center", key="pose_top")
    with top:
        mode = WORDS[segments("Mode", WORDS, "mode")]
    if mode is PoseMode.TEXT:
        request = _text_prompt(base)
    else:
        pose_ids = choose_poses(actor, top)
        request = _poses(replace(base, mode=PoseMode.GALLERY, pose_ids=pose_ids))
    enhance = st.toggle(
        "Add quality words",
        value=True,
        key="pose_enhance",
        persist_state="session",
        help="Adds words to each prompt that preserve the character and sharpen the picture."
        " “What will be sent” shows them.",
    )
    with st.expander("Background and exports", icon=":material/crop:", key="pose_edits_open"):
        edits = choose_edits("pose_edits")
    return replace(request, enhance=enhance, edits=edits)


def _poses(base: PosesRequest) -> PosesRequest:
    each, extra = st.columns([2, 3], gap="medium")
    with each:
        batch_size = st.segmented_control(
            "Pictures of each",
            range(1, MAX_BATCH + 1),
            default=1,
            required=True,
            key="pose_batch",
            persist_state="session",
        )
    with extra:
        prompt = st.text_input(
            "Words to add (optional)",
            key="pose_extra",
            persist_state="session",
            placeholder="wearing a raincoat",
            help="They are added to every chosen pose.",
        )
    return replace(base, prompt=prompt or "", batch_size=batch_size or 1)


def _text_prompt(base: PosesRequest) -> PosesRequest:
    prompt = st.text_area(
        "What it does",
        key="pose_prompt",
        persist_state="session",
        height=112,
        placeholder="Waving with both hands, one foot off the ground",
        help="This model takes a pose in words: describe arms, legs, gaze and mood.",
    )
    count = st.slider(
        "Pictures",
        1,
        12,
        4,
        key="pose_count",
        persist_state="session",
    )
    return replace(base, prompt=prompt or "", count=count)


def _start(actor: Actor, request: PosesRequest) -> None:
    with action("quote_poses", is_page=True):
        quote = services().poses.quote(actor, request)
    if quote.note:
        facts([("", [elements.text(quote.note)])], key="pose_note")
    is_gallery = request.mode is PoseMode.GALLERY
    start_row(
        "poses",
        _label(request),
        quote,
        request,
        lambda key: services().poses.start(actor, request, key),
        is_blank=not (request.pose_ids if is_gallery else request.prompt.strip()),
    )


def _label(request: PosesRequest) -> str:
    count = request.picture_count * (1 + request.edits.slots_each)
    if not count:
        return "Make pictures"
    is_poses_alone = request.mode is PoseMode.TEXT and not request.edits.slots_each
    return f"Make {count_of(count, 'pose' if is_poses_alone else 'picture')}"


person = require_role(Role.VIEWER)
page_title("Poses")
has_mascot = draw_form(person)
batches(
    Kind.POSES,
    empty_sentence="Your first poses will appear here." if has_mascot else "",
)
