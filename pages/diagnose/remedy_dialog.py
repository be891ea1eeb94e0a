"""A remedy's dialog: what it would do now, why it is ordered, and what became of it."""

import json
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.wording import escaped
from services.core.humanize import about_dollars, credits_of
from services.core.states import Role
from services.remedies.base import DryRun, RemedyOffer
from services.remedies.registry import REMEDIES

_ASKED, _OPEN, _DONE = "remedy_asked", "remedy_open", "remedy_done"
_SHOWN, _REASON, _ARGUMENT, _MESSAGE = (
    "remedy_shown",
    "remedy_reason",
    "remedy_argument",
    "remedy_told",
)
NO_REASON = "Give a reason: it is stored with what is done."
NOT_SHOWN = "What was named has changed. Look at what would be done now, then order it."


def ask(offer: RemedyOffer) -> None:
    """Remember the remedy that was clicked; its dialog opens with the next run."""
    st.session_state[_ASKED] = (offer.remedy_id, offer.subject_id, offer.argument)
    st.rerun()


def name_of(offer: RemedyOffer) -> str:
    """An offer as the word that a component's button answers with."""
    return json.dumps([offer.remedy_id, offer.subject_id, offer.argument])


def offer_of(name: str) -> RemedyOffer:
    """The offer that a button answered with; the service checks it like any other."""
    kind, subject_id, argument = json.loads(name)
    return RemedyOffer(kind, subject_id, argument)


def answer() -> None:
    """Open the dialog that was asked for; call outside of fragments."""
    asked = st.session_state.pop(_ASKED, None)
    st.session_state[_OPEN] = False
    if asked is None:
        return
    kind, subject_id, argument = asked
    offer = RemedyOffer(kind, subject_id, argument)
    st.session_state.pop(_SHOWN, None)
    words = REMEDIES[offer.remedy_id]
    open_dialog(words.label, words.icon, lambda: _draw(offer))


def open_dialog(title: str, icon: str, draw: Callable[[], None]) -> None:
    """Open it, and remember that it is open until it is closed."""
    st.session_state[_OPEN] = True
    st.dialog(title, icon=f":material/{icon}:", on_dismiss=closed)(draw)()


def is_dialog_open() -> bool:
    """True while a person decides: nothing may run the whole page again, which would close it."""
    return bool(st.session_state.get(_OPEN))


def _draw(offer: RemedyOffer) -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun()
    words = REMEDIES[offer.remedy_id]
    st.caption(words.consequence)
    if words.argument and not offer.argument:
        st.text_input(words.argument, key=_ARGUMENT, max_chars=500)
    named = _named(offer)
    dry_run = _shown(named) if named else None
    if dry_run:
        _tell(dry_run)
    is_allowed = refuse_other_roles(offer.remedy_id)
    reason_field(_REASON)
    draw_message(_MESSAGE)
    with st.container(horizontal=True):
        st.button(
            words.label,
            type="primary",
            key="remedy_go",
            disabled=not is_allowed or dry_run is None or dry_run.problem is not None,
            on_click=_apply,
            args=(offer,),
        )
        st.button("Not now", key="remedy_keep", on_click=_finish)


def reason_field(key: str) -> None:
    """The field that every order needs."""
    st.text_input(
        "Reason",
        key=key,
        max_chars=200,
        placeholder="What you found out, or the ticket; it is kept",
    )


def refuse_other_roles(kind: str) -> bool:
    """Whether the person may order it; if not, who may is said."""
    needed = REMEDIES[kind].role
    if require_role(Role.OPERATOR).role in (needed, Role.ADMIN):
        return True
    st.info("An admin has to order this. Send one this page's address.", icon=":material/lock:")
    return False


def _named(offer: RemedyOffer) -> RemedyOffer | None:
    """The offer with what a person has to name; None while that is missing."""
    if offer.argument or not REMEDIES[offer.remedy_id].argument:
        return offer
    named = str(st.session_state.get(_ARGUMENT) or "").strip()
    return replace(offer, argument=named) if named else None


def _shown(offer: RemedyOffer) -> DryRun | None:
    """The dry-run that the person has seen: what they order is bound to it."""
    shown: DryRun | None = st.session_state.get(_SHOWN)
    if shown is None or shown.offer != offer:
        shown = None
        with action("dry_run_remedy"):
            shown = services().remedies.dry_run(require_role(Role.OPERATOR), offer)
        st.session_state[_SHOWN] = shown
    return shown


def _tell(dry_run: DryRun) -> None:
    if dry_run.problem:
        st.error(escaped(dry_run.problem), icon=":material/block:")
        return
    st.write(escaped(dry_run.sentence))
    if moved := moved_words(dry_run.credits, dry_run.cost_usd):
        st.markdown(moved)


def moved_words(credits: int, cost_usd: float) -> str:
    """`**30 credits** back to the customer`, as markdown; empty when nothing moves."""
    told = []
    if credits:
        way = "back to the customer" if credits > 0 else "charged to the customer"
        told.append(f"**{credits_of(abs(credits))}** {way}")
    if cost_usd:
        told.append(f"{about_dollars(cost_usd)} at the provider")
    return " · ".join(told).replace("$", r"\$")


def _apply(offer: RemedyOffer) -> None:
    named, shown = _named(offer), st.session_state.get(_SHOWN)
    reason = str(st.session_state.get(_REASON) or "").strip()
    if not reason or named is None or shown is None or shown.offer != named:
        st.session_state[_MESSAGE] = NO_REASON if not reason else NOT_SHOWN
        return
    with action("apply_remedy", message_key=_MESSAGE):
        actor = require_role(Role.OPERATOR)
        # Whatever comes of it, the next thing to decide on is the state as it is then.
        st.session_state.pop(_SHOWN)
        outcome = services().remedies.apply(actor, named, reason, shown.expected)
        flash(escaped(outcome.sentence))
        _finish()


def _finish() -> None:
    closed()
    clear_cached_reads()
    st.session_state[_DONE] = True


def closed() -> None:
    """Forget the dialog and what it showed."""
    for name in (_OPEN, _SHOWN):
        st.session_state.pop(name, None)
