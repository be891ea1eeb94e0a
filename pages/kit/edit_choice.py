"""Choosing what follows a picture: another background, and the channels to crop it for."""

import streamlit as st

from services.media.exports import PRESETS
from services.recipes.edits.slots import Background, EditChoices

WORDS: dict[str, Background] = {"Keep": "none", "Remove": "remove", "Replace": "replace"}
MAX_WORDS = 1000


def choose_edits(key: str, can_start: bool, begin: EditChoices | None = None) -> EditChoices:
    """Two rows: the background, with words where it is replaced, and the channels.

    `begin` is what they show first; `key` names the widgets, so a new one begins anew.
    """
    begin = begin or EditChoices()
    background = _background(key, can_start, begin)
    words = _words(key, can_start, begin) if background == "replace" else ""
    presets = st.pills(
        "Crop for",
        list(PRESETS),
        selection_mode="multi",
        default=list(begin.presets),
        format_func=lambda preset: PRESETS[preset].label,
        key=f"{key}_presets",
        persist_state="session",
        help="Each channel gets a picture of exactly its own size.",
        disabled=not can_start,
    )
    return EditChoices(background, words, tuple(preset for preset in PRESETS if preset in presets))


def _background(key: str, can_start: bool, begin: EditChoices) -> Background:
    first = next(word for word, background in WORDS.items() if background == begin.background)
    word = st.segmented_control(
        "Background",
        list(WORDS),
        default=first,
        required=True,
        key=f"{key}_background",
        persist_state="session",
        disabled=not can_start,
    )
    return WORDS[word or first]


def _words(key: str, can_start: bool, begin: EditChoices) -> str:
    words = st.text_input(
        "What should be behind",
        value=begin.background_prompt,
        key=f"{key}_behind",
        persist_state="session",
        max_chars=MAX_WORDS,
        placeholder="a sunny beach with soft shadows",
        disabled=not can_start,
    )
    return words or ""
