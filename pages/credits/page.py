"""Credits: accounts and their ledgers, what the providers cost, the prices and the budget."""

import streamlit as st

from pages.credits.accounts import draw_accounts
from pages.credits.ledger import draw_ledger
from pages.credits.prices import draw_prices
from pages.credits.spend import draw_spend, draw_what_if
from pages.kit.backend import services
from pages.kit.fields import segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, page_title
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.states import Role

ACCOUNTS, SPEND, PRICES = "Accounts", "Spend", "Prices"


def _accounts(actor: Actor) -> None:
    with action("read_accounts", is_page=True):
        accounts = services().accounts.all(actor)
    if not accounts:
        empty_state("No accounts yet", "Ask an admin to create one.", icon="account_balance_wallet")
        return
    chosen = draw_accounts(actor, accounts)
    st.subheader(f"Ledger of {escaped(chosen.name)}", anchor=False)
    draw_ledger(actor, chosen)


person = require_role(Role.VIEWER)
page_title("Credits")
view = segments("View", [ACCOUNTS, SPEND, PRICES], "view")
if view == SPEND:
    draw_spend(person)
    draw_what_if(person)
elif view == PRICES:
    draw_prices(person)
else:
    _accounts(person)
