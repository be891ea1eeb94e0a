"""The login role of the SQL page: it sees schema `diagnostics` and nothing else.

Where the application may not make it, or cannot close what PostgreSQL opens to everybody, the
page is off and the state says why and what a superuser can run. Refused is refused: no half way.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from services.database.read_only.excess_privileges import excess_privileges
from services.database.views import SCHEMA

CONNECTION_LIMIT = 5  # what one operator can occupy for long is a few processes, not the server
STATEMENT_SECONDS = 5
TRANSACTION_SECONDS = 6
_NAME_BYTES = 63  # PostgreSQL cuts longer names, and keeps those in pg_… to itself
_MARK = "Atelier's SQL page signs in as this role; made and changed by Atelier."
_TRIES = 5


@dataclass(frozen=True)
class ReaderState:
    """Whether the SQL page may run; when not, why, and what a superuser can execute for it."""

    is_on: bool
    role: str
    reason: str = ""
    statements: tuple[str, ...] = ()


def reader_role_name(database_name: str) -> str:
    """The role's name: roles belong to the whole cluster, so it names its database."""
    name = f"{database_name}_reader"
    if len(name.encode()) <= _NAME_BYTES and not name.startswith("pg_"):
        return name
    digest = hashlib.sha256(database_name.encode()).hexdigest()[:16]
    return f"atelier_{digest}_reader"


def reader_password(secret_key: str) -> str:
    """The role's password, always the same for a secret key: nothing more has to be stored."""
    return hmac.new(secret_key.encode(), b"atelier reader role", hashlib.sha256).hexdigest()


def grant_reader(
    connection: Connection, password: str, external_role: str | None = None
) -> ReaderState:
    """Make or renew the reader role, in the caller's transaction; the views must be there.

    `external_role` (that of DATABASE_READONLY_URL) is granted the views and checked, never made
    or altered. Never raises for a missing right: the state says it, and the caller's transaction
    goes on.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the reader role needs a connection of psycopg")
    role = external_role or reader_role_name(raw.info.dbname)
    try:
        with raw.transaction():
            if external_role is None:
                refusal = _made(raw, role)
                if refusal is not None:
                    return refusal
            _retried(raw, partial(_grant_views, raw, role))
            state = _closed(raw, role)
            if state.is_on and external_role is None:
                # Only now: a role that could do more shall not be able to sign in.
                _retried(raw, partial(_let_in, raw, role, password))
            return state
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
        reason = error.diag.message_primary or type(error).__name__
        return ReaderState(False, role, f"Role {role} could not be prepared: {reason}.")


def inspect_reader(connection: Connection, role: str) -> ReaderState:
    """Whether this role may sign in and do nothing but read the views; changes nothing."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the reader role needs a connection of psycopg")
    found = raw.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is not None and (left := _to_close(raw, role)):
        return _excess_privileges_left(raw, role, left)
    if found == (True,):
        return ReaderState(True, role)
    own = raw.execute(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if own != (True,):
        return _may_not_make(raw, role)
    told = f"Role {role} may not sign in yet: run ./run migrate, and read what it says of the role."
    return ReaderState(False, role, told)


def _made(raw: psycopg.Connection, role: str) -> ReaderState | None:
    """Make the role, or say why not; None when it is there and ours."""
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
    try:
        _retried(raw, partial(_write_role, raw, role, is_new=mark is None))
    except psycopg.errors.InsufficientPrivilege:
        return _may_not_make(raw, role)
    return None


def _may_not_make(raw: psycopg.Connection, role: str) -> ReaderState:
    return ReaderState(
        False,
        role,
        f"The role {raw.info.user} of DATABASE_URL may not make the login role {role}. Let a"
        " superuser execute the statement below and start again, or name a role that only reads"
        " in DATABASE_READONLY_URL.",
        (_text(raw, "ALTER ROLE {} CREATEROLE", raw.info.user),),
    )


def _write_role(raw: psycopg.Connection, role: str, *, is_new: bool) -> None:
    name = sql.Identifier(role)
    if is_new:
        raw.execute(sql.SQL("CREATE ROLE {}").format(name))
        raw.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(name, sql.Literal(_MARK)))
    raw.execute(
        sql.SQL("ALTER ROLE {} NOLOGIN NOINHERIT CONNECTION LIMIT {}").format(
            name, sql.Literal(CONNECTION_LIMIT)
        )
    )
    for setting, value in _settings(raw).items():
        raw.execute(
            sql.SQL("ALTER ROLE {} SET {} TO {}").format(
                name, sql.Identifier(setting), sql.Literal(value)
            )
        )


