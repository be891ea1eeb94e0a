"""What the parts of the service share: the database, the storage and the lock on one picture."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.database.engine import Database
from services.storage.base import Storage

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 0))")


class Part:
    """One part of the service."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage


def lock_picture(session: Session, sha256: str) -> None:
    """Until the transaction ends, nobody else stores or erases the picture with this hash.

    An erase between the storing of an object and of its row would leave a row without its object.
    """
    session.execute(_LOCK, {"sha256": sha256})
