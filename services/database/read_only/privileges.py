"""Privileges of the reader role beyond the views of schema `diagnostics`, as statements that revoke them.

Nothing here executes a statement. What the role itself holds makes it unsafe. What everybody (PUBLIC)
holds is for the server's administrator to decide, since revoking it concerns other roles too.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

# pg_shdepend names the objects of this database whose privileges mention a role.
_EXCESS: LiteralString = """
    SELECT format('ALTER ROLE %%I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
        rolname)
    FROM pg_roles
    WHERE rolname = %(role)s
      AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    UNION ALL
    SELECT format('REVOKE %%s FROM %%s', roleid::regrole, member::regrole)
    FROM pg_auth_members
    WHERE member = to_regrole(quote_ident(%(role)s))
    UNION ALL
    SELECT format('REVOKE ALL ON %%s %%s FROM %%I',
        CASE
          WHEN classid = 'pg_proc'::regclass THEN 'ROUTINE'
          WHEN classid = 'pg_class'::regclass AND type <> 'sequence' THEN 'TABLE'
          ELSE upper(type)
        END, identity, %(role)s::text)
    FROM pg_shdepend CROSS JOIN pg_identify_object(classid, objid, 0) AS object
    WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(quote_ident(%(role)s))
      AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND deptype = 'a' AND objsubid = 0
      AND classid::regclass::text IN ('pg_namespace', 'pg_class', 'pg_proc', 'pg_largeobject')
      AND coalesce(object.schema, object.name) IS DISTINCT FROM 'diagnostics'
    UNION ALL
    SELECT DISTINCT 'REVOKE ALL ON SCHEMA app FROM PUBLIC'
    FROM pg_namespace CROSS JOIN aclexplode(nspacl) AS granted
    WHERE nspname = 'app' AND granted.grantee = 0
"""

_PUBLIC_SCHEMAS: LiteralString = """
    SELECT format('REVOKE USAGE ON SCHEMA %%I FROM PUBLIC', nspname)
    FROM pg_namespace AS schema CROSS JOIN aclexplode(nspacl) AS granted
    WHERE granted.grantee = 0 AND granted.privilege_type = 'USAGE'
      AND nspname NOT IN ('pg_catalog', 'information_schema', 'diagnostics', 'app')
      AND (
        EXISTS (
          SELECT FROM pg_proc WHERE pronamespace = schema.oid
            AND has_function_privilege(%(role)s, pg_proc.oid, 'EXECUTE'))
        OR EXISTS (
          SELECT FROM pg_class WHERE relnamespace = schema.oid AND relkind IN ('r', 'v', 'm', 'f', 'p')
            AND has_any_column_privilege(%(role)s, pg_class.oid, 'SELECT'))
      )
"""

# These act although the transaction is read-only and rolled back: they hold a lock of the application
# until the time limit, or fill the write-ahead log.
_PUBLIC_FUNCTIONS: LiteralString = """
    SELECT format('REVOKE EXECUTE ON ROUTINE %%s FROM PUBLIC',
        string_agg(routine.oid::regprocedure::text, ', ' ORDER BY routine.oid))
    FROM pg_proc AS routine
    CROSS JOIN aclexplode(coalesce(proacl, acldefault('f', proowner))) AS granted
    WHERE pronamespace = 'pg_catalog'::regnamespace AND granted.grantee = 0
      AND proname ~ '^pg_(try_)?advisory_(xact_)?lock|^pg_logical_emit_message$'
    HAVING count(*) > 0
"""


def excess_privileges(connection: psycopg.Connection, role: str) -> list[str]:
    """Return statements that take from the role what it must not hold; empty when it is safe."""
    return _column(connection, role, _EXCESS)


def public_schemas(connection: psycopg.Connection, role: str) -> list[str]:
    """Return a statement for each other schema in which everybody may read or execute something."""
    return _column(connection, role, _PUBLIC_SCHEMAS)


def public_functions(connection: psycopg.Connection, role: str) -> list[str]:
    """Return statements against PostgreSQL's own functions that act in spite of every limit.

    The application uses some of them itself, so its role receives them before PUBLIC loses them.
    """
    statements = _column(connection, role, _PUBLIC_FUNCTIONS)
    own = sql.Identifier(connection.info.user).as_string(connection)
    return [
        statement.replace("REVOKE", "GRANT", 1).replace("FROM PUBLIC", f"TO {own}")
        for statement in statements
    ] + statements


def _column(connection: psycopg.Connection, role: str, query: LiteralString) -> list[str]:
    return [row[0] for row in connection.execute(sql.SQL(query), {"role": role}).fetchall()]
