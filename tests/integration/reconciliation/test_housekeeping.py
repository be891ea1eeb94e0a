"""The thread beside the dispatcher: it does what is due, outlives trouble, and stops."""

from sqlalchemy import select

from services.core.states import MissingCause, ReconciliationScope, ReconciliationState
from services.database.engine import Database
from services.database.models import Reconciliation
from services.reconciliation.reconciler import Reconciler
from tests.integration.reconciliation.warehouse import Warehouse
from tests.waiting import eventually
from workers.housekeeping import Housekeeping, Pauses

QUICK = Pauses(0.01, 0.01, 0.01, 0.01)


def done(local: Warehouse) -> set[ReconciliationScope]:
    query = select(Reconciliation.scope).where(Reconciliation.state == ReconciliationState.DONE)
    with local.database.transaction() as session:
        return set(session.scalars(query))


def test_both_rounds_are_done_soon_after_the_start(local: Warehouse) -> None:
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


def test_trouble_ends_no_thread(local: Warehouse) -> None:
    keeper = Troubled(local.database, local.open_storage)
    housekeeping = Housekeeping(keeper, Database(local.database.url), QUICK)

    housekeeping.start()
    eventually(lambda: keeper.failures >= 2)
    housekeeping.stop()

    assert not housekeeping.is_alive
