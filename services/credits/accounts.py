"""Accounts as pages see them."""

from dataclasses import dataclass

from sqlalchemy import select

from services.actors import Actor, require
from services.database.engine import Database
from services.database.models import Account
from services.statuses import Role


@dataclass(frozen=True)
class AccountView:
    """An account as pages see it; `balance` in credits."""

    id: str
    name: str
    tier: str
    balance: int


class Credits:
    """What a page may ask about money."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self, actor: Actor) -> list[AccountView]:
        """Every account, by name."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(select(Account).order_by(Account.name))
            return [AccountView(row.id, row.name, row.tier.value, row.balance) for row in rows]
