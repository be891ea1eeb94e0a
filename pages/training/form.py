"""The training form's words, parameters, checks and captions."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.kit.backend import picture_url, services
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge
from pages.kit.wording import CHECK_BADGES, escaped
from pages.training.pictures import picked_key
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

NAME, WORD, OWN_WORD = "training_name", "training_word", "training_word_is_own"
TYPE, GENDER = "training_type", "training_gender"
CAPTION = "training_caption_"
FORGET = "training_forget"
CAPTIONS_HEIGHT, FEW_CAPTIONS = 360, 6
ADVICE = (
    f"Choose {MIN_PICTURES} pictures at least; {GOOD} to 20 are better. Take sharp ones with one subject,"
    " from different sides, in different places and light. They are checked here before anything"
    " is charged."
)


def draw_words(can_start: bool) -> None:
    """Draw name, subject, gender and trigger word; the word follows the name until typed."""
    name, word = st.columns(2, gap="small")
    name.text_input(
        "Name",
        key=NAME,
        max_chars=MAX_NAME_CHARACTERS,
        placeholder="Mira",
        on_change=_suggest,
        disabled=not can_start,
    )
    word.text_input(
        "Trigger word",
        key=WORD,
        max_chars=30,
        placeholder="made from the name",
        on_change=_own_word,
        help="Use this word in a prompt to show the subject. No other model has it.",
        disabled=not can_start,
    )
    kind, gender = st.columns(2, gap="small")
    chosen = kind.selectbox(
        "Subject",
        SUBJECT_TYPES,
        format_func=lambda value: f"A {value}",
        key=TYPE,
        disabled=not can_start,
    )
    if chosen == "person":
        gender.selectbox(
            "Gender (optional)",
            GENDERS,
            index=None,
            format_func=str.capitalize,
            key=GENDER,
            placeholder="Unspecified",
            disabled=not can_start,
        )


def draw_parameters(can_start: bool) -> tuple[tuple[str, Any], ...]:
    """Draw and return the trainer's parameters."""
    with st.expander("Parameters", icon=":material/tune:", key="training_parameters"):
        steps, rank, rate = st.columns(3, gap="small")
        chosen = (
            (
                "steps",
                steps.number_input(
                    "Steps",
                    STEPS[0],
                    STEPS[-1],
                    DEFAULTS["steps"],
                    100,
                    key="training_steps",
                    help="More steps cost more and can overfit.",
                    disabled=not can_start,
                ),
            ),
            (
                "lora_rank",
                rank.number_input(
                    "LoRA rank",
                    LORA_RANKS[0],
                    LORA_RANKS[-1],
                    DEFAULTS["lora_rank"],
                    key="training_rank",
                    disabled=not can_start,
                ),
            ),
            (
                "learning_rate",
                rate.number_input(
                    "Learning rate",
                    0.00001,
                    MAX_LEARNING_RATE,
                    DEFAULTS["learning_rate"],
                    0.0001,
                    format="%.5f",
                    key="training_rate",
                    disabled=not can_start,
                ),
            ),
            (
                "autocaption",
                st.toggle(
                    "Auto-caption pictures without a caption",
                    DEFAULTS["autocaption"],
                    key="training_autocaption",
                    disabled=not can_start,
                ),
            ),
        )
        given = ("optimizer", "batch_size", "resolution")
        st.caption(
            "Fixed: " + " · ".join(f"{name.replace('_', ' ')} {DEFAULTS[name]}" for name in given)
        )
        st.caption(escaped(NO_REPEATS))
    return chosen


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


def draw_captions(pictures: Sequence[ChosenPicture], can_start: bool) -> None:
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
                _caption(picture, can_start)


def _caption(picture: ChosenPicture, can_start: bool) -> None:
    image, words = st.columns([1, 5], gap="small", vertical_alignment="center")
    image.markdown(f"![{escaped(picture.filename)}]({picture_url(picture.thumbnail_key)})")
    words.text_input(
        f"Caption of {escaped(picture.filename)}",
        key=CAPTION + picture.reference_id,
        max_chars=MOST_CAPTION_CHARACTERS,
        placeholder="auto-caption",
        label_visibility="collapsed",
        disabled=not can_start,
    )


def forget_form() -> None:
    """Empty the form in the next run: a trigger word is used once."""
    st.session_state[FORGET] = True


def clear_form(account_id: str) -> None:
    """Empty the form after a start; call it before any of its fields is drawn."""
    state = st.session_state
    if not state.pop(FORGET, False):
        return
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
