"""The quick comparison: what was made lately, and what has come back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from services.core.states import MissingCause, ReconciliationScope, ReconciliationState
from services.database.models import Asset
from tests.integration.reconciliation.warehouse import Warehouse, keys_of

NEW = ReconciliationScope.NEW


def age(warehouse: Warehouse, number: int, by: timedelta) -> None:
    """Make a picture's rows older."""
    with warehouse.database.transaction() as session:
        session.execute(
            update(Asset)
            .where(Asset.id.in_(warehouse.ids[number]))
            .values(created_at=func.clock_timestamp() - by)
        )


def test_a_new_picture_is_missed_within_one_round(warehouse: Warehouse) -> None:
    warehouse.add(1, 2, 3)
    warehouse.lose(1)
    warehouse.storage.delete(keys_of(2)[1])

    found = warehouse.compare(NEW)

    assert (found.state, found.object_count, found.missing_count) == (
        ReconciliationState.DONE,
        3,
        2,
    )
    assert warehouse.missing() == {1: MissingCause.GONE, 2: MissingCause.THUMBNAIL_GONE}


def test_what_is_back_is_not_missing_any_more(warehouse: Warehouse) -> None:
    warehouse.add_rows(1, 2)
    age(warehouse, 1, timedelta(days=9))
    warehouse.compare()
    assert set(warehouse.missing()) == {1, 2}
    warehouse.put(1)

    warehouse.compare(NEW)

    assert warehouse.missing() == {2: MissingCause.GONE}


@pytest.mark.parametrize(("minutes", "is_looked_at"), [(1, True), (10, False)])
def test_only_what_is_newer_than_the_round_before_is_asked_for(
    local: Warehouse, minutes: int, is_looked_at: bool
) -> None:
    local.compare(NEW)
    local.add_rows(1)
    age(local, 1, timedelta(minutes=minutes))

    local.compare(NEW)

    assert (local.missing() == {1: MissingCause.GONE}) == is_looked_at


def test_erased_pictures_are_not_missed(local: Warehouse) -> None:
    local.add_rows(1)
    local.erase_rows(1)

    assert local.compare(NEW).missing_count == 0
    assert local.compare().missing_count == 0
