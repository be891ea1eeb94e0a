"""The edits of a picture, their form and progress, and its regeneration."""

import streamlit as st

from pages.kit.backend import picture_url, services
from pages.kit.batches import grid, open_asked
from pages.kit.components.crop_preview import Focus, crop_preview
from pages.kit.forms import choose_edits, start_row
from pages.kit.frame import action, flash, require_role
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import GenerationState, Role, SlotRole
from services.gallery.picture import PictureDetail
from services.media.exports import DEFAULT_FOCUS, PRESETS
from services.monitoring.generations import GenerationSummary
from services.recipes.base import Started
from services.recipes.edits.recipe import EditsRequest
from services.recipes.edits.slots import EditChoices

ACTIONS = (
    ("Remove background", ":material/content_cut:", EditChoices("remove")),
    ("Replace background…", ":material/wallpaper:", EditChoices("replace")),
    ("Export…", ":material/crop:", EditChoices(presets=("instagram_post",))),
)
OPENED = "edits_opened"


def draw_edits(actor: Actor, picture: PictureDetail) -> None:
    """Draw the actions below a picture; each opens the form with its own choice."""
    open_asked()
    with st.container(horizontal=True, gap="small", key="edit_actions"):
        for label, icon, begin in ACTIONS:
            if st.button(label, icon=icon, key=f"edit_{begin.background}"):
                opened = int(st.session_state.get(OPENED, 0)) + 1
                st.session_state[OPENED] = opened
                _dialog(actor, picture, f"edit_{opened}", begin)
    _under_way(picture.asset_id)


@st.dialog("Edit this picture", width="medium", position="right", icon=":material/tune:")
def _dialog(actor: Actor, picture: PictureDetail, key: str, begin: EditChoices) -> None:
    edit_form(actor, picture, key, begin)


def edit_form(actor: Actor, picture: PictureDetail, key: str, begin: EditChoices) -> None:
    """Draw the choice, the crops, the price and the button."""
    edits = choose_edits(key, begin)
    focus = _crops(picture, edits, key) if edits.presets else DEFAULT_FOCUS
    request = EditsRequest(
        picture.account_id,
        (picture.asset_id,),
        edits.background,
        edits.background_prompt,
        edits.presets,
        {picture.asset_id: focus},
    )
    with action("quote_edits"):
        quote = services().edits.quote(actor, request)
        is_blank = edits.background == "replace" and not edits.background_prompt.strip()
        start_row(
            "edits",
            f"Make {count_of(quote.picture_count, 'picture')}" if edits.slots_each else "Make",
            quote,
            request,
            lambda start_key: _start(actor, request, start_key),
            is_blank=is_blank or not edits.slots_each,
        )


def _crops(picture: PictureDetail, edits: EditChoices, key: str) -> Focus:
    return crop_preview(
        key=f"{key}_crop",
        src=picture_url(picture.storage_key),
        picture_key=picture.storage_key,
        placeholder=picture.placeholder,
        alt=picture.title,
        width=picture.width,
        height=picture.height,
        presets=[PRESETS[preset] for preset in edits.presets],
    )


def _start(actor: Actor, request: EditsRequest, start_key: str) -> Started:
    started = services().edits.start(actor, request, start_key)
    key = _followed(request.asset_ids[0])
    st.session_state[key] = [started.generation_id, *st.session_state.get(key, [])]
    flash("Started. It appears under “Derived pictures” when it is ready.")
    return started


def _followed(asset_id: str) -> str:
    """Return the session's name for the edits of this picture that were started here."""
    return f"edits_of_{asset_id}"


def _under_way(asset_id: str) -> None:
    """Draw the edits that this person started here until they succeed."""
    if not st.session_state.get(_followed(asset_id)):
        return
    with action("read_edits"):
        is_live = any(card.is_live for card in _cards(asset_id))
        (_ticking if is_live else _draw)(asset_id, is_live)


def _cards(asset_id: str) -> list[GenerationSummary]:
    actor, ids = require_role(Role.VIEWER), st.session_state.get(_followed(asset_id), [])
    return [services().generations.card(actor, generation_id) for generation_id in ids]


def _draw(asset_id: str, was_live: bool) -> None:
    with action("read_edits"):
        cards = _cards(asset_id)
        left = [card for card in cards if card.state is not GenerationState.SUCCEEDED]
        st.session_state[_followed(asset_id)] = [card.id for card in left]
        grid(left, require_role(Role.VIEWER), key="edits_under_way")
        if len(left) < len(cards) or any(card.is_live for card in left) != was_live:
            st.rerun()


_ticking = st.fragment(_draw, run_every=2)


ROLES = (SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON)
WORDS = "again_words"


def offer_regeneration(actor: Actor, picture: PictureDetail) -> None:
    """Draw the button on a mascot's own pictures, for those who may start."""
    if picture.role not in ROLES or picture.slot_id is None or actor.role is Role.VIEWER:
        return
    if st.button("Regenerate this picture", icon=":material/refresh:", key="make_again"):
        st.session_state.pop(WORDS, None)
        ask_regeneration(picture.slot_id, picture.role)


@st.dialog("Regenerate this picture", icon=":material/refresh:")
def ask_regeneration(slot_id: str, role: SlotRole) -> None:
    """Draw price, prompt and added words, and the button that starts it once."""
    actor = require_role(Role.OPERATOR)
    made_from = "same references" if role is SlotRole.FULL_BODY else "newest full body"
    st.caption(
        f"It is made from the {made_from}. The existing picture is not deleted; the newest one"
        " represents the mascot."
    )
    given = st.text_input(
        "Words to add (optional)", key=WORDS, max_chars=300, placeholder="smiling, eyes open"
    )
    words = given or ""
    with action("quote_again"):
        quote = services().mascots.regenerate_quote(actor, slot_id, words)
        start_row(
            "again",
            "Regenerate",
            quote,
            (slot_id, words),
            lambda key: _regenerate(actor, slot_id, key, words),
            is_blank=False,
        )


def _regenerate(actor: Actor, slot_id: str, key: str, words: str) -> Started:
    started = services().mascots.regenerate(actor, slot_id, key, words)
    flash("Regenerating: see Mascots.", ":material/refresh:")
    return started
