"""A storage with its rows, and short words for what goes wrong between the two."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update

from services.core.states import (
    Kind,
    MissingCause,
    ReconciliationScope,
    ReconciliationState,
    RunState,
    SlotRole,
    SlotState,
)
from services.database.engine import Database
from services.database.models import Asset, Attempt, OrphanedFile, Reconciliation, Run, new_id
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.reconciliation.reconciler import Reconciler
from services.reconciliation.schedule import running_round
from services.storage.base import Storage
from services.storage.keys import original_key, thumbnail_key, weights_key
from tests.integration.database.rows import add_generation, add_run

THUMBNAIL = b"small"


def content_of(number: int) -> bytes:
    """The bytes of one picture; nobody decodes them here."""
    return f"picture {number}".encode()


def keys_of(number: int) -> tuple[str, str]:
    """Where a picture and its thumbnail lie."""
    digest = sha256(content_of(number)).hexdigest()
    return original_key(digest, "png"), thumbnail_key(digest)


def weights_of(number: int) -> str:
    """Where a file of weights lies."""
    return weights_key(sha256(content_of(number)).hexdigest())


@dataclass
class Warehouse:
    """The rows, the storage, and whoever compares them."""

    database: Database
    storage: Storage
    open_storage: Callable[[], Storage]
    ids: dict[int, list[str]] = field(default_factory=dict)

    def keeper(self) -> Reconciler:
        """As a process that was just started has it."""
        return Reconciler(self.database, self.open_storage)

    def put(self, *numbers: int) -> None:
        """Store pictures without rows."""
        for number in numbers:
            key, small_key = keys_of(number)
            self.storage.put(key, content_of(number), "image/png")
            self.storage.put(small_key, THUMBNAIL, "image/webp")

    def add_rows(self, *numbers: int, uri: str = "", account_id: str = DEFAULT_ACCOUNT_ID) -> None:
        """Rows of pictures, whether or not they are stored."""
        rows = [self._row(number, uri, account_id) for number in numbers]
        for number, row in zip(numbers, rows, strict=True):
            self.ids.setdefault(number, []).append(row.id)
        with self.database.transaction() as session:
            session.add_all(rows)

    def add(self, *numbers: int) -> None:
        """Pictures as they should be: stored, and with a row."""
        self.put(*numbers)
        self.add_rows(*numbers)

    def add_weights(self, number: int) -> str:
        """The row of a file of weights; returns its id."""
        key = weights_of(number)
        row = Asset(
            id=new_id("ast"),
            account_id=DEFAULT_ACCOUNT_ID,
            sha256=sha256(content_of(number)).hexdigest(),
            storage_key=key,
            storage_uri=self.storage.uri(key),
            content_type="application/octet-stream",
            byte_count=1,
        )
        with self.database.transaction() as session:
            session.add(row)
        return row.id

    def lose(self, *numbers: int) -> None:
        """Delete pictures behind our back."""
        for number in numbers:
            for key in keys_of(number):
                self.storage.delete(key)

    def erase_rows(self, *numbers: int) -> None:
        """As an erasure does whose files stayed."""
        ids = [row_id for number in numbers for row_id in self.ids[number]]
        with self.database.transaction() as session:
            session.execute(
                update(Asset).where(Asset.id.in_(ids)).values(deleted_at=func.clock_timestamp())
            )

    def compare(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> Reconciliation:
        """A whole round of this scope and of no other; returns it as it ended."""
        self.order(scope)
        others = [other for other in ReconciliationScope if other is not scope]
        with self.database.transaction() as session:
            for other in others:
                session.add(
                    Reconciliation(id=new_id("rnd"), scope=other, state=ReconciliationState.DONE)
                )
        self.keeper().tick()
        return self.newest(scope)

    def order(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> None:
        """Have a round begin at the next tick."""
        with self.database.transaction() as session:
            running_round(session, scope)

    def newest(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> Reconciliation:
        """The newest round."""
        query = select(Reconciliation).where(Reconciliation.scope == scope)
        with self.database.transaction() as session:
            return session.scalars(query.order_by(Reconciliation.began_at.desc()).limit(1)).one()

    def rows(self, numbers: Iterable[int] | None = None) -> list[Asset]:
        """The rows of these pictures, or all."""
        query = select(Asset).order_by(Asset.id)
        if numbers is not None:
            ids = [row_id for number in numbers for row_id in self.ids[number]]
            query = query.where(Asset.id.in_(ids))
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def missing(self) -> dict[int, MissingCause]:
        """What is marked as missing, by number; every row of a number alike."""
        found = {}
        for number in self.ids:
            causes = {row.missing_cause for row in self.rows([number])}
            assert len(causes) == 1
            (cause,) = causes
            if cause:
                found[number] = cause
        return found

    def orphans(self) -> set[str]:
        """The keys in the list of strays."""
        with self.database.transaction() as session:
            return set(session.scalars(select(OrphanedFile.storage_key)))

    def _row(self, number: int, uri: str, account_id: str) -> Asset:
        key, small_key = keys_of(number)
        return Asset(
            id=new_id("ast"),
            account_id=account_id,
            sha256=sha256(content_of(number)).hexdigest(),
            storage_key=key,
            storage_uri=uri or self.storage.uri(key),
            thumbnail_key=small_key,
            content_type="image/png",
            byte_count=1,
            width=1,
            height=1,
        )


def ingesting(local: Warehouse, outputs: list[Any], minutes: int) -> str:
    """A run whose provider finished so many minutes ago; returns its id."""
    with local.database.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
        run = add_run(session, made.slots[0], is_started=True)
        session.flush()
        session.execute(update(Run).where(Run.id == run.id).values(state=RunState.INGESTING))
        session.execute(
            update(Attempt)
            .where(Attempt.run_id == run.id)
            .values(
                outputs=outputs,
                finished_at=func.clock_timestamp() - timedelta(minutes=minutes, seconds=-5),
            )
        )
    return run.id
