"""The accounts: what each holds and whether it adds up; grants, terms and new ones for an admin."""

from collections.abc import Mapping

import streamlit as st

from pages.credits.dialogs import change_account, grant, new_account
from pages.kit.backend import credit_totals
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.frame import action
from pages.kit.sidebar import current_account
from pages.kit.widgets import badge
from pages.kit.wording import TIER_WORDS, Badge
from services.core.actors import Actor
from services.core.states import Role
from services.credits.accounts import AccountView
from services.credits.ledger_reader import AccountTotals

CHOSEN = "credits_account"
COLUMNS = (
    Column("Account", is_wide=True),
    Column("Tier"),
    Column("Balance", is_number=True),
    Column("Left today", is_number=True),
    Column("Used", is_number=True),
    Column("Held", is_number=True),
    Column("Given back", is_number=True),
    Column("Ledger"),
)
ADDS_UP = Badge("Adds up", "green", "check")
UNEVEN = Badge("Does not add up", "red", "error")


def draw_accounts(actor: Actor, accounts: list[AccountView]) -> AccountView:
    """Draw the accounts and what an admin may do; returns the chosen one."""
    chosen = _chosen(actor, accounts)
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


def _chosen(actor: Actor, accounts: list[AccountView]) -> AccountView:
    wanted = st.session_state.get(CHOSEN)
    current = current_account(actor)
    for account in accounts:
        if account.id == wanted:
            return account
    return next((account for account in accounts if account.id == current.id), accounts[0])


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
        f"{sums.charged:,} charged = {sums.consumed:,} used + {sums.refunded:,} given back"
        f" + {sums.held:,} held for what is still being made"
    )
    if sums.adds_up:
        st.caption(equation)
    else:
        st.error(
            f"This account's credits do not add up: {equation.replace(' = ', ', but ')}."
            " Nothing moves by itself; show it to whoever runs this desk.",
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
