"""Missing pictures by cause, with pages, progress and what each role may see."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError
from services.core.states import (
    Kind,
    MissingCause,
    ReconciliationScope,
    ReconciliationState,
    Role,
    SlotRole,
    SlotState,
    Tier,
)
from services.database.models import (
    Account,
    Asset,
    Audit,
    OrphanedFile,
    Reconciliation,
    Slot,
    new_id,
)
from services.database.seed import LOCAL_PERSON_ID
from services.diagnosis.missing import MissingPictures
from tests.integration.database.rows import add_generation
from tests.integration.reconciliation.stored_assets import StoredAssets, ingesting, keys_of

OPERATOR = Actor(LOCAL_PERSON_ID, "Olga", Role.OPERATOR)
VIEWER = replace(OPERATOR, role=Role.VIEWER)
MOST_STATEMENTS = 11


@pytest.fixture
def missing(local: StoredAssets) -> MissingPictures:
    """The service on the same database."""
    return MissingPictures(local.database)


def account(local: StoredAssets, name: str) -> str:
    """Another account."""
    row = Account(id=new_id("acc"), name=name, tier=Tier.FREE)
    with local.database.transaction() as session:
        session.add(row)
    return row.id


def show(local: StoredAssets, number: int, kind: Kind, role: SlotRole) -> str:
    """A filled slot that shows this picture; returns the slot's id."""
    with local.database.transaction() as session:
        made = add_generation(session, kind, [(role, SlotState.PENDING)])
        session.flush()
        session.execute(
            update(Slot)
            .where(Slot.id == made.slots[0].id)
            .values(
                state=SlotState.FILLED,
                asset_id=local.ids[number][0],
                filled_at=func.clock_timestamp(),
            )
        )
    return made.slots[0].id


def test_nothing_missing_is_an_empty_report(missing: MissingPictures) -> None:
    report = missing.report(VIEWER)

    assert (report.groups, report.reconciliations, report.total) == ((), (), 0)
    assert missing.count(VIEWER) == 0


@pytest.mark.usefixtures("everything_is_old")
def test_each_cause_is_one_group(local: StoredAssets, missing: MissingPictures) -> None:
    local.add(1, 2)
    local.lose(1)
    local.storage.delete(keys_of(2)[1])
    local.add_rows(3, uri="s3://old/3", account_id=account(local, "Other"))
    local.put(4)
    local.compare()
    run_id = ingesting(local, [{"url": "https://out.example/1.png"}], minutes=20)

    report = missing.report(OPERATOR)

    groups = {group.cause: group for group in report.groups}
    assert list(groups) == [
        "output_not_fetched",
        "object_missing",
        "wrong_bucket",
        "orphaned_file",
    ]
    lost, elsewhere = groups["object_missing"], groups["wrong_bucket"]
    assert (lost.count, elsewhere.count) == (2, 1)
    assert elsewhere.accounts == (("Other", 1),) and lost.accounts[0][1] == 2
    assert {item.missing_cause for item in lost.items} == {
        MissingCause.GONE,
        MissingCause.THUMBNAIL_GONE,
    }
    assert elsewhere.items[0].storage_uri == "s3://old/3"
    (waiting,) = groups["output_not_fetched"].items
    assert (waiting.run_id, waiting.minutes_left, waiting.asset_id) == (run_id, 35, None)
    orphans = groups["orphaned_file"]
    assert orphans.count == 2 and orphans.byte_count == len(b"picture 4") + len(b"small")
    assert {item.storage_key for item in orphans.items} == set(keys_of(4))
    assert report.total == 4 and missing.count(OPERATOR) == 3


def test_generated_picture_is_named_after_its_slot(
    local: StoredAssets, missing: MissingPictures
) -> None:
    local.add_rows(1)
    slot_id = show(local, 1, Kind.POSES, SlotRole.POSE)
    local.compare()

    (item,) = missing.items(VIEWER, "object_missing").items

    assert (item.title, item.slot_id, item.asset_id) == ("A title", slot_id, local.ids[1][0])


def test_viewers_do_not_see_simulations(local: StoredAssets, missing: MissingPictures) -> None:
    local.add_rows(1, 2)
    show(local, 1, Kind.SIMULATIONS, SlotRole.REAR_VIEW)
    local.compare()

    assert (missing.count(OPERATOR), missing.count(VIEWER)) == (2, 1)
    (item,) = missing.items(VIEWER, "object_missing").items
    assert item.asset_id == local.ids[2][0]
    assert missing.report(VIEWER).total == 1


