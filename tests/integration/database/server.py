"""Databases and roles that a test makes on the server, and a picture of what a database holds."""

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

_WHOLE_SERVER = (
    """SELECT md5(string_agg(oid::text || relname || coalesce(relacl::text, ''), '|' ORDER BY oid))
    FROM pg_class""",
    """SELECT md5(string_agg(oid::text || proname || coalesce(proacl::text, ''), '|' ORDER BY oid))
    FROM pg_proc""",
    """SELECT md5(string_agg(nspname || coalesce(nspacl::text, ''), '|' ORDER BY oid))
    FROM pg_namespace WHERE nspname !~ '^pg_t'""",
    "SELECT md5(string_agg(a::text, '|' ORDER BY oid)) FROM pg_authid AS a",
    "SELECT md5(string_agg(s::text, '|' ORDER BY s::text)) FROM pg_db_role_setting AS s",
    "SELECT array_agg((sequencename, last_value) ORDER BY sequencename) FROM pg_sequences",
    "SELECT array_agg((name, setting)::text ORDER BY name) FROM pg_file_settings",
    "SELECT count(*) FROM pg_largeobject_metadata",
    "SELECT count(*) FROM pg_replication_slots",
    """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
)


@dataclass(frozen=True)
class Server:
    """The server as its superuser."""

    url: str

    def connect(self, url: str | None = None) -> psycopg.Connection:
        """A connection that commits each statement."""
        parsed = make_url(url or self.url)
        _, arguments = parsed.get_dialect()().create_connect_args(parsed)
        return psycopg.connect(**arguments, autocommit=True)

    def create_database(
        self, name: str, *, template: str = "template1", owner: str | None = None
    ) -> str:
        """A new database; returns its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        with self.connect() as connection:
            connection.execute(statement)
        return self.url_of(name)

    def url_of(self, database: str, role: str | None = None, password: str | None = None) -> str:
        """The URL of a database, as the superuser or as a role."""
        url = make_url(self.url).set(database=database)
        if role is not None:
            url = url.set(username=role, password=password)
        return url.render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        """Remove a database with its sessions."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def drop_role(self, url: str, role: str) -> None:
        """Remove a role and what was granted to it in this database."""
        name = sql.Identifier(role)
        with self.connect(url) as connection:
            connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(name))
            connection.execute(sql.SQL("DROP ROLE {}").format(name))


def view_names(connection: psycopg.Connection) -> set[str]:
    """The documented views that this database has."""
    rows = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'diagnostics'")
    return {name for (name,) in rows.fetchall()}


def everything(connection: psycopg.Connection) -> dict[str, object]:
    """What a statement could have changed: rows, objects, rights, roles, settings, locks."""
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class"
        " WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY 1"
    ).fetchall()
    found: dict[str, object] = {
        name: connection.execute(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t".encode()
        ).fetchone()
        for (name,) in tables
    }
    for query in _WHOLE_SERVER:
        found[query] = connection.execute(query.encode()).fetchone()
    return found
