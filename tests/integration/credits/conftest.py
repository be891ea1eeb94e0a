"""The service of money on a fresh database, and those who use it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.states import Role
from services.credits.service import Credits
from services.database.engine import Database
from services.database.models import Audit
from services.database.seed import LOCAL_PERSON_ID
from services.providers.durations import DurationEstimator

ADMIN = Actor(LOCAL_PERSON_ID, "Local operator", Role.ADMIN)
OPERATOR = Actor("per_operator", "Olga", Role.OPERATOR)
VIEWER = Actor("per_viewer", "Vera", Role.VIEWER)


@dataclass
class Till:
    """The service with its database."""

    credits: Credits
    database: Database

    def audited(self) -> list[Audit]:
        """Every row of the audit trail, oldest first."""
        with self.database.transaction() as session:
            return list(session.scalars(select(Audit).order_by(Audit.id)))

    def balance(self, account_id: str) -> int:
        """What the account holds."""
        return next(a.balance for a in self.credits.accounts(VIEWER) if a.id == account_id)


@pytest.fixture
def till(database: Database) -> Till:
    """One account with 10,000 credits and no budget."""
    return Till(Credits(database, DurationEstimator()), database)
