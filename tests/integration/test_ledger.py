"""The database itself holds the ledger: once, never rewritten, never below zero."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.core.actors import Actor
from services.core.errors import InsufficientCreditsError
from services.core.states import (
    EntryKind,
    GenerationState,
    Kind,
    Role,
    SlotRole,
    SlotState,
)
from services.credits.ledger import charge, lock_account
from services.database.engine import Database
from services.database.models import (
    Account,
    Event,
    Generation,
    LedgerEntry,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID

ACTOR = Actor(LOCAL_PERSON_ID, "Local operator", Role.ADMIN)
PRICE = 30


def new_generation() -> Generation:
    generation_id = new_id("gen")
    return Generation(
        id=generation_id,
        kind=Kind.POSES,
        account_id=DEFAULT_ACCOUNT_ID,
        person_id=LOCAL_PERSON_ID,
        title="A pose",
        request={},
        fingerprint="f",
        idempotency_key=generation_id,
        priority=0,
        state=GenerationState.QUEUED,
        price_credits=PRICE,
        estimated_cost_usd=0.0,
    )


def charge_once(database: Database, amount: int) -> str | None:
    """Charge one new generation; its id, or None when the balance does not reach."""
    generation = new_generation()
    try:
        with database.transaction() as session:
            session.add(generation)
            session.flush()
            account = lock_account(session, DEFAULT_ACCOUNT_ID)
            charge(session, account, amount, 1, generation.id, ACTOR)
    except InsufficientCreditsError:
        return None
    return generation.id


@pytest.fixture
def slot(database: Database) -> Iterator[Slot]:
    """A pending slot that was charged for."""
    generation_id = charge_once(database, PRICE)
    assert generation_id
    with database.transaction() as session:
        charge_id = session.scalars(
            select(LedgerEntry.id).where(LedgerEntry.generation_id == generation_id)
        ).one()
        row = Slot(
            id=new_id("slot"),
            generation_id=generation_id,
            account_id=DEFAULT_ACCOUNT_ID,
            kind=Kind.POSES,
            position=0,
            role=SlotRole.POSE,
            run_group=0,
            provider="replicate",
            model="fofr/consistent-character",
            prompt="waving",
            seed=1,
            input_asset_ids=[],
            price_credits=PRICE,
            charge_id=charge_id,
            state=SlotState.PENDING,
        )
        session.add(row)
        session.add(Event(generation_id=generation_id, name="test", actor="test", detail={}))
    yield row


def refund(slot: Slot, key: str) -> LedgerEntry:
    return LedgerEntry(
        id=new_id("led"),
        account_id=slot.account_id,
        kind=EntryKind.REFUND,
        amount=slot.price_credits,
        idempotency_key=key,
        generation_id=slot.generation_id,
        slot_id=slot.id,
        charge_id=slot.charge_id,
        actor="system",
        reason="test",
    )


def balance(database: Database) -> int:
    with database.transaction() as session:
        return session.get_one(Account, DEFAULT_ACCOUNT_ID).balance


def assert_balance_is_the_sum(database: Database) -> None:
    with database.transaction() as session:
        total = session.scalars(
            select(func.sum(LedgerEntry.amount)).where(LedgerEntry.account_id == DEFAULT_ACCOUNT_ID)
        ).one()
        assert session.get_one(Account, DEFAULT_ACCOUNT_ID).balance == total >= 0


def refused(database: Database, statement: str) -> str:
    """What the database says to a statement that it must not take."""
    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        session.execute(text(statement))
    return str(caught.value.orig)


def test_a_second_refund_of_a_slot_is_refused_even_under_another_key(
    database: Database, slot: Slot
) -> None:
    with database.transaction() as session:
        session.add(refund(slot, "one"))
    after = balance(database)
    with pytest.raises(IntegrityError, match="refund_once"), database.transaction() as session:
        session.add(refund(slot, "two"))
    assert balance(database) == after
    assert_balance_is_the_sum(database)


@pytest.mark.parametrize("table", ["ledger_entries", "events", "audit"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE app.{} SET actor = 'x'", "DELETE FROM app.{}", "TRUNCATE app.{} CASCADE"],
)
def test_what_happened_is_never_rewritten(
    database: Database, slot: Slot, table: str, statement: str
) -> None:
    before = balance(database)
    assert "append-only" in refused(database, statement.format(table))
    assert balance(database) == before


def test_a_balance_cannot_be_set_without_an_entry(database: Database) -> None:
    before = balance(database)
    said = refused(database, "UPDATE app.accounts SET balance = balance + 1")
    assert "ledger entries alone" in said
    assert balance(database) == before


def test_an_entry_that_would_overdraw_the_account_is_refused(database: Database) -> None:
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=DEFAULT_ACCOUNT_ID,
        kind=EntryKind.GRANT,
        amount=-balance(database) - 1,
        idempotency_key="overdraw",
        actor="test",
        reason="test",
    )
    with pytest.raises(IntegrityError, match="not_negative"), database.transaction() as session:
        session.add(entry)
    assert_balance_is_the_sum(database)


def test_sixteen_threads_that_charge_at_once_spend_what_there_is_and_no_more(
    database_url: str,
) -> None:
    database = Database(database_url, pool_size=16)
    affordable = balance(database) // PRICE
    with ThreadPoolExecutor(16) as threads:
        charged = list(threads.map(lambda _: charge_once(database, PRICE), range(16 * 50)))
    assert sum(one is not None for one in charged) == affordable < len(charged)
    assert_balance_is_the_sum(database)
    database.close()
