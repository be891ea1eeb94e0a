"""The dialogs that move credits and set an account's terms."""

import secrets

import streamlit as st

from pages.kit.backend import services
from pages.kit.forms import change_row
from pages.kit.frame import action
from pages.kit.wording import TIER_WORDS, escaped
from services.core.actors import Actor
from services.core.humanize import credits_of
from services.core.states import Tier
from services.credits.accounts import AccountTerms, AccountView

GRANT_KEY = "grant_key"


@st.dialog("Grant credits", icon=":material/add_card:")
def grant(account: AccountView) -> None:
    """Give credits, or take them back."""
    st.caption(f"{escaped(account.name)} holds {credits_of(account.balance)}.")
    st.number_input("Credits", value=1000, step=100, key="grant_amount")
    st.caption("A number below zero takes credits back, to correct a mistake.")
    # One key until the grant is made: a second click finds the first entry and moves nothing.
    key = str(st.session_state.setdefault(GRANT_KEY, secrets.token_hex(16)))

    def save(actor: Actor, reason: str) -> str:
        amount = int(st.session_state["grant_amount"] or 0)
        entry = services().accounts.grant(actor, account.id, amount, reason, key)
        st.session_state.pop(GRANT_KEY, None)
        moved = credits_of(abs(entry.amount))
        return f"{moved} granted." if entry.amount > 0 else f"{moved} taken back."

    change_row("grant", "Save", save)


@st.dialog("Change account", icon=":material/tune:")
def change_account(actor: Actor, account: AccountView) -> None:
    """Set tier, time zone and daily quota."""
    st.caption(f"{escaped(account.name)}. What is already started keeps its price.")
    _terms(actor, account.id, account)

    def save(admin: Actor, reason: str) -> str:
        services().accounts.change(admin, account.id, _terms_of(account.id), reason)
        return "The account is changed."

    change_row("change_account", "Save", save)


@st.dialog("New account", icon=":material/add:")
def new_account(actor: Actor) -> None:
    """Make an account; it begins with nothing."""
    st.text_input("Name", key="account_name", max_chars=80)
    _terms(actor, "new", AccountView("", "", Tier.PRO.value, 0, daily_quota=200))

    def save(admin: Actor, reason: str) -> str:
        name = str(st.session_state["account_name"])
        services().accounts.create(admin, name, _terms_of("new"), reason)
        return "The account is made. Grant it credits to begin."

    change_row("new_account", "Make the account", save)


def _terms(actor: Actor, key: str, now: AccountView) -> None:
    tiers = [tier.value for tier in Tier]
    st.segmented_control(
        "Tier",
        tiers,
        default=now.tier,
        required=True,
        format_func=TIER_WORDS.__getitem__,
        key=f"{key}_tier",
    )
    st.caption("Unlimited accounts pay with a daily quota of pictures instead of credits.")
    with action("read_time_zones"):
        zones = services().accounts.time_zones(actor)
        known = sorted({*zones, now.time_zone})
        st.selectbox("Time zone", known, index=known.index(now.time_zone), key=f"{key}_zone")
    st.number_input(
        "Daily quota",
        min_value=0,
        value=now.daily_quota,
        step=50,
        key=f"{key}_quota",
        help="How many pictures an unlimited account may start in a day of its time zone.",
    )


def _terms_of(key: str) -> AccountTerms:
    tier = Tier(st.session_state[f"{key}_tier"])
    zone = str(st.session_state[f"{key}_zone"])
    return AccountTerms(tier, zone, int(st.session_state[f"{key}_quota"] or 0))
