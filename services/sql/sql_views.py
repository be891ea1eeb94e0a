"""Run named queries for operators and free SQL for admins; both only read.

The log records who ran what, the audit trail free SQL; neither holds results.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import make_url, text

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.core.states import Role
from services.database.engine import Database
from services.database.query_result import QueryResult, csv_text
from services.database.read_only.reader import ROW_LIMIT, check_statement, run_readonly
from services.database.read_only.role import ReaderState, inspect_reader
from services.database.views import SCHEMA
from services.sql.catalogue import CATALOGUE, named
from services.sql.query import NamedQuery

logger = logging.getLogger("atelier.sql")

FREE_SQL = "sql.run"
FREE_SQL_REASON = "Free SQL on the SQL page"
STATE_SECONDS = {True: 60.0, False: 5.0}
"""How long an inspection of the reader stays valid, by whether it was on."""
_NO_ADDRESS = "The SQL reader has no address: set SECRET_KEY, or start with ./run."
_REFUSED_PASSWORD = (
    "Role {role} exists but refuses this process's password. Run ./run migrate with the SECRET_KEY of"
    " this process, or correct DATABASE_READONLY_URL; a pooler must let the role in too."
)
_LEFT_RUNNING = (
    "an earlier statement still runs in PostgreSQL although its time is over (session {pids}): some"
    " functions cannot be interrupted. Wait until it ends, or restart PostgreSQL."
)
_SESSIONS = text("SELECT pid FROM pg_stat_activity WHERE pid = ANY(:pids) AND usename = :role")
_VIEWS = text(
    """
    SELECT relation.relname, obj_description(relation.oid, 'pg_class') AS question,
      array_agg(attribute.attname::text ORDER BY attribute.attnum) AS names,
      array_agg(format_type(attribute.atttypid, attribute.atttypmod) ORDER BY attribute.attnum)
        AS types
    FROM pg_class AS relation JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE relation.relnamespace = to_regnamespace(:schema) AND relation.relkind = 'v'
      AND attribute.attnum > 0
    GROUP BY relation.oid, relation.relname
    ORDER BY relation.relname
    """
)


@dataclass(frozen=True)
class ViewCard:
    """A documented view; `columns` are names with their types."""

    name: str
    question: str
    columns: tuple[tuple[str, str], ...]


class SqlViews:
    """Reads the documented views for people."""

    def __init__(self, database: Database, address: str | None) -> None:
        """`address`: the reader's database URL, a secret; None turns SQL off."""
        self._database = database
        self._address = address
        self._known: tuple[float, ReaderState] | None = None
        self._lock = threading.Lock()
        self._left: set[int] = set()
        """Sessions whose statement ran on when its time was over."""

    def catalogue(self, actor: Actor) -> tuple[NamedQuery, ...]:
        """Return every named query."""
        require(actor, Role.OPERATOR)
        return CATALOGUE

    def state(self, actor: Actor) -> ReaderState:
        """Return whether the reader is on; if not, why, and the statements for a superuser.

        At most a minute old. Raises DatabaseUnavailableError.
        """
        require(actor, Role.OPERATOR)
        with self._lock:
            if self._known and monotonic() - self._known[0] < STATE_SECONDS[self._known[1].is_on]:
                return self._known[1]
            state = self._inspected()
            self._known = (monotonic(), state)
            return state

    def run(
        self,
        actor: Actor,
        query_id: str,
        parameters: Mapping[str, str],
        row_limit: int = ROW_LIMIT,
    ) -> QueryResult:
        """Run a named query; parameters that are not given have their defaults.

        Raises NotFoundError, InvalidRequestError, QueryRefusedError, DatabaseUnavailableError.
        """
        require(actor, Role.OPERATOR)
        query = named(query_id)
        values = query.values(parameters)
        address = self._open(actor)
        logger.info("sql_run actor=%s query=%s values=%s", actor.id, query.id, list(values))
        return run_readonly(
            address, query.statement, parameters=values, row_limit=min(row_limit, ROW_LIMIT)
        )

    def run_free(self, actor: Actor, statement: str, row_limit: int = ROW_LIMIT) -> QueryResult:
        """Run an admin's own statement; the audit trail records it before it runs.

        Raises QueryRefusedError and DatabaseUnavailableError.
        """
        require(actor, Role.ADMIN)
        check_statement(statement)
        address = self._open(actor)
        self._refuse_beside_left()
        with self._database.transaction() as session:
            record_change(
                session, actor, FREE_SQL, SCHEMA, FREE_SQL_REASON, after={"statement": statement}
            )
        logger.info("sql_run actor=%s statement=%r", actor.id, statement)
        try:
            return run_readonly(address, statement, row_limit=min(row_limit, ROW_LIMIT))
        except QueryRefusedError as error:
            if pid := error.fields.get("left_running"):
                self._left.add(pid)
            raise

    def _refuse_beside_left(self) -> None:
        """Refuse free SQL while an earlier statement runs on in PostgreSQL after its time was over.

        Each would use up a core and one of the reader's few connections. Raises QueryRefusedError.
        """
        if not self._left:
            return
        with self._database.transaction() as session:
            # Of a session, its pid and role are shown to everybody.
            pids = {"pids": list(self._left), "role": make_url(self._address or "").username}
            running = set(session.scalars(_SESSIONS, pids))
        self._left &= running
        if running:
            listed = ", ".join(map(str, sorted(running)))
            raise QueryRefusedError(reason=_LEFT_RUNNING.format(pids=listed))

    def csv(self, actor: Actor, result: QueryResult) -> str:
        """Return the result as CSV without formulas."""
        require(actor, Role.OPERATOR)
        return csv_text(result.columns, result.rows)

    def views(self, actor: Actor) -> tuple[ViewCard, ...]:
        """Return the readable views with their questions and columns, by name."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            rows = session.execute(_VIEWS, {"schema": SCHEMA}).all()
        return tuple(
            ViewCard(row.relname, row.question or "", tuple(zip(row.names, row.types, strict=True)))
            for row in rows
        )

    def _open(self, actor: Actor) -> str:
        state = self.state(actor)
        if not state.is_on or self._address is None:
            raise QueryRefusedError(reason=f"the SQL reader is off. {state.reason}")
        return self._address

    def _inspected(self) -> ReaderState:
        if self._address is None:
            return ReaderState(False, "", _NO_ADDRESS)
        role = make_url(self._address).username or ""
        with self._database.transaction() as session:
            state = inspect_reader(session.connection(), role)
        if not state.is_on:
            return state
        try:
            run_readonly(self._address, "SELECT 1")
        except DatabaseUnavailableError as error:
            is_refused = error.problem.code == "wrong_password"
            reason = _REFUSED_PASSWORD.format(role=role) if is_refused else str(error.problem)
            return ReaderState(False, role, reason)
        return state
