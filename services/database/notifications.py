"""Wait for PostgreSQL's notifications on a connection outside the pool."""

import logging
import os
import select
from time import monotonic

import psycopg
from psycopg import sql
from sqlalchemy.exc import SQLAlchemyError

from services.database.engine import Database
from services.database.problems import server_words

logger = logging.getLogger("atelier.notifications")

RECONNECT_SECONDS = 1.0


class Notifications:
    """Listens on one channel, for one thread. A lost connection is opened again by `wait`."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._connection: psycopg.Connection | None = None
        self._retry_at = 0.0
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)

    def wait(self, seconds: float) -> list[str] | None:
        """Block for `seconds`, or until a notification or `wake`; return the payloads.

        None: the connection is new, so notifications may have been missed. Never raises for a
        database that is away.
        """
        if self._connection is None and self._connect():
            return None
        sources = [self._wake_reader]
        if self._connection is None:
            seconds = min(seconds, RECONNECT_SECONDS)
        else:
            sources.append(self._connection.pgconn.socket)
        readable, _, _ = select.select(sources, [], [], max(0.0, seconds))
        if self._wake_reader in readable:
            os.read(self._wake_reader, 4096)
        return self._received() if len(readable) > (self._wake_reader in readable) else []

    def wake(self) -> None:
        """End a `wait`, from another thread or a signal handler."""
        try:
            os.write(self._wake_writer, b"\0")
        except BlockingIOError:
            pass  # The pipe is full, so the wait ends anyway.

    def close(self) -> None:
        """Close the connection; the object cannot be used afterwards."""
        self._disconnect()
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _connect(self) -> bool:
        if monotonic() < self._retry_at:
            return False
        self._retry_at = monotonic() + RECONNECT_SECONDS
        try:
            pooled = self._database.engine.raw_connection()
            connection = pooled.driver_connection
            pooled.detach()
            assert isinstance(connection, psycopg.Connection)
            connection.autocommit = True
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        except (psycopg.Error, SQLAlchemyError) as error:
            logger.warning("notifications.not_connected %s", server_words(error))
            return False
        self._connection = connection
        return True

    def _received(self) -> list[str]:
        assert self._connection is not None
        payloads = []
        try:
            self._connection.pgconn.consume_input()
            while notification := self._connection.pgconn.notifies():
                payloads.append(notification.extra.decode())
        except psycopg.Error as error:
            logger.warning("notifications.connection_lost %s", server_words(error))
            self._disconnect()
        return payloads

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
