"""Grants: idempotent, audited, never below zero; the ledger page by page and as a file."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.core.errors import (
    CorrectionTooLargeError,
    GrantConflictError,
    InvalidRequestError,
    NotFoundError,
)
from services.core.states import EntryKind, Tier
from services.credits.accounts import AccountTerms
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.credits.conftest import ADMIN, VIEWER, Billing

ACCOUNT = DEFAULT_ACCOUNT_ID


def test_a_grant_moves_the_balance_once_and_is_audited(billing: Billing) -> None:
    first = billing.accounts.grant(ADMIN, ACCOUNT, 500, " Invoice 4711 ", "key")
    repeated = billing.accounts.grant(ADMIN, ACCOUNT, 500, "Invoice 4711", "key")
    assert repeated == first
    assert (first.kind, first.amount, first.by) == (EntryKind.GRANT, 500, "Local operator")
    assert billing.balance(ACCOUNT) == 10_500
    (row,) = billing.audited()
    assert (row.action, row.subject_id, row.reason) == ("account.grant", ACCOUNT, "Invoice 4711")
    assert row.before == {"balance": 10_000}
    assert row.after == {"balance": 10_500, "amount": 500, "entry_id": first.id}


def test_a_key_used_for_other_credits_is_an_error(billing: Billing) -> None:
    other = billing.accounts.create(ADMIN, "Other", AccountTerms(Tier.FREE), "why")
    billing.accounts.grant(ADMIN, ACCOUNT, 500, "why", "key")
    for account, amount, reason in (
        (ACCOUNT, 501, "why"),
        (ACCOUNT, 500, "because"),
        (other, 500, "why"),
    ):
        with pytest.raises(GrantConflictError):
            billing.accounts.grant(ADMIN, account, amount, reason, "key")
    assert (billing.balance(ACCOUNT), billing.balance(other)) == (10_500, 0)


def test_a_correction_takes_back_what_there_is_and_no_more(billing: Billing) -> None:
    with pytest.raises(CorrectionTooLargeError, match="holds 10000 credits") as caught:
        billing.accounts.grant(ADMIN, ACCOUNT, -10_001, "why", "one")
    assert "Nothing was changed" in caught.value.sentence
    billing.accounts.grant(ADMIN, ACCOUNT, -10_000, "Granted twice", "two")
    assert billing.balance(ACCOUNT) == 0
    assert len(billing.audited()) == 1


def test_eight_at_once_under_one_key_grant_once(billing: Billing) -> None:
    def grant(_: int) -> str:
        return billing.accounts.grant(ADMIN, ACCOUNT, 7, "why", "key").id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(grant, range(8)))) == 1
    assert billing.balance(ACCOUNT) == 10_007


@pytest.mark.parametrize("amount", [0, 10**10, -(10**10)])
def test_an_amount_that_is_none_is_refused(billing: Billing, amount: int) -> None:
    with pytest.raises(InvalidRequestError, match="number of credits"):
        billing.accounts.grant(ADMIN, ACCOUNT, amount, "why", "key")


def test_a_grant_needs_an_account_a_reason_and_a_key(billing: Billing) -> None:
    with pytest.raises(NotFoundError):
        billing.accounts.grant(ADMIN, "acc_nobody", 5, "why", "key")
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        billing.accounts.grant(ADMIN, ACCOUNT, 5, " ", "key")
    with pytest.raises(InvalidRequestError, match="Reload"):
        billing.accounts.grant(ADMIN, ACCOUNT, 5, "why", "")


def test_the_ledger_is_read_page_by_page_newest_first(billing: Billing) -> None:
    made = [billing.accounts.grant(ADMIN, ACCOUNT, n, "why", f"key-{n}").id for n in range(1, 8)]
    seen, cursor = [], None
    while True:
        page = billing.ledger.page(VIEWER, ACCOUNT, before=cursor, limit=3)
        seen += [entry.id for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen[:-1] == list(reversed(made))
    assert len(set(seen)) == len(seen) == 8
    none = billing.ledger.page(VIEWER, ACCOUNT, kind=EntryKind.REFUND)
    assert (none.items, none.next_cursor) == ((), None)


def test_the_file_holds_every_entry_and_runs_nothing(billing: Billing) -> None:
    billing.accounts.grant(ADMIN, ACCOUNT, -40, '=HYPERLINK("https://evil.example")', "key")
    text = billing.ledger.csv(VIEWER, ACCOUNT)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["amount"] for row in rows] == ["-40", "10000"]
    assert rows[0]["reason"].startswith("'=HYPERLINK")
    assert billing.ledger.csv(VIEWER, ACCOUNT, EntryKind.CHARGE).count("\n") == 1
