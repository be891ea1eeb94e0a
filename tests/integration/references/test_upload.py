"""Uploads that meet a fault of storage or database, and files that were lost meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from services.core.errors import DatabaseUnavailableError, StorageError
from services.core.states import MissingCause
from services.database.models import Asset, Reference
from services.references.upload import DUPLICATE, NOT_STORED, RESTORED
from services.storage.keys import thumbnail_key
from tests.integration.references.reference_setup import ReferenceSetup
from tests.unit.media.drawn import scene


def rows(setup: ReferenceSetup) -> int:
    """How many references there are."""
    with setup.database.transaction() as session:
        return int(session.scalar(select(func.count()).select_from(Reference)) or 0)


@pytest.mark.parametrize("passed", [0, 1])
def test_file_that_storage_does_not_take_is_a_verdict(
    setup: ReferenceSetup, monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    put, left = setup.storage.put, [passed]

    def failing(key: str, content: bytes, content_type: str) -> None:
        if not left[0]:
            raise StorageError(reason="the disk is full")
        left[0] -= 1
        put(key, content, content_type)

    monkeypatch.setattr(setup.storage, "put", failing)

    verdict = setup.verdict(scene(1), "IMG_1.jpg")

    assert (verdict.filename, verdict.is_accepted, verdict.reason) == (
        "IMG_1.jpg",
        False,
        NOT_STORED,
    )
    assert verdict.sentence == (
        "Not stored: the storage did not take it (the disk is full). Send it again."
    )
    assert rows(setup) == 0
    monkeypatch.undo()
    assert setup.verdict(scene(1)).is_accepted and rows(setup) == 1


def test_file_is_a_verdict_while_the_database_is_away(
    setup: ReferenceSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(setup.database, "transaction", away)

    verdict = setup.verdict(scene(1))

    assert (verdict.is_accepted, verdict.reason) == (False, NOT_STORED)
    assert "PostgreSQL" in verdict.sentence and verdict.sentence.endswith("Send it again.")


@pytest.mark.parametrize("harm", ["deleted", "emptied", "cut off", "swapped", "no thumbnail"])
def test_lost_file_is_restored_by_the_same_upload(
    setup: ReferenceSetup, harm: str, tmp_path: Path
) -> None:
    card = setup.add(1)
    key = card.storage_key
    path = Path(setup.storage.uri(key).removeprefix("file://"))
    content = path.read_bytes()
    if harm == "no thumbnail":
        setup.storage.delete(card.thumbnail_key)
    elif harm == "deleted":
        path.unlink()
    else:
        changed = {"emptied": b"", "cut off": content[:-9], "swapped": bytes(len(content))}
        path.write_bytes(changed[harm])
    with setup.database.transaction() as session:
        session.execute(
            update(Asset).values(missing_at=func.now(), missing_cause=MissingCause.GONE)
        )

    verdict = setup.verdict(scene(1))

    assert (verdict.sentence, verdict.is_duplicate) == (RESTORED, True)
    assert setup.storage.get(key) == content
    assert setup.storage.head(thumbnail_key(path.stem)) is not None
    with setup.database.transaction() as session:
        assert session.scalars(select(Asset.missing_cause)).one() is None
    assert setup.verdict(scene(1)).sentence == DUPLICATE