def _let_in(raw: psycopg.Connection, role: str, password: str) -> None:
    # A verifier, not the password: statements are logged where log_statement says so.
    verifier = raw.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    raw.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier)
        )
    )


def _settings(raw: psycopg.Connection) -> dict[str, str]:
    """What each session of the role begins with; some need a superuser or a version."""
    settings = {
        "search_path": SCHEMA,
        "default_transaction_read_only": "on",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{TRANSACTION_SECONDS}s",
        "lock_timeout": "2s",
        "max_parallel_workers_per_gather": "0",
        "jit": "off",
    }
    if raw.info.server_version >= 170000:
        settings["transaction_timeout"] = f"{TRANSACTION_SECONDS}s"
    if _is_superuser(raw):
        settings["temp_file_limit"] = "64MB"
    return settings


def _grant_views(raw: psycopg.Connection, role: str) -> None:
    name = sql.Identifier(role)
    schema = sql.Identifier(SCHEMA)
    database = sql.Identifier(raw.info.dbname)
    raw.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, name))
    raw.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, name))
    may_connect = raw.execute(
        "SELECT has_database_privilege(%s, current_database(), 'CONNECT')", [role]
    ).fetchone()
    if may_connect != (True,):
        raw.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))


def _closed(raw: psycopg.Connection, role: str) -> ReaderState:
    """Close every door that can be closed from here; off when one stays open."""
    for statement in _to_close(raw, role):
        try:
            _retried(raw, partial(raw.execute, statement.encode()))
        except psycopg.errors.InsufficientPrivilege:
            continue  # The check below finds what is still open.
    left = _to_close(raw, role)
    if not left:
        return ReaderState(True, role)
    return _excess_privileges_left(raw, role, left)


def _excess_privileges_left(raw: psycopg.Connection, role: str, left: list[str]) -> ReaderState:
    return ReaderState(
        False,
        role,
        f"Role {role} could still do more than read schema {SCHEMA}, and {raw.info.user} may not"
        " take that away. Let a superuser execute the statements below in this database and"
        " start again.",
        tuple(left),
    )


def _to_close(raw: psycopg.Connection, role: str) -> list[str]:
    """The REVOKEs, each after a GRANT of the same to our own role when that one needs it."""
    statements = excess_privileges(raw, role)
    if _is_superuser(raw):
        return statements
    ours = _text(raw, "TO {}", raw.info.user)
    kept = []
    for statement in statements:
        action, separator, _ = statement.rpartition(" FROM PUBLIC, ")
        if separator:
            kept.append(action.replace("REVOKE ", "GRANT ", 1) + " " + ours)
        kept.append(statement)
    return kept


def _is_superuser(raw: psycopg.Connection) -> bool:
    return raw.info.parameter_status("is_superuser") == "on"


def _text(raw: psycopg.Connection, template: str, name: str) -> str:
    return template.format(sql.Identifier(name).as_string(raw))


def _retried(raw: psycopg.Connection, action: Callable[[], object]) -> None:
    """Run it in a savepoint, again when another database of the cluster changed the same row.

    Advisory locks belong to one database and roles to the cluster, so no lock of ours spans
    two preparations; PostgreSQL then answers "tuple concurrently updated" (XX000).
    """
    for attempt in range(1, _TRIES + 1):
        try:
            with raw.transaction():
                action()
                return
        except (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation):
            if attempt == _TRIES:
                raise
