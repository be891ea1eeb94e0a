"""Choosing the model that draws the poses, with how long it takes and why another cannot."""

from collections.abc import Sequence

import streamlit as st

from pages.kit.wording import escaped
from services.core.humanize import duration
from services.recipes.poses.recipe import DEFAULT, PoseModelChoice

CHOSEN = "pose_model"


def choose_model(
    choices: Sequence[PoseModelChoice], *, has_mascot: bool, can_start: bool
) -> PoseModelChoice | None:
    """Draw the models that can be used now; None without a mascot where each of them needs one."""
    usable = [
        choice
        for choice in choices
        if choice.is_available and (has_mascot or not choice.needs_mascot)
    ]
    if not usable:
        return next((choice for choice in choices if has_mascot and choice.id == DEFAULT), None)
    known = {choice.id: choice for choice in usable}
    if st.session_state.get(CHOSEN) not in known:
        st.session_state.pop(CHOSEN, None)
    chosen = st.selectbox(
        "Model",
        list(known),
        format_func=lambda choice_id: known[choice_id].label if choice_id in known else choice_id,
        key=CHOSEN,
        persist_state="session",
        help=_missing(choices),
        disabled=not can_start,
    )
    picked = known.get(chosen or "", usable[0])
    st.caption(f"{picked.provider} · about {duration(picked.typical_seconds)} a picture")
    return picked


def _missing(choices: Sequence[PoseModelChoice]) -> str | None:
    """Why models are not in the list."""
    told = [
        f"{escaped(choice.label)}: {escaped(choice.problem)}"
        for choice in choices
        if not choice.is_available
    ]
    return "  \n".join(["Not offered now:", *told]) if told else None
