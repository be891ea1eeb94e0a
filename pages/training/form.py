"""The training form: words, pictures, parameters, checks and captions."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.kit.backend import picture_url, services
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.fields import choice_field, search_field
from pages.kit.frame import action, require_role
from pages.kit.pickers import pick_many
from pages.kit.references import reference_tile
from pages.kit.widgets import badge
from pages.kit.wording import CHECK_BADGES, escaped
from services.core.actors import Actor
from services.core.states import Role
from services.media.archive import MOST_CAPTION_CHARACTERS
from services.recipes.training.data_set import (
    GOOD,
    MIN_PICTURES,
    CheckState,
    ChosenPicture,
    DataSetCheck,
)
from services.recipes.training.request import (
    DEFAULTS,
    GENDERS,
    LORA_RANKS,
    MAX_LEARNING_RATE,
    MAX_NAME_CHARACTERS,
    NO_REPEATS,
    STEPS,
    SUBJECT_TYPES,
    ModelTrainingRequest,
)
from services.references.summaries import ReferenceQuery

NAME, WORD, OWN_WORD = "training_name", "training_word", "training_word_is_own"
TYPE, GENDER = "training_type", "training_gender"
CAPTION = "training_caption_"
FORGET = "training_forget"
CAPTIONS_HEIGHT, FEW_CAPTIONS = 360, 6
MAX_OFFERED = 120
ADVICE = (
    f"Choose {MIN_PICTURES} pictures at least; {GOOD} to 20 are better. Take sharp ones with one subject,"
    " from different sides, in different places and light. They are checked here before anything"
    " is charged."
)


def picked_key(account_id: str) -> str:
    """Return the session's name for the choice of one account."""
    return f"training_picked_{account_id}"


def draw_words() -> None:
    """Draw name, subject, gender and trigger word; the word follows the name until typed."""
    name, word = st.columns(2, gap="small")
    name.text_input(
        "Name", key=NAME, max_chars=MAX_NAME_CHARACTERS, placeholder="Mira", on_change=_suggest
    )
    word.text_input(
        "Trigger word",
        key=WORD,
        max_chars=30,
        placeholder="made from the name",
        on_change=_own_word,
        help="Use this word in a prompt to show the subject. No other model has it.",
    )
    kind, gender = st.columns(2, gap="small")
    chosen = kind.selectbox(
        "Subject", SUBJECT_TYPES, format_func=lambda value: f"A {value}", key=TYPE
    )
    if chosen == "person":
        gender.selectbox(
            "Gender (optional)",
            GENDERS,
            index=None,
            format_func=str.capitalize,
            key=GENDER,
            placeholder="Unspecified",
        )


def choose_pictures(actor: Actor, account_id: str) -> tuple[str, ...]:
    """Draw the account's references and return the ids of the chosen ones, in order."""
    with action("read_references", is_page=True):
        tags = [count.tag for count in services().references.tags(actor, account_id)]
        with st.container(horizontal=True, vertical_alignment="center", key="training_filters"):
            name = search_field("Find a picture", "training_words", width=200)
            tag = tags and choice_field(
                "Every tag", {tag: tag for tag in tags}, "training_tag", 180, is_in_address=False
            )
        query = ReferenceQuery(name=name, tag=tag or "")
        cards = services().references.page(actor, account_id, query=query, limit=MAX_OFFERED).items
    tiles = [reference_tile(card) for card in cards]
    return pick_many("Training pictures", picked_key(account_id), tiles)


