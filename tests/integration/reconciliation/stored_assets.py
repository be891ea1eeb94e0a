"""Stored files with their rows, and the ways in which the two can differ."""

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
from services.reconciliation.schedule import running_reconciliation
from services.storage.base import Storage
from services.storage.keys import original_key, thumbnail_key, weights_key
from tests.integration.database.rows import add_generation, add_run

THUMBNAIL = b"small"


def content_of(number: int) -> bytes:
    """Return the bytes of one picture, which nothing decodes here."""
    return f"picture {number}".encode()


def keys_of(number: int) -> tuple[str, str]:
    """Return the keys of a picture and its thumbnail."""
    digest = sha256(content_of(number)).hexdigest()
    return original_key(digest, "png"), thumbnail_key(digest)


def weights_of(number: int) -> str:
    """Return the key of a weights file."""
    return weights_key(sha256(content_of(number)).hexdigest())


@dataclass
class StoredAssets:
    """A storage, its rows and their reconciler."""

    database: Database
    storage: Storage
    open_storage: Callable[[], Storage]
    ids: dict[int, list[str]] = field(default_factory=dict)

    def reconciler(self) -> Reconciler:
        """Build the reconciler of a process that just started."""
        return Reconciler(self.database, self.open_storage)

    def put(self, *numbers: int) -> None:
        """Store pictures without rows."""
        for number in numbers:
            key, small_key = keys_of(number)
            self.storage.put(key, content_of(number), "image/png")
            self.storage.put(small_key, THUMBNAIL, "image/webp")

    def add_rows(self, *numbers: int, uri: str = "", account_id: str = DEFAULT_ACCOUNT_ID) -> None:
        """Add rows of pictures without their files."""
        rows = [self._row(number, uri, account_id) for number in numbers]
        for number, row in zip(numbers, rows, strict=True):
            self.ids.setdefault(number, []).append(row.id)
        with self.database.transaction() as session:
            session.add_all(rows)

    def add(self, *numbers: int) -> None:
        """Store pictures and add their rows."""
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
            byte_count=len(content_of(number)),
        )
        with self.database.transaction() as session:
            session.add(row)
        return row.id

    def lose(self, *numbers: int) -> None:
        """Delete files but not their rows."""
        for number in numbers:
            for key in keys_of(number):
                self.storage.delete(key)

    def erase_rows(self, *numbers: int) -> None:
        """Mark rows as erased but leave their files."""
        ids = [row_id for number in numbers for row_id in self.ids[number]]
        with self.database.transaction() as session:
            session.execute(
                update(Asset).where(Asset.id.in_(ids)).values(deleted_at=func.clock_timestamp())
            )

    def compare(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> Reconciliation:
        """Run one comparison of this scope only; return it."""
        self.order(scope)
        others = [other for other in ReconciliationScope if other is not scope]
        with self.database.transaction() as session:
            for other in others:
                session.add(
                    Reconciliation(id=new_id("rnd"), scope=other, state=ReconciliationState.DONE)
                )
        self.reconciler().tick()
        return self.newest(scope)

    def order(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> None:
        """Request a comparison for the next tick."""
        with self.database.transaction() as session:
            running_reconciliation(session, scope)

    def newest(self, scope: ReconciliationScope = ReconciliationScope.FULL) -> Reconciliation:
        """Read the newest reconciliation."""
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
        """Return missing causes by number; every row of a number has the same."""
        found = {}
        for number in self.ids:
            causes = {row.missing_cause for row in self.rows([number])}
            assert len(causes) == 1
            (cause,) = causes
            if cause:
                found[number] = cause
        return found

    def orphans(self) -> set[str]:
        """Return the keys of orphaned files."""
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
            byte_count=len(content_of(number)),
            width=1,
            height=1,
        )


def ingesting(local: StoredAssets, outputs: list[Any], minutes: int) -> str:
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
