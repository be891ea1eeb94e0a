"""The field that shows and changes the tags of one reference or of several at once."""

from collections.abc import Sequence

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action, require_role
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.states import Role
from services.references.summaries import ReferenceSummary


def tag_field(
    actor: Actor, account_id: str, cards: Sequence[ReferenceSummary], *, key: str
) -> None:
    """The tags that all of them have; what is added or taken away counts for all, at once."""
    everywhere = set.intersection(*(set(card.tags) for card in cards)) if cards else set()
    somewhere = {tag for card in cards for tag in card.tags} - everywhere
    with action("read_tags"):
        known = [found.tag for found in services().references.tags(actor, account_id)]
    if key not in st.session_state:
        st.session_state[key] = sorted(everywhere)
    st.multiselect(
        "Tags",
        sorted({*known, *everywhere, *st.session_state[key]}),
        accept_new_options=True,
        max_selections=20,
        placeholder="Choose a tag or type a new one",
        key=key,
        on_change=_save,
        args=([card.id for card in cards], sorted(everywhere), key),
    )
    if somewhere:
        st.caption(f"Some of them also have: {escaped(', '.join(sorted(somewhere)))}")


def _save(reference_ids: list[str], before: list[str], key: str) -> None:
    with action("change_tags"):
        actor = require_role(Role.OPERATOR)
        # Read anew in this run: a tag is kept in lower case.
        wanted = st.session_state.pop(key, None) or []
        services().references.change_tags(
            actor,
            reference_ids,
            add=[tag for tag in wanted if tag not in before],
            remove=[tag for tag in before if tag not in wanted],
        )
