"""The one service that pages ask about money."""

from services.credits.accounts import Accounts
from services.credits.grants import Grants
from services.credits.ledger_pages import LedgerPages
from services.credits.prices import Prices
from services.credits.spend import Spending
from services.credits.totals import Totals
from services.credits.what_if import WhatIfs


class Credits(Accounts, Grants, LedgerPages, Totals, Prices, Spending, WhatIfs):
    """Accounts, their ledgers, grants, prices, and what the providers cost."""
