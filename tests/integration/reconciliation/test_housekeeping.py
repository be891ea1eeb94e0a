"""The housekeeping thread runs what is due, survives errors, and stops."""

import hashlib
import os
import time

from sqlalchemy import select

from services.core.states import MissingCause, ReconciliationScope, ReconciliationState
from services.database.engine import Database
from services.database.models import Reconciliation
from services.reconciliation.reconciler import Reconciler
from services.storage.keys import ASIDE_DAYS, aside_key
from tests.integration.reconciliation.stored_assets import StoredAssets
from tests.waiting import eventually
from workers.dispatcher import Housekeeping, Pauses

QUICK = Pauses(0.01, 0.01, 0.01, 0.01)


def done(local: StoredAssets) -> set[ReconciliationScope]:
    query = select(Reconciliation.scope).where(Reconciliation.state == ReconciliationState.DONE)
    with local.database.transaction() as session:
        return set(session.scalars(query))


def test_both_comparisons_run_soon_after_the_start(local: StoredAssets) -> None:
    local.add(1)
    local.add_rows(2)
    own = Database(local.database.url, 2)
    housekeeping = Housekeeping(Reconciler(own, local.open_storage), own, QUICK)

    housekeeping.start()
    eventually(lambda: local.missing() == {2: MissingCause.GONE})
    eventually(lambda: done(local) == set(ReconciliationScope))
    housekeeping.stop()

    assert not housekeeping.is_alive


class Troubled(Reconciler):
    """Fails in a way that nobody thought of, once."""

    failures = 0

    def tick(self, *args: object) -> bool:
        self.failures += 1
        if self.failures == 1:
            raise ZeroDivisionError
        return False


def test_errors_do_not_end_the_thread(local: StoredAssets) -> None:
    reconciler = Troubled(local.database, local.open_storage)
    housekeeping = Housekeeping(reconciler, Database(local.database.url), QUICK)

    housekeeping.start()
    eventually(lambda: reconciler.failures >= 2)
    housekeeping.stop()

    assert not housekeeping.is_alive


def test_outputs_set_aside_are_deleted_after_a_month(local: StoredAssets) -> None:
    keys = [aside_key(hashlib.sha256(name).hexdigest()) for name in (b"old", b"young")]
    for key, content in zip(keys, (b"old", b"young"), strict=True):
        local.storage.put(key, content, "application/octet-stream")
    path = local.storage.uri(keys[0]).removeprefix("file://")
    month_ago = time.time() - (ASIDE_DAYS + 1) * 86_400
    os.utime(path, (month_ago, month_ago))

    local.compare()

    assert [found.key for found in local.storage.list("aside/")] == [keys[1]]