@pytest.mark.parametrize(
    ("outputs", "minutes"),
    [([{"storage_key": "k", "thumbnail_key": "t"}], 30), ([{"url": "u"}], 0), ([], 30)],
    ids=["stored already", "just finished", "nothing made"],
)
def test_stored_or_recent_outputs_do_not_expire(
    local: StoredAssets, missing: MissingPictures, outputs: list[Any], minutes: int
) -> None:
    ingesting(local, outputs, minutes)

    assert missing.report(OPERATOR).groups == ()


def test_outputs_are_sorted_by_expiry(local: StoredAssets, missing: MissingPictures) -> None:
    runs = {minutes: ingesting(local, [{"url": "u"}], minutes) for minutes in (10, 70, 40)}

    first = missing.items(VIEWER, "output_not_fetched", limit=2)
    second = missing.items(VIEWER, "output_not_fetched", first.next_cursor, limit=2)

    found = [(item.run_id, item.minutes_left) for item in (*first.items, *second.items)]
    assert found == [(runs[70], 0), (runs[40], 15), (runs[10], 45)]
    assert second.next_cursor is None


def test_pages_contain_every_item_once(local: StoredAssets, missing: MissingPictures) -> None:
    local.add_rows(*range(7))
    with local.database.transaction() as session:
        session.add_all(
            OrphanedFile(
                storage_key=keys_of(n)[0], byte_count=1, modified_at=func.clock_timestamp()
            )
            for n in range(20, 27)
        )
    local.compare(ReconciliationScope.NEW)

    for cause in ("object_missing", "orphaned_file"):
        keys, cursor = [], None
        while True:
            page = missing.items(VIEWER, cause, cursor, limit=3)
            keys += [item.storage_key for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(keys) == len(set(keys)) == 7


def test_a_cause_without_a_list_is_refused(missing: MissingPictures) -> None:
    with pytest.raises(InvalidRequestError, match="no list"):
        missing.items(VIEWER, "healthy")


def test_report_has_the_progress_of_comparisons(
    local: StoredAssets, missing: MissingPictures
) -> None:
    local.add(1)
    local.compare()
    assert missing.start_reconciliation(OPERATOR, ReconciliationScope.FULL)
    with local.database.transaction() as session:
        session.execute(
            update(Reconciliation)
            .where(Reconciliation.state == ReconciliationState.RUNNING)
            .values(after_key=f"originals/80/00/8000{'0' * 60}/")
        )

    full, new = missing.report(VIEWER).reconciliations

    assert (full.scope, full.state, full.progress) == (
        ReconciliationScope.FULL,
        ReconciliationState.RUNNING,
        0.5,
    )
    assert full.completed_at and full.ended_at is None
    assert (new.state, new.progress) == (ReconciliationState.DONE, None)


def test_requested_comparison_is_audited_once_and_runs(
    local: StoredAssets, missing: MissingPictures
) -> None:
    with pytest.raises(NotAllowedError):
        missing.start_reconciliation(VIEWER, ReconciliationScope.FULL)
    local.add_rows(1)
    local.reconciler().tick()
    local.put(1)

    assert missing.start_reconciliation(OPERATOR, ReconciliationScope.FULL)
    assert not missing.start_reconciliation(OPERATOR, ReconciliationScope.FULL)
    local.reconciler().tick()

    assert missing.count(VIEWER) == 0
    with local.database.transaction() as session:
        (audited,) = session.scalars(select(Audit).where(Audit.action == "storage.compare"))
    assert audited.actor == OPERATOR.id and audited.subject_id == local.newest().id


def test_the_report_costs_the_same_whatever_is_missing(
    local: StoredAssets, missing: MissingPictures
) -> None:
    local.add_rows(*range(12))
    local.add_rows(12, 13, uri="s3://old/x")
    for minutes in (10, 20):
        ingesting(local, [{"url": "u"}], minutes)
    with local.database.transaction() as session:
        session.add(
            OrphanedFile(
                storage_key=keys_of(50)[0], byte_count=1, modified_at=func.clock_timestamp()
            )
        )
    local.compare(ReconciliationScope.NEW)
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(local.database.engine, "before_cursor_execute", count)
    missing.report(VIEWER)
    assert len(statements) == MOST_STATEMENTS
    statements.clear()
    missing.count(VIEWER)
    assert len(statements) == 1


def test_the_count_reads_the_index_of_what_is_missing_alone(local: StoredAssets) -> None:
    local.add_rows(1)
    with local.database.transaction() as session:
        condition = Asset.deleted_at.is_(None), Asset.missing_at.is_not(None)
        compiled = select(func.count()).select_from(Asset).where(*condition).compile()
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = session.connection().exec_driver_sql(f"EXPLAIN {compiled}").scalars().all()
    assert any("ix_assets_missing_at" in line for line in plan)
