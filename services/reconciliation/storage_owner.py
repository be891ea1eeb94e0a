"""StorageOwner: the database's id, and whether a storage without a mark is its own."""

from typing import Any

from sqlalchemy import select

from services.core.errors import DatabaseUnavailableError, StorageError
from services.database.engine import Database
from services.database.models import Installation
from services.reconciliation.object_checks import random_rows

_SAMPLED = 20


class StorageOwner:
    """The installation of a database; thread-safe."""

    def __init__(self, database: Database | None) -> None:
        self._database = database
        self._id: str | None = None

    def id(self) -> str | None:
        """Return the id, read once; None while the database is away or not prepared."""
        if self._id is None and self._database is not None:
            try:
                with self._database.transaction() as session:
                    self._id = session.scalar(select(Installation.id))
            except DatabaseUnavailableError:
                return None
        return self._id

    def owns(self, storage: Any) -> bool:
        """Return whether the database has no pictures yet, or random ones of them are there."""
        if self._database is None:
            return False
        try:
            keys = [row.storage_key for row in random_rows(self._database)][:_SAMPLED]
            return sum(storage.head(key) is not None for key in keys) * 2 >= len(keys)
        except (DatabaseUnavailableError, StorageError):
            return False
