"""The recent comparison: new rows, and rows marked as missing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from services.core.states import MissingCause, ReconciliationScope, ReconciliationState
from services.database.models import Asset
from tests.integration.reconciliation.stored_assets import StoredAssets, keys_of

NEW = ReconciliationScope.NEW


def age(assets: StoredAssets, number: int, by: timedelta) -> None:
    """Make a picture's rows older."""
    with assets.database.transaction() as session:
        session.execute(
            update(Asset)
            .where(Asset.id.in_(assets.ids[number]))
            .values(created_at=func.clock_timestamp() - by)
        )


def test_new_missing_picture_is_marked(assets: StoredAssets) -> None:
    assets.add(1, 2, 3)
    assets.lose(1)
    assets.storage.delete(keys_of(2)[1])

    found = assets.compare(NEW)

    assert (found.state, found.object_count, found.missing_count) == (
        ReconciliationState.DONE,
        3,
        2,
    )
    assert assets.missing() == {1: MissingCause.GONE, 2: MissingCause.THUMBNAIL_GONE}


def test_restored_picture_is_unmarked(assets: StoredAssets) -> None:
    assets.add_rows(1, 2)
    age(assets, 1, timedelta(days=9))
    assets.compare()
    assert set(assets.missing()) == {1, 2}
    assets.put(1)

    assets.compare(NEW)

    assert assets.missing() == {2: MissingCause.GONE}


@pytest.mark.parametrize(("minutes", "is_looked_at"), [(1, True), (10, False)])
def test_only_rows_since_the_last_comparison_are_checked(
    local: StoredAssets, minutes: int, is_looked_at: bool
) -> None:
    local.compare(NEW)
    local.add_rows(1)
    age(local, 1, timedelta(minutes=minutes))

    local.compare(NEW)

    assert (local.missing() == {1: MissingCause.GONE}) == is_looked_at


def test_erased_pictures_are_not_marked(local: StoredAssets) -> None:
    local.add_rows(1)
    local.erase_rows(1)

    assert local.compare(NEW).missing_count == 0
    assert local.compare().missing_count == 0
