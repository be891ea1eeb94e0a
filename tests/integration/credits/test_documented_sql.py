"""The statements of docs/money.md return, to the SQL reader, what the page shows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, update

from services.core.states import EntryKind, Kind, SlotRole, SlotState, Tier
from services.credits.accounts import AccountTerms
from services.credits.budget import BudgetLimits
from services.credits.spending import SpendRow
from services.database.engine import Database
from services.database.models import Attempt
from services.database.read_only.reader import run_readonly
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.credits.attempt_rows import add_attempt, add_person
from tests.integration.credits.conftest import ADMIN, VIEWER, Billing
from tests.integration.database.conftest import readable_url, server
from tests.integration.database.rows import add_entry, add_generation

__all__ = ["readable_url", "server"]

DOCUMENT = (Path(__file__).parents[3] / "docs" / "money.md").read_text()
STATEMENTS = dict(re.findall(r"```sql name=(\w+)\n(.*?)```", DOCUMENT, re.DOTALL))
POSES = "fofr/consistent-character"

Rows = list[tuple[str | None, ...]]


@pytest.fixture
def documented(billing: Billing, readable_url: str) -> Iterator["Documented"]:
    """A database with rows of every kind."""
    add_rows(billing.database)
    billing.accounts.create(
        ADMIN, "Riverside", AccountTerms(Tier.UNLIMITED, "Asia/Tokyo", 60), "New"
    )
    billing.accounts.grant(ADMIN, DEFAULT_ACCOUNT_ID, -25, "A correction", "key")
    billing.budget.change(ADMIN, BudgetLimits(20.0, 300.0), "Agreed")
    yield Documented(billing, readable_url)


class Documented:
    """The services, and the documented SQL."""

    def __init__(self, billing: Billing, url: str) -> None:
        self.accounts, self.ledger, self.prices = billing.accounts, billing.ledger, billing.prices
        self.budget, self.spending = billing.budget, billing.spending
        self._url = url

    def rows(self, name: str) -> Rows:
        """Return the rows of a statement of the document."""
        return run_readonly(self._url, STATEMENTS[name]).rows


def add_rows(database: Database) -> None:
    filled, failed, pending = SlotState.FILLED, SlotState.FAILED, SlotState.PENDING
    with database.transaction() as session:
        add_person(session, "per_olga", "Olga")
        made = add_generation(
            session, Kind.POSES, [(SlotRole.POSE, state) for state in (filled, failed, pending)]
        )
        add_entry(session, EntryKind.REFUND, 30, made.generation, made.slots[1])
        for days in (0, 1, 6, 12):
            ago = timedelta(days=days)
            add_attempt(session, estimated=0.5, actual=0.4 + days / 10, ago=ago)
            add_attempt(session, Kind.MASCOTS, estimated=0.25, model="gemini-x:v1", ago=ago)
            add_attempt(session, estimated=1.0, person_id="per_olga", ago=ago)
        session.execute(
            update(Attempt)
            .where(Attempt.model == POSES)
            .values(
                accepted_at=func.now() - timedelta(seconds=24),
                finished_at=func.now(),
            )
        )


def test_accounts(documented: Documented) -> None:
    shown = [
        (view.id, str(view.balance), view.tier, told_number(view.quota_left))
        for view in sorted(documented.accounts.all(VIEWER), key=lambda view: view.id)
    ]
    assert documented.rows("accounts") == shown and len(shown) == 2


def test_totals_and_that_they_add_up(documented: Documented) -> None:
    shown = [
        tuple(
            str(value)
            for value in (
                *(sums.account_id, sums.balance, sums.entries_sum, sums.granted, sums.charged),
                *(sums.refunded, sums.consumed, sums.held, sums.uneven),
            )
        )
        for _, sums in sorted(documented.ledger.totals(VIEWER).items())
    ]
    assert documented.rows("totals") == shown
    studio = documented.ledger.totals(VIEWER)[DEFAULT_ACCOUNT_ID]
    assert studio.adds_up
    assert (studio.charged, studio.consumed, studio.refunded) == (30 * 15, 30, 30)
    assert studio.held == 30 * 13


def test_ledger(documented: Documented) -> None:
    page = documented.ledger.page(VIEWER, DEFAULT_ACCOUNT_ID, limit=100)
    shown = [
        (entry.id, entry.kind.value, str(entry.amount), entry.generation_id, entry.reason)
        for entry in page.items
    ]
    assert documented.rows("ledger") == shown


def test_budget(documented: Documented) -> None:
    day, month = documented.budget.status(VIEWER)
    ((today, so_far, *limits),) = documented.rows("budget")
    assert float(today or 0) == pytest.approx(day.spent_usd)
    assert float(so_far or 0) == pytest.approx(month.spent_usd)
    assert limits == ["20", "300", "0.8", "true"]


def test_forecast(documented: Documented) -> None:
    forecast = documented.spending.forecast(VIEWER)
    ((at_today, at_week),) = documented.rows("forecast")
    # The clock went on between the two: a pace changes by less than a hundredth in that time.
    assert float(at_today or 0) == pytest.approx(forecast.at_today_usd, rel=0.01)
    assert float(at_week or 0) == pytest.approx(forecast.at_week_usd, rel=0.01)


def test_days(documented: Documented) -> None:
    report = documented.spending.report(VIEWER, 30)
    shown = {str(one.day): (one.usd, one.attempts) for one in report.days if one.attempts}
    found = {row[0]: (float(row[1] or 0), int(row[2] or 0)) for row in documented.rows("days")}
    assert found.keys() == shown.keys() and len(report.days) == 30
    for day, (usd, attempts) in shown.items():
        assert found[day][0] == pytest.approx(usd)
        assert found[day][1] == attempts


@pytest.mark.parametrize("name", ["kinds", "operators", "models"])
def test_each_table(documented: Documented, name: str) -> None:
    rows: tuple[SpendRow, ...] = getattr(documented.spending.report(VIEWER, 30), name)
    found = documented.rows(name)
    assert [row[0] for row in found] == [row.key for row in rows]
    for shown, row in zip(found, rows, strict=True):
        assert float(shown[1] or 0) == pytest.approx(row.usd)
        assert float(shown[2] or 0) == pytest.approx(row.settled_usd)
        assert int(shown[3] or 0) == row.attempts


def test_what_if(documented: Documented) -> None:
    found = documented.prices.what_if(VIEWER, "pose", 100, "replicate", POSES)
    assert found.is_measured
    ((credits, usd),) = documented.rows("what_if")
    assert int(credits or 0) == found.credits == 3000
    assert float(usd or 0) == pytest.approx(found.usd)


def test_prices(documented: Documented) -> None:
    prices = documented.prices.item_prices(VIEWER)
    assert documented.rows("prices") == [(row.item, str(row.credits)) for row in prices]
    shown = [row[:3] for row in documented.rows("provider_prices")]
    assert shown == [
        (row.provider, row.model, row.unit.value)
        for row in documented.prices.provider_prices(VIEWER)
    ]


def test_every_statement_is_compared_here() -> None:
    compared = set(re.findall(r'rows\("(\w+)"\)', Path(__file__).read_text()))
    assert set(STATEMENTS) == compared | {"kinds", "operators", "models"}


def told_number(number: int | None) -> str | None:
    """A number as the reader shows it."""
    return None if number is None else str(number)
