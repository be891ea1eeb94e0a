"""The login role of the SQL page: it reads the views of schema `diagnostics`, in read-only transactions.

Preparation creates and limits this one role and changes the privileges of no other, PUBLIC included.
A role that could do more, or cannot be made, turns the page off: the state holds the reason and the
statements for a superuser.
"""

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from services.database.engine import raw_connection
from services.database.read_only.privileges import excess_privileges
from services.database.views import SCHEMA

CONNECTION_LIMIT = 5
_MAX_NAME_BYTES = 63  # PostgreSQL cuts longer names, and reserves those that begin with pg_
_MARK = "Atelier's SQL page signs in as this role; made and changed by Atelier."
_MAX_TRIES = 5


@dataclass(frozen=True)
class ReaderState:
    """Whether the SQL page may run; if not, the reason and what a superuser can execute."""

    is_on: bool
    role: str
    reason: str = ""
    statements: tuple[str, ...] = ()


def reader_role_name(database_name: str) -> str:
    """Return the role's name: roles belong to the server, so it names its database."""
    name = f"{database_name}_reader"
    if len(name.encode()) <= _MAX_NAME_BYTES and not name.startswith("pg_"):
        return name
    digest = hashlib.sha256(database_name.encode()).hexdigest()[:16]
    return f"atelier_{digest}_reader"


def reader_password(secret_key: str) -> str:
    """Derive the role's password from the secret key, so that it need not be stored."""
    return hmac.new(secret_key.encode(), b"atelier reader role", hashlib.sha256).hexdigest()


def grant_reader(
    connection: Connection, password: str, external_role: str | None = None
) -> ReaderState:
    """Create or renew the reader role in the caller's transaction; the views must exist.

    `external_role` (that of DATABASE_READONLY_URL) is granted the views and checked, never altered.
    A missing privilege is reported by the state; the caller's transaction goes on.
    """
    raw = raw_connection(connection)
    role = external_role or reader_role_name(raw.info.dbname)
    for tries_left in reversed(range(_MAX_TRIES)):
        try:
            with raw.transaction():
                return _granted(raw, role, None if external_role else password)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
            reason = f"Role {role} could not be prepared: {error.diag.message_primary}."
            return ReaderState(False, role, reason)
        except (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation):
            # Another transaction changed the role's row meanwhile ("tuple concurrently updated").
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def inspect_reader(connection: Connection, role: str) -> ReaderState:
    """Return whether this role may sign in and only read the views; changes nothing."""
    raw = raw_connection(connection)
    found = raw.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    state = _checked(raw, role)
    if found == (True,) or not state.is_on:
        return state
    may_create = raw.execute(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if may_create != (True,):
        return _cannot_create(raw, role)
    return ReaderState(False, role, f"Role {role} cannot sign in yet: run ./run migrate.")


def _granted(raw: psycopg.Connection, role: str, password: str | None) -> ReaderState:
    """Prepare the role; without a password it is somebody else's, and only the views are granted."""
    if password is not None and (refused := _created(raw, role)) is not None:
        return refused
    name = sql.Identifier(role)
    grants = sql.SQL(
        "GRANT USAGE ON SCHEMA {schema} TO {role};"
        "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};"
        "GRANT CONNECT ON DATABASE {database} TO {role}"
    )
    database = sql.Identifier(raw.info.dbname)
    raw.execute(grants.format(schema=sql.Identifier(SCHEMA), role=name, database=database))
    state = _checked(raw, role)
    if state.is_on and password is not None:
        # Last: a role that could do more must not be able to sign in.
        # A verifier instead of the password, because the server may log statements.
        verifier = raw.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        raw.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(verifier.decode()))
        )
    return state


def _created(raw: psycopg.Connection, role: str) -> ReaderState | None:
    """Create the role or reset its limits and privileges; return the reason where it cannot be."""
    mark = raw.execute(
        "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    if mark is not None and mark[0] != _MARK:
        return ReaderState(
            False,
            role,
            f"A role {role} exists that Atelier did not make. Remove it, or name the role to use"
            " in DATABASE_READONLY_URL.",
        )
    name = sql.Identifier(role)
    try:
        with raw.transaction():
            if mark is None:
                create = sql.SQL("CREATE ROLE {0}; COMMENT ON ROLE {0} IS {1}")
                raw.execute(create.format(name, sql.Literal(_MARK)))
            limit = sql.SQL("ALTER ROLE {} NOLOGIN NOINHERIT CONNECTION LIMIT {}")
            raw.execute(limit.format(name, sql.Literal(CONNECTION_LIMIT)))
            setting = sql.SQL("ALTER ROLE {} SET {} TO {}")
            for key, value in _settings(raw).items():
                raw.execute(setting.format(name, sql.Identifier(key), sql.Literal(value)))
    except psycopg.errors.InsufficientPrivilege:
        return _cannot_create(raw, role)
    for statement in excess_privileges(raw, role):
        if not statement.endswith(" FROM PUBLIC"):
            with suppress(psycopg.errors.InsufficientPrivilege), raw.transaction():
                raw.execute(statement.encode())
    return None


def _cannot_create(raw: psycopg.Connection, role: str) -> ReaderState:
    own = sql.Identifier(raw.info.user).as_string(raw)
    return ReaderState(
        False,
        role,
        f"The role {raw.info.user} of DATABASE_URL may not create the login role {role}. Let a"
        " superuser execute the statement below and start again, or name a role that only reads"
        " in DATABASE_READONLY_URL.",
        (f"ALTER ROLE {own} CREATEROLE",),
    )


def _settings(raw: psycopg.Connection) -> dict[str, str]:
    """Return what each session of the role begins with; some need a superuser or a version."""
    settings = {
        "search_path": SCHEMA,
        "default_transaction_read_only": "on",
        "statement_timeout": "5s",
        "idle_in_transaction_session_timeout": "6s",
        "lock_timeout": "2s",
        "client_connection_check_interval": "1s",
        "max_parallel_workers_per_gather": "0",
        "jit": "off",
    }
    if raw.info.server_version >= 170000:
        settings["transaction_timeout"] = "6s"
    if raw.info.parameter_status("is_superuser") == "on":
        settings["temp_file_limit"] = "64MB"
    return settings


def _checked(raw: psycopg.Connection, role: str) -> ReaderState:
    if role == raw.info.user:
        reason = f"DATABASE_READONLY_URL names {role}, the role that owns the tables."
        return ReaderState(False, role, reason)
    if not (excess := excess_privileges(raw, role)):
        return ReaderState(True, role)
    return ReaderState(
        False,
        role,
        f"Role {role} could still do more than read schema {SCHEMA}, and {raw.info.user} may not"
        " take that away. Let a superuser execute the statements below in this database and"
        " start again.",
        tuple(excess),
    )
