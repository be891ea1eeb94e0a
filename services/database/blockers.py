"""Which sessions of PostgreSQL hold locks on our tables, and for how long."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.core.humanize import span
from services.core.redaction import redact

_MAX_QUERY_CHARACTERS = 80

# Of another role's session, PostgreSQL shows neither times nor statement without pg_read_all_stats.
# A prepared transaction holds locks without a session, and shows as pid 0 in pg_blocking_pids.
_STATEMENT = text(
    """
    WITH held AS (
      SELECT coalesce(pid, 0) AS pid, virtualtransaction,
        array_agg(DISTINCT relation::regclass::text ORDER BY relation::regclass::text) AS tables
      FROM pg_locks JOIN pg_class ON pg_class.oid = relation AND relkind = 'r'
      WHERE granted AND mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')
        AND relnamespace = to_regnamespace('app')
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      GROUP BY 1, 2
    ), waiting AS (
      SELECT blocker, count(*) AS sessions
      FROM pg_stat_activity CROSS JOIN LATERAL unnest(pg_blocking_pids(pid)) AS blocker
      WHERE wait_event_type = 'Lock' AND datname = current_database()
      GROUP BY blocker
    ), sessions AS (
      SELECT activity.pid, application_name AS application, usename AS person,
        coalesce(host(client_addr), '') AS client, xact_start AS since,
        coalesce(state, 'state not shown to us') AS state, coalesce(query, '') AS query, held.tables
      FROM pg_stat_activity AS activity JOIN held USING (pid)
      WHERE activity.pid <> pg_backend_pid()
      UNION ALL
      SELECT 0, '', owner, '', prepared, 'prepared', gid, held.tables
      FROM pg_prepared_xacts
        JOIN held ON held.pid = 0 AND virtualtransaction = '-1/' || transaction
      WHERE database = current_database()
    )
    SELECT sessions.*, extract(epoch FROM clock_timestamp() - since)::float AS seconds,
      coalesce(waiting.sessions, 0)::integer AS waiting
    FROM sessions LEFT JOIN waiting ON waiting.blocker = sessions.pid
    WHERE waiting.sessions > 0 OR since IS NULL
      OR since < clock_timestamp() - make_interval(secs => :seconds)
    ORDER BY waiting DESC, since NULLS FIRST LIMIT 20
    """
)


@dataclass(frozen=True)
class Blocker:
    """A session whose open transaction holds locks on our tables; `pid` 0: a prepared transaction.

    `query` is the beginning of its last statement; `waiting` counts the sessions that wait for it now.
    """

    pid: int
    application: str
    person: str
    client: str
    since: datetime | None
    seconds: float | None
    state: str
    query: str
    tables: tuple[str, ...]
    waiting: int

    @property
    def sentence(self) -> str:
        """Who holds what, since when, and with which statement."""
        tables = ", ".join(name.removeprefix("app.") for name in self.tables)
        held = f"holds locks on {tables}"
        if self.since and self.seconds is not None:
            held += f" since {self.since:%H:%M:%S} UTC ({span(self.seconds)})"
        if not self.pid:
            return f"A prepared transaction of role {self.person} ({self.query}) {held}."
        names = (self.application, f"role {self.person}", self.client)
        name = ", ".join(filter(None, names))
        return f"Session {self.pid} ({name}) {held}, {self.state}; last statement: {self.query or 'none'}."

    @property
    def fix(self) -> str:
        """What ends it."""
        if not self.pid:
            return f"End it with ROLLBACK PREPARED '{self.query}' or COMMIT PREPARED."
        return f"Commit or roll back there, or end it: SELECT pg_terminate_backend({self.pid})."


def blockers(session: Session, min_seconds: float) -> list[Blocker]:
    """Return who blocks another session now, or holds our tables for longer; most waited for first.

    Another role's statement is shown only to a member of pg_read_all_stats.
    """
    rows = session.execute(_STATEMENT, {"seconds": min_seconds})
    return [_blocker(row._asdict()) for row in rows]


def _blocker(row: dict[str, object]) -> Blocker:
    query = redact(" ".join(str(row["query"]).split()))
    is_long = len(query) > _MAX_QUERY_CHARACTERS
    query = f"{query[:_MAX_QUERY_CHARACTERS]}…" if is_long else query
    tables = tuple(map(str, row["tables"]))  # type: ignore[call-overload]
    return Blocker(**row | {"query": query, "tables": tables})  # type: ignore[arg-type]
