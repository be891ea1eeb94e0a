"""The services of credits on a fresh database, and who uses them."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.states import Role
from services.credits.accounts import Accounts
from services.credits.budget import BudgetService
from services.credits.ledger_reader import LedgerReader
from services.credits.prices import Prices
from services.credits.spending import Spending
from services.database.engine import Database
from services.database.models import Audit
from services.database.seed import LOCAL_PERSON_ID
from services.providers.durations import DurationEstimator

ADMIN = Actor(LOCAL_PERSON_ID, "Local operator", Role.ADMIN)
OPERATOR = Actor("per_operator", "Olga", Role.OPERATOR)
VIEWER = Actor("per_viewer", "Vera", Role.VIEWER)


@dataclass
class Billing:
    """The services with their database."""

    database: Database

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.database)
        self.ledger = LedgerReader(self.database)
        self.prices = Prices(self.database, DurationEstimator())
        self.budget = BudgetService(self.database)
        self.spending = Spending(self.database)

    def audited(self) -> list[Audit]:
        """Return every row of the audit trail, oldest first."""
        with self.database.transaction() as session:
            return list(session.scalars(select(Audit).order_by(Audit.id)))

    def balance(self, account_id: str) -> int:
        """Return the account's credits."""
        return next(a.balance for a in self.accounts.all(VIEWER) if a.id == account_id)


@pytest.fixture
def billing(database: Database) -> Billing:
    """One account with 10,000 credits and no budget."""
    return Billing(database)
