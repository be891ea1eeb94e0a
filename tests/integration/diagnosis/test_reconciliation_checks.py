"""What the check-up finds about comparisons with the storage, of bulk fixes, and of credits."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, text

from services.core.states import (
    EntryKind,
    Kind,
    OperationState,
    ReconciliationScope,
    ReconciliationState,
    SlotRole,
    SlotState,
)
from services.database.engine import Database
from services.database.models import Operation, Reconciliation, new_id
from services.health.check import CheckStatus, CheckUpTargets
from tests.integration.database.rows import add_entry, add_generation
from tests.integration.diagnosis.conftest import check

FULL, NEW = "All files compared", "New files compared"
LATE = {FULL: timedelta(hours=27), NEW: timedelta(minutes=16)}
SCOPES = {FULL: ReconciliationScope.FULL, NEW: ReconciliationScope.NEW}


def add_round(
    database: Database,
    name: str,
    state: ReconciliationState,
    age: timedelta,
    problem: str | None = None,
) -> None:
    """One comparison that began, and ended, so long ago."""
    began: Any = func.clock_timestamp() - age
    with database.transaction() as session:
        session.add(
            Reconciliation(
                id=new_id("rnd"),
                scope=SCOPES[name],
                state=state,
                began_at=began,
                ended_at=None if state is ReconciliationState.RUNNING else began,
                problem=problem,
            )
        )


@pytest.mark.parametrize("name", [FULL, NEW])
def test_a_comparison_is_unknown_then_well_then_late(
    targets: CheckUpTargets, database: Database, name: str
) -> None:
    first = check(targets, name)
    assert first.status is CheckStatus.UNKNOWN and "dispatcher" in str(first.fix)
    add_round(database, name, ReconciliationState.RUNNING, timedelta(seconds=9))
    assert check(targets, name).status is CheckStatus.UNKNOWN
    add_round(database, name, ReconciliationState.DONE, LATE[name])
    late = check(targets, name)
    assert late.status is CheckStatus.WARNING and late.fix
    add_round(database, name, ReconciliationState.DONE, timedelta(minutes=3))
    assert check(targets, name).status is CheckStatus.OK
    assert "ended 3 min ago" in check(targets, name).finding


def test_a_failed_comparison_is_reported_with_its_reason(
    targets: CheckUpTargets, database: Database
) -> None:
    add_round(
        database,
        FULL,
        ReconciliationState.FAILED,
        timedelta(hours=1),
        "the bucket refused the list",
    )
    assert "The newest one failed: the bucket refused the list." in check(targets, FULL).finding
    assert check(targets, FULL).status is CheckStatus.WARNING


@pytest.mark.parametrize(
    ("state", "seconds", "status"),
    [
        (OperationState.RUNNING, 5, CheckStatus.OK),
        (OperationState.RUNNING, 180, CheckStatus.WARNING),
        (OperationState.STOPPED, 180, CheckStatus.OK),
    ],
)
def test_stalled_bulk_fix_is_a_warning(
    targets: CheckUpTargets,
    database: Database,
    state: OperationState,
    seconds: int,
    status: CheckStatus,
) -> None:
    heartbeat_at: Any = func.clock_timestamp() - timedelta(seconds=seconds)
    with database.transaction() as session:
        session.add(
            Operation(
                id=new_id("op"),
                remedy="requeue",
                actor="per_local",
                reason="Outage",
                state=state,
                heartbeat_at=heartbeat_at,
            )
        )
    answered = check(targets, "Bulk fixes")
    assert answered.status is status
    assert bool(answered.fix) is (status is CheckStatus.WARNING)


def test_credits_that_do_not_add_up_fail_with_where_to_settle_them(
    targets: CheckUpTargets, database: Database
) -> None:
    with database.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.FAILED)])
    answered = check(targets, "Credits add up")
    assert answered.status is CheckStatus.FAILED
    assert answered.finding.startswith("1 batch does not add up, of 1 account:")
    assert "Diagnose" in str(answered.fix)
    with database.transaction() as session:
        add_entry(session, EntryKind.REFUND, 30, made.generation, made.slots[0])
    assert check(targets, "Credits add up").status is CheckStatus.OK


def test_a_balance_that_is_not_its_entries_fails(
    targets: CheckUpTargets, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(text("ALTER TABLE app.accounts DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE app.accounts SET balance = balance + 1"))
        session.execute(text("ALTER TABLE app.accounts ENABLE TRIGGER ALL"))
    answered = check(targets, "Credits add up")
    assert answered.status is CheckStatus.FAILED
    assert "1 balance is not the sum of the ledger." in answered.finding and answered.fix
