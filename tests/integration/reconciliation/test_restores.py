"""A database that was restored from an older copy is noticed by a mark in the storage."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.audit.changes import MAX_REASON_CHARACTERS
from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError
from services.core.states import Kind, Role, SlotRole, SlotState
from services.database.engine import Database
from services.database.models import Audit, DatabaseRestore, Event, OrphanedFile, Run
from services.health.report import Health
from services.pipeline.events import EventName, record
from services.queue.rq_queue import RqQueue, connect
from services.reconciliation.restores import BLOCKED, MARK, Recovery, RestoreGuard
from services.remedies.orphans import orphan_problem
from services.storage.base import Storage
from services.storage.keys import original_key
from services.storage.local_storage import LocalStorage
from tests.integration.database.conftest import server
from tests.integration.database.rows import add_generation, add_run
from tests.integration.database.server import Server

__all__ = ["server"]

ADMIN = Actor("per_local", "Ada", Role.ADMIN)
ORPHAN = original_key("ab" * 32, "png")


@dataclass
class Copies:
    """A database, a storage, and the ways to copy the one."""

    database: Database
    storage: Storage
    copy: Callable[[], Database]
    generation_id: str

    def add_event(self, database: Database) -> None:
        with database.transaction() as session:
            record(session, EventName.RUN_QUEUED, self.generation_id)

    def check(self, database: Database) -> None:
        """As a process that just started does."""
        RestoreGuard(database, lambda: self.storage).check()


@pytest.fixture
def copies(database: Database, server: Server, tmp_path: Path) -> Iterator[Copies]:
    made: list[Database] = []

    def copy() -> Database:
        name = f"copy_{secrets.token_hex(4)}"
        database.close()
        url = server.create_database(name, template=str(database.engine.url.database))
        made.append(Database(url))
        return made[-1]

    with database.transaction() as session:
        generation = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
        add_run(session, generation.slots[0], is_started=True)
        generation_id = generation.generation.id
    found = Copies(database, LocalStorage(tmp_path / "storage"), copy, generation_id)
    found.add_event(database)
    yield found
    for one in made:
        name = str(one.engine.url.database)
        one.close()
        server.drop_database(name)


def _restores(database: Database) -> int:
    with database.transaction() as session:
        return session.scalars(select(func.count()).select_from(DatabaseRestore)).one()


def test_a_database_that_goes_on_is_no_copy(copies: Copies) -> None:
    for _ in range(3):
        copies.check(copies.database)
        copies.add_event(copies.database)
    assert copies.storage.head(MARK) is not None
    assert _restores(copies.database) == 0


def test_an_older_copy_is_noticed_once_even_after_it_went_on(copies: Copies) -> None:
    copies.check(copies.database)
    older = copies.copy()
    copies.add_event(copies.database)
    copies.check(copies.database)
    for _ in range(5):
        copies.add_event(older)
    copies.check(older)
    copies.check(older)
    assert _restores(older) == 1 and _restores(copies.database) == 0
    report = Recovery(older).report(ADMIN)
    assert report is not None and report.copied_at <= report.lost_at
    # The original is still no copy: the mark was left as it is.
    copies.check(copies.database)
    assert _restores(copies.database) == 0


def test_another_database_is_noticed_too(copies: Copies, server: Server) -> None:
    older = copies.copy()
    copies.add_event(older)
    copies.add_event(copies.database)
    copies.check(copies.database)
    copies.check(older)
    assert _restores(older) == 1


def test_a_damaged_mark_and_a_storage_that_is_away_are_no_restore(copies: Copies) -> None:
    copies.storage.put(MARK, b"{", "application/json")
    copies.check(copies.database)
    assert _restores(copies.database) == 0
    copies.check(copies.database)
    assert copies.storage.get(MARK) != b"{"


def test_orphaned_files_stay_until_a_person_ends_the_recovery(copies: Copies) -> None:
    older = copies.copy()
    copies.add_event(copies.database)
    copies.check(copies.database)
    with older.transaction() as session:
        later = func.clock_timestamp()
        session.add(OrphanedFile(storage_key=ORPHAN, byte_count=9, modified_at=later))
    copies.check(older)
    with older.transaction() as session:
        assert orphan_problem(session, ORPHAN, None) == BLOCKED
    recovery = Recovery(older)
    report = recovery.report(ADMIN)
    assert report is not None and report.files == (ORPHAN,) and report.file_count == 1
    assert report.open_runs == 1

    with pytest.raises(NotAllowedError):
        recovery.end(Actor("per_o", "Olga", Role.OPERATOR), "no")
    with pytest.raises(InvalidRequestError):
        recovery.end(ADMIN, "x" * (MAX_REASON_CHARACTERS + 1))
    recovery.end(ADMIN, "The files were adopted")
    with pytest.raises(InvalidRequestError, match="No restore"):
        recovery.end(ADMIN, "once more")

    assert recovery.report(ADMIN) is None
    with older.transaction() as session:
        assert orphan_problem(session, ORPHAN, None) is None
        assert session.scalar(select(Audit.action).order_by(Audit.id.desc())) == "database.recover"
    copies.check(older)
    copies.add_event(older)
    copies.check(older)
    assert _restores(older) == 1


def test_an_empty_copy_is_noticed(copies: Copies, server: Server, template_database: str) -> None:
    copies.check(copies.database)
    name = f"empty_{secrets.token_hex(4)}"
    empty = Database(server.create_database(name, template=template_database))
    copies.check(empty)
    with empty.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0
        assert session.scalar(select(func.count()).select_from(Run)) == 0
    assert _restores(empty) == 1
    empty.close()
    server.drop_database(name)


def test_health_names_an_open_restore(copies: Copies) -> None:
    with copies.database.transaction() as session:
        newest = select(func.max(Event.at)).scalar_subquery()
        session.add(DatabaseRestore(copied_at=newest, lost_at=newest))
    health = Health(copies.database, RqQueue(connect("redis://127.0.0.1:1/0")), copies.storage)
    found = {it.name: it for it in health.report().components}
    assert not found["database"].is_ok and "./run recovery" in found["database"].detail
    Recovery(copies.database).end(ADMIN, "Looked at")
    later = Health(copies.database, RqQueue(connect("redis://127.0.0.1:1/0")), copies.storage)
    assert {it.name: it.is_ok for it in later.report().components}["database"]
