"""The dialog that lists an account's consents, and withdraws one with all that was made from it."""

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, flash, require_role
from services.core.humanize import count_of
from services.core.states import Role
from services.recipes.simulations.consents import ConsentView


@st.dialog("Consents", icon=":material/handshake:", width="medium")
def list_consents(account_id: str) -> None:
    """Every consent of the account, newest first, and the way to withdraw one."""
    with action("read_consents"):
        actor = require_role(Role.OPERATOR)
        consents = services().consents.of_account(actor, account_id)
        if not consents:
            st.caption("No consent was recorded yet. The first start records one.")
            return
        with st.container(height=240 if len(consents) > 4 else "content", border=False):
            facts([("", _line(consent)) for consent in consents], key="consent_list")
        _withdrawal([consent for consent in consents if consent.withdrawn_at is None])


def _line(consent: ConsentView) -> list[elements.Element]:
    line = [
        elements.text(consent.filename, "strong"),
        elements.text(f"recorded by {consent.given_by}"),
        elements.time(consent.given_at),
        elements.text(f"wording {consent.wording_version}"),
    ]
    if consent.withdrawn_at:
        return [
            *line,
            elements.badge("Withdrawn", "struck", "block"),
            elements.time(consent.withdrawn_at),
        ]
    return [*line, elements.text(count_of(consent.pictures, "picture"))]


def _withdrawal(consents: list[ConsentView]) -> None:
    newest: dict[str, ConsentView] = {}
    for consent in consents:
        newest.setdefault(consent.asset_id, consent)
    if not newest:
        return
    asset_id = st.selectbox(
        "Withdraw the consent for",
        list(newest),
        index=None,
        format_func=lambda chosen: newest[chosen].filename if chosen in newest else chosen,
        placeholder="Choose a photograph",
        key="consent_chosen",
    )
    if asset_id not in newest:
        return
    st.markdown(
        "Every simulation of this photograph, and all that was made from them, is erased for good."
        " The photograph stays under References: erase it there."
    )
    reason = st.text_input("Reason", key="consent_reason", placeholder="Why; kept with who did it")
    # Not in a callback: what it says would stand behind the dialog.
    if st.button("Withdraw and erase", type="primary", key="consent_withdraw"):
        _withdraw(newest[asset_id].id, reason or "")


def _withdraw(consent_id: str, reason: str) -> None:
    with action("withdraw_consent"):
        actor = require_role(Role.OPERATOR)
        erased = services().consents.withdraw(actor, consent_id, reason)
        clear_cached_reads()
        told = f"Consent withdrawn; {count_of(erased, 'picture was', 'pictures were')} erased."
        flash(told, ":material/delete_forever:")
        st.rerun()
