"""The heartbeat of one process: it names itself, writes that it lives, and deregisters at its end."""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session

from services.core.errors import DatabaseUnavailableError
from services.database.engine import Database
from services.monitoring.error_reports import delete_old_reports
from services.monitoring.processes import (
    delete_old_heartbeats,
    deregister,
    resident_bytes,
    write_heartbeat,
)

HEARTBEAT_SECONDS = 5.0
DELETE_OLD_SECONDS = 3600.0


class ProcessHeartbeat:
    """Writes the heartbeat of this process, and deletes those of long gone ones each hour."""

    def __init__(
        self,
        database: Database,
        role: str,
        threads: int = 1,
        beside: Callable[[Session], None] | None = None,
    ) -> None:
        """`beside`: what else is written in the transaction of each heartbeat."""
        self.name = f"{role}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._database = database
        self._role = role
        self._threads = threads
        self._beside = beside
        self._logger = logging.getLogger(f"atelier.{role}")
        self._deleted_old_at = -DELETE_OLD_SECONDS

    def send(self, detail: dict[str, Any]) -> None:
        """Write it; without a database it is only logged."""
        now, detail = monotonic(), {**detail, "memory_bytes": resident_bytes()}
        try:
            with self._database.transaction() as session:
                write_heartbeat(session, self.name, self._role, self._threads, detail)
                if now - self._deleted_old_at >= DELETE_OLD_SECONDS:
                    self._deleted_old_at = now
                    delete_old_heartbeats(session)
                    delete_old_reports(session)
                if self._beside:
                    self._beside(session)
        except DatabaseUnavailableError as error:
            self._logger.warning("%s.no_database %s", self._role, error.problem)
        except Exception:
            # The process boundary: a heartbeat that failed must not stop the process's work.
            self._logger.exception("%s.heartbeat_failed", self._role)

    def end(self) -> None:
        """Take the process out of the list, so that it is not reported as dead."""
        try:
            with self._database.transaction() as session:
                deregister(session, self.name)
        except DatabaseUnavailableError as error:
            self._logger.warning("%s.no_database %s", self._role, error.problem)
