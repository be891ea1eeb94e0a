"""The unlimited tier's quota: by the account's own day, and given back for what did not arrive."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import QuotaReachedError
from services.core.states import EntryKind, Kind, SlotRole, SlotState, Tier
from services.credits.accounts import AccountTerms, AccountView
from services.credits.ledger import charge, lock_account, quota_left, refund_slot, today_of
from services.database.models import Account, LedgerEntry, QuotaDay, Slot, new_id
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.credits.conftest import ADMIN, VIEWER, Billing
from tests.integration.database.rows import add_generation

ACCOUNT = DEFAULT_ACCOUNT_ID
EAST, WEST = "Etc/GMT-14", "Etc/GMT+12"
"""26 hours apart: whatever the hour, their dates differ."""


@pytest.fixture
def unlimited(billing: Billing) -> Billing:
    """The account pays with ten slots a day, counted far in the east."""
    billing.accounts.change(ADMIN, ACCOUNT, AccountTerms(Tier.UNLIMITED, EAST, 10), "why")
    return billing


def start(session: Session, slots: int) -> list[Slot]:
    """Charge a batch of so many slots to the quota."""
    made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)] * slots)
    entry = charge(session, lock_account(session, ACCOUNT), 0, slots, made.generation.id, ADMIN)
    for slot in made.slots:
        slot.charge_id, slot.price_credits = entry.id, 0
    session.flush()
    return made.slots


def view(billing: Billing) -> AccountView:
    return next(a for a in billing.accounts.all(VIEWER) if a.id == ACCOUNT)


def test_a_start_uses_the_quota_and_no_more_than_it(unlimited: Billing) -> None:
    with unlimited.database.transaction() as session:
        start(session, 7)
    assert view(unlimited).quota_left == 3
    with (
        pytest.raises(QuotaReachedError, match="has 3 left"),
        unlimited.database.transaction() as session,
    ):
        start(session, 4)
    assert view(unlimited).quota_left == 3


def test_what_did_not_arrive_comes_back_once(unlimited: Billing) -> None:
    with unlimited.database.transaction() as session:
        slots = start(session, 4)
        assert refund_slot(session, slots[0], "empty") == 0
    assert view(unlimited).quota_left == 7
    page = unlimited.ledger.page(VIEWER, ACCOUNT, kind=EntryKind.REFUND)
    assert [(entry.amount, entry.quota_slots) for entry in page.items] == [(0, -1)]


def test_a_day_begins_at_the_accounts_own_midnight(unlimited: Billing) -> None:
    with unlimited.database.transaction() as session:
        start(session, 10)
    assert view(unlimited).quota_left == 0
    unlimited.accounts.change(ADMIN, ACCOUNT, AccountTerms(Tier.UNLIMITED, WEST, 10), "Moved")
    assert view(unlimited).quota_left == 10
    with unlimited.database.transaction() as session:
        assert today_of(session, EAST) != today_of(session, WEST)
        assert quota_left(session, session.get_one(Account, ACCOUNT)) == 10


def test_a_refund_goes_back_to_the_day_that_paid(unlimited: Billing) -> None:
    with unlimited.database.transaction() as session:
        yesterday = today_of(session, EAST) - timedelta(days=1)
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
        entry = _charged_on(made.generation.id, yesterday)
        session.add(entry)
        session.flush()
        made.slots[0].charge_id, made.slots[0].price_credits = entry.id, 0
        refund_slot(session, made.slots[0], "empty")
        used = dict(session.execute(select(QuotaDay.day, QuotaDay.used)).all())
        assert used == {yesterday: 9}
    assert view(unlimited).quota_left == 10


def test_other_tiers_have_no_quota(billing: Billing) -> None:
    assert view(billing).quota_left is None
    with billing.database.transaction() as session:
        start(session, 3)
        assert session.scalar(select(func.count()).select_from(QuotaDay)) == 0


def _charged_on(generation_id: str, day: date) -> LedgerEntry:
    return LedgerEntry(
        id=new_id("led"),
        account_id=ACCOUNT,
        kind=EntryKind.CHARGE,
        amount=0,
        idempotency_key=f"charge:{generation_id}",
        generation_id=generation_id,
        quota_day=day,
        quota_slots=10,
        actor="test",
        reason="test",
    )