def draw_parameters() -> tuple[tuple[str, Any], ...]:
    """Draw and return the trainer's parameters."""
    with st.expander("Parameters", icon=":material/tune:", key="training_parameters"):
        steps, rank, rate = st.columns(3, gap="small")
        chosen = {
            "steps": steps.number_input(
                "Steps", STEPS[0], STEPS[-1], DEFAULTS["steps"], 100,
                key="training_steps", help="More steps cost more and can overfit.",
            ),
            "lora_rank": rank.number_input(
                "LoRA rank", LORA_RANKS[0], LORA_RANKS[-1], DEFAULTS["lora_rank"],
                key="training_rank",
            ),
            "learning_rate": rate.number_input(
                "Learning rate", 0.00001, MAX_LEARNING_RATE, DEFAULTS["learning_rate"], 0.0001,
                format="%.5f", key="training_rate",
            ),
            "autocaption": st.toggle(
                "Auto-caption pictures without a caption", DEFAULTS["autocaption"],
                key="training_autocaption",
            ),
        }  # fmt: skip
        given = ("optimizer", "batch_size", "resolution")
        st.caption(
            "Fixed: " + " · ".join(f"{name.replace('_', ' ')} {DEFAULTS[name]}" for name in given)
        )
        st.caption(escaped(NO_REPEATS))
    return tuple(chosen.items())


def training_request(
    account_id: str, picked: tuple[str, ...], parameters: tuple[tuple[str, Any], ...]
) -> ModelTrainingRequest:
    """Return the request that the form describes."""
    state = st.session_state
    return ModelTrainingRequest(
        account_id=account_id,
        name=state.get(NAME) or "",
        subject_type=state.get(TYPE) or SUBJECT_TYPES[0],
        gender=state.get(GENDER),
        trigger_word=state.get(WORD) or "",
        reference_ids=picked,
        captions=tuple((chosen, state.get(CAPTION + chosen) or "") for chosen in picked),
        parameters=parameters,
    )


def draw_checks(found: Sequence[DataSetCheck], *, is_blank: bool) -> None:
    """Draw the checks; passed ones are muted, and a blank form shows advice instead."""
    if is_blank:
        st.caption(ADVICE)
        return
    lines: list[Line] = []
    for check in found:
        is_quiet = check.state is CheckState.OK
        finding = elements.text(check.sentence, "" if is_quiet else "strong")
        lines.append((check.name, [badge(CHECK_BADGES[check.state]), finding]))
    facts(lines, title="Before it starts", key="training_checks")


def draw_captions(pictures: Sequence[ChosenPicture]) -> None:
    """One line for each chosen picture."""
    if not pictures:
        return
    with st.expander("Captions", icon=":material/subtitles:", key="training_captions"):
        st.caption("Describe what does not belong to the subject: place, pose, light.")
        with st.container(
            height=CAPTIONS_HEIGHT if len(pictures) > FEW_CAPTIONS else "content",
            border=False,
            key="training_caption_rows",
        ):
            for picture in pictures:
                _caption(picture)


def _caption(picture: ChosenPicture) -> None:
    image, words = st.columns([1, 5], gap="small", vertical_alignment="center")
    image.markdown(f"![{escaped(picture.filename)}]({picture_url(picture.thumbnail_key)})")
    words.text_input(
        f"Caption of {escaped(picture.filename)}",
        key=CAPTION + picture.reference_id,
        max_chars=MOST_CAPTION_CHARACTERS,
        placeholder="auto-caption",
        label_visibility="collapsed",
    )


def forget_form() -> None:
    """Empty the form in the next run: a trigger word is used once."""
    st.session_state[FORGET] = True


def clear_form(account_id: str) -> None:
    """Empty the form after a start; call it before any of its fields is drawn."""
    state = st.session_state
    if state.pop(FORGET, False):
        for key in state.get(picked_key(account_id), []):
            state.pop(CAPTION + key, None)
        state[picked_key(account_id)] = []
        state[NAME] = state[WORD] = ""
        state[OWN_WORD] = False


def _suggest() -> None:
    state = st.session_state
    if state.get(OWN_WORD) or not (state.get(NAME) or "").strip():
        return
    with action("suggest_trigger_word"):
        actor = require_role(Role.OPERATOR)
        state[WORD] = services().training.suggest_trigger_word(actor, state[NAME])


def _own_word() -> None:
    """Mark the word as typed by a person; an emptied field follows the name."""
    st.session_state[OWN_WORD] = bool((st.session_state.get(WORD) or "").strip())
    if not st.session_state[OWN_WORD]:
        _suggest()
