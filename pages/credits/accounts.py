"""The accounts: their credits and whether they add up; an admin grants, changes and adds."""

import secrets
from collections.abc import Mapping

import streamlit as st

from pages.kit.backend import credit_totals, services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.forms import change_row
from pages.kit.frame import action
from pages.kit.sidebar import chosen_account
from pages.kit.widgets import badge
from pages.kit.wording import TIER_WORDS, Badge, escaped
from services.core.actors import Actor
from services.core.humanize import credits_of
from services.core.states import Role, Tier
from services.credits.accounts import AccountTerms, AccountView
from services.credits.ledger_reader import AccountTotals

CHOSEN = "credits_account"
COLUMNS = (
    Column("Account", is_wide=True),
    Column("Tier"),
    Column("Balance", is_number=True),
    Column("Left today", is_number=True),
    Column("Used", is_number=True),
    Column("Held", is_number=True),
    Column("Refunded", is_number=True),
    Column("Ledger"),
)
ADDS_UP = Badge("Adds up", "green", "check")
UNEVEN = Badge("Does not add up", "red", "error")


def draw_accounts(actor: Actor, accounts: list[AccountView]) -> AccountView:
    """Draw the accounts and an admin's buttons; return the selected account."""
    chosen = _chosen(accounts)
    with action("read_totals", is_page=True):
        totals = credit_totals(actor)
    clicked = table(
        COLUMNS,
        [_row(account, totals) for account in accounts],
        key="accounts",
        marked=accounts.index(chosen),
    )
    if clicked and clicked != chosen.id:
        st.session_state[CHOSEN] = clicked
        st.rerun()
    _explain(totals.get(chosen.id))
    if actor.role is Role.ADMIN:
        _buttons(actor, chosen)
    return chosen


def _chosen(accounts: list[AccountView]) -> AccountView:
    chosen_id = st.session_state.get(CHOSEN)
    for account in accounts:
        if account.id == chosen_id:
            return account
    return chosen_account(accounts) or accounts[0]


def _row(account: AccountView, totals: Mapping[str, AccountTotals]) -> Cells:
    sums = totals.get(account.id)
    return [
        [elements.button(account.name, account.id)],
        [elements.text(TIER_WORDS[account.tier])],
        [elements.text(f"{account.balance:,}", "strong")],
        _quota(account),
        *([elements.text(f"{number:,}")] for number in _used(sums)),
        [badge(ADDS_UP if sums.adds_up else UNEVEN)] if sums else [],
    ]


def _quota(account: AccountView) -> list[elements.Element]:
    if account.quota_left is None:
        return []
    return [elements.text(f"{account.quota_left:,} of {account.daily_quota:,}", "strong")]


def _used(sums: AccountTotals | None) -> tuple[int, int, int]:
    return (sums.consumed, sums.held, sums.refunded) if sums else (0, 0, 0)


def _explain(sums: AccountTotals | None) -> None:
    if sums is None:
        return
    equation = (
        f"{sums.charged:,} charged = {sums.consumed:,} used + {sums.refunded:,} refunded"
        f" + {sums.held:,} held for open pictures"
    )
    if sums.adds_up:
        st.caption(equation)
    else:
        st.error(
            f"This account's credits do not add up: {equation.replace(' = ', ', but ')}."
            " Nothing is corrected automatically: contact your administrator.",
            icon=":material/error:",
        )


def _buttons(actor: Actor, chosen: AccountView) -> None:
    with st.container(horizontal=True, key="account_actions"):
        if st.button("Grant credits", icon=":material/add_card:", key="open_grant"):
            grant(chosen)
        if st.button("Change account", icon=":material/tune:", key="open_change"):
            change_account(actor, chosen)
        if st.button("New account", icon=":material/add:", key="open_new"):
            new_account(actor)


GRANT_KEY = "grant_key"


@st.dialog("Grant credits", icon=":material/add_card:")
def grant(account: AccountView) -> None:
    """Grant credits, or take them back."""
    st.caption(f"{escaped(account.name)} holds {credits_of(account.balance)}.")
    st.number_input("Credits", value=1000, step=100, key="grant_amount")
    st.caption("A negative number takes credits back.")
    # One key until the grant is stored: a second click finds the first entry and moves nothing.
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
    st.caption(f"{escaped(account.name)}. The price of running work does not change.")
    _terms(actor, account.id, account)

    def save(admin: Actor, reason: str) -> str:
        services().accounts.change(admin, account.id, _terms_of(account.id), reason)
        return "Account changed."

    change_row("change_account", "Save", save)


@st.dialog("New account", icon=":material/add:")
def new_account(actor: Actor) -> None:
    """Create an account without credits."""
    st.text_input("Name", key="account_name", max_chars=80)
    _terms(actor, "new", AccountView("", "", Tier.PRO.value, 0, daily_quota=200))

    def save(admin: Actor, reason: str) -> str:
        name = str(st.session_state["account_name"])
        services().accounts.create(admin, name, _terms_of("new"), reason)
        return "Account created. Grant it credits next."

    change_row("new_account", "Create account", save)


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
    st.caption("Unlimited accounts use a daily quota of pictures instead of credits.")
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
