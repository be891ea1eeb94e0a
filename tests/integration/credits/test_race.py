"""Sixteen processes charge one account at once: it is never overdrawn, and the sum is exact."""

from sqlalchemy import func, select

from services.core.states import EntryKind
from services.database.engine import Database
from services.database.models import Account, LedgerEntry
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.forks import forks
from tests.integration.test_ledger import charge_once

PROCESSES, CHARGES = 16, 200
PRICE = 7
"""10,000 credits pay for 1,428 of the 3,200 charges, and 4 credits are left."""


def charge_again_and_again(url: str) -> int:
    """One process's part; how many of its charges were paid."""
    database = Database(url, pool_size=1)
    paid = sum(charge_once(database, PRICE) is not None for _ in range(CHARGES))
    database.close()
    return paid


def test_sixteen_processes_spend_what_there_is_and_no_more(
    database_url: str, database: Database
) -> None:
    with forks().Pool(PROCESSES) as pool:
        paid = pool.map(charge_again_and_again, [database_url] * PROCESSES, chunksize=1)
    with database.transaction() as session:
        account = session.get_one(Account, DEFAULT_ACCOUNT_ID)
        charges = select(func.count()).where(LedgerEntry.kind == EntryKind.CHARGE)
        total = select(func.sum(LedgerEntry.amount))
        assert sum(paid) == session.scalar(charges) == 10_000 // PRICE
        assert account.balance == session.scalar(total) == 10_000 % PRICE
