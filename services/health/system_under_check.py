"""Everything that the doctor looks at; a part that has no address is None, and that is a finding."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from services.core.errors import DatabaseUnavailableError, QueueUnavailableError
from services.core.settings import Settings
from services.database.engine import Database
from services.providers.base import Provider
from services.queue.base import QueueReporter
from services.storage.base import Storage


@dataclass(frozen=True)
class House:
    """The parts of one desk, reached as its processes reach them."""

    settings: Settings
    database: Database | None
    queue: QueueReporter | None
    storage: Callable[[], Storage]
    providers: Mapping[str, Provider]
    simulated: frozenset[str]
    fingerprints: Mapping[str, str] = field(repr=False)
    now: Callable[[], float] = time.time
    """This machine's clock, in seconds since 1970."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction; raises DatabaseUnavailableError, also when there is no database."""
        if self.database is None:
            raise DatabaseUnavailableError
        with self.database.transaction() as session:
            yield session

    def needed_queue(self) -> QueueReporter:
        """The queue; raises QueueUnavailableError when there is none."""
        if self.queue is None:
            raise QueueUnavailableError
        return self.queue

    def rest(self) -> None:
        """Give the connections back: check-ups are rare."""
        if self.database is not None:
            self.database.close()
