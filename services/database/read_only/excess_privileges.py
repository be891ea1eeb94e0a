"""What the reader role could still do besides reading schema `diagnostics`, as REVOKEs.

PostgreSQL opens much of its catalog to PUBLIC. What stays open is listed here; the rest, also
what a later version adds, counts as a door. Answers as statements and executes none.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

# The names of things, which information_schema tells as well; no statement, setting or role.
OPEN_RELATIONS = (
    "pg_attribute",
    "pg_class",
    "pg_collation",
    "pg_description",
    "pg_enum",
    "pg_namespace",
    "pg_range",
    "pg_tables",
    "pg_timezone_abbrevs",
    "pg_timezone_names",
    "pg_type",
    "pg_views",
)

# Volatile functions act or wait, but for these.
OPEN_VOLATILE = (
    "array_sample",
    "array_shuffle",
    "clock_timestamp",
    "gen_random_uuid",
    "random",
    "random_normal",
    "timeofday",
    "uuidv4",
    "uuidv7",
)

# pg_… functions tell about the server, its sessions and its files, but for these. The last
# eight are what information_schema itself calls.
OPEN_SERVER_FUNCTIONS = (
    "pg_client_encoding",
    "pg_collation_for",
    "pg_column_size",
    "pg_input_is_valid",
    "pg_size_bytes",
    "pg_size_pretty",
    "pg_timezone_abbrevs_abbrevs",
    "pg_timezone_abbrevs_zone",
    "pg_timezone_names",
    "pg_typeof",
    "pg_column_is_updatable",
    "pg_get_expr",
    "pg_has_role",
    "pg_is_other_temp_schema",
    "pg_my_temp_schema",
    "pg_relation_is_updatable",
    "pg_table_is_visible",
    "pg_type_is_visible",
)

# Neither volatile nor pg_…, and yet telling.
CLOSED_FUNCTIONS = (
    "current_setting",
    "inet_client_addr",
    "inet_client_port",
    "inet_server_addr",
    "inet_server_port",
    "shobj_description",
)
CLOSED_FUNCTION_PATTERN = "_to_xml|^txid_"

# Internal support functions cannot be called from a query, and operators, casts and aggregates
# are called by their own names: all three stay.
_FUNCTIONS: LiteralString = """
    SELECT format('REVOKE EXECUTE ON ROUTINE %%s FROM PUBLIC, %%I',
        string_agg(routine.oid::regprocedure::text, ', ' ORDER BY routine.oid), %(role)s::text)
    FROM pg_proc AS routine
    WHERE routine.pronamespace = 'pg_catalog'::regnamespace
      AND routine.prokind IN ('f', 'p')
      AND 'internal'::regtype <> ALL (routine.proargtypes::oid[] || routine.prorettype)
      AND 'cstring'::regtype <> ALL (routine.proargtypes::oid[] || routine.prorettype)
      AND routine.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND NOT EXISTS (SELECT FROM pg_operator WHERE oprcode = routine.oid)
      AND NOT EXISTS (SELECT FROM pg_cast WHERE castfunc = routine.oid)
      AND NOT EXISTS (SELECT FROM pg_amproc WHERE amproc = routine.oid)
      AND (
        routine.provolatile = 'v' AND routine.proname <> ALL (%(open_volatile)s)
        OR routine.proname ^@ 'pg_' AND routine.proname <> ALL (%(open_server_functions)s)
        OR routine.proname = ANY (%(closed_functions)s)
        OR routine.proname ~ %(closed_function_pattern)s
      )
      AND has_function_privilege(%(role)s, routine.oid, 'EXECUTE')
    HAVING count(*) > 0
"""

# Of the catalog alone: relations of other schemas are behind _SCHEMAS.
_RELATIONS: LiteralString = """
    SELECT format('REVOKE SELECT ON TABLE %%s FROM PUBLIC, %%I',
        string_agg(relation.oid::regclass::text, ', ' ORDER BY relation.oid), %(role)s::text)
    FROM pg_class AS relation
    WHERE relation.relnamespace = 'pg_catalog'::regnamespace
      AND relation.relkind IN ('r', 'v', 'm', 'f', 'p')
      AND relation.relname <> ALL (%(open_relations)s)
      AND has_any_column_privilege(%(role)s, relation.oid, 'SELECT')
    HAVING count(*) > 0
"""

_WRITES: LiteralString = """
    SELECT format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON TABLE %%s FROM PUBLIC, %%I',
        relation.oid::regclass, %(role)s::text)
    FROM pg_class AS relation
    WHERE relation.relkind IN ('r', 'v', 'm', 'f', 'p')
      AND relation.relnamespace IN ('pg_catalog'::regnamespace, to_regnamespace('diagnostics'))
      AND has_table_privilege(%(role)s, relation.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
"""

_SCHEMAS: LiteralString = """
    SELECT format('REVOKE ALL ON SCHEMA %%s FROM PUBLIC, %%I',
        string_agg(quote_ident(nspname), ', ' ORDER BY nspname), %(role)s::text)
    FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'diagnostics')
      AND has_schema_privilege(%(role)s, oid, 'USAGE, CREATE')
    HAVING count(*) > 0
"""

_LANGUAGES: LiteralString = """
    SELECT format('REVOKE USAGE ON LANGUAGE %%s FROM PUBLIC, %%I',
        string_agg(quote_ident(lanname), ', ' ORDER BY lanname), %(role)s::text)
    FROM pg_language
    WHERE lanpltrusted AND has_language_privilege(%(role)s, oid, 'USAGE')
    HAVING count(*) > 0
"""

_DATABASE: LiteralString = """
    SELECT format('REVOKE TEMPORARY, CREATE ON DATABASE %%I FROM PUBLIC, %%I',
        current_database(), %(role)s::text)
    WHERE has_database_privilege(%(role)s, current_database(), 'TEMPORARY, CREATE')
"""

_MEMBERSHIPS: LiteralString = """
    SELECT format('REVOKE %%I FROM %%I', granted.rolname, member.rolname)
    FROM pg_auth_members
    JOIN pg_roles AS granted ON granted.oid = roleid
    JOIN pg_roles AS member ON member.oid = pg_auth_members.member
    WHERE member.rolname = %(role)s
"""

_ATTRIBUTES: LiteralString = """
    SELECT format('ALTER ROLE %%I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
        rolname)
    FROM pg_roles
    WHERE rolname = %(role)s
      AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
"""


def excess_privileges(connection: psycopg.Connection, role: str) -> list[str]:
    """The statements that would close what this role can still do; empty when it is safe."""
    parts = (
        _ATTRIBUTES,
        _MEMBERSHIPS,
        _DATABASE,
        _SCHEMAS,
        _LANGUAGES,
        _RELATIONS,
        _WRITES,
        _FUNCTIONS,
    )
    values = {
        "role": role,
        "open_relations": list(OPEN_RELATIONS),
        "open_volatile": list(OPEN_VOLATILE),
        "open_server_functions": list(OPEN_SERVER_FUNCTIONS),
        "closed_functions": list(CLOSED_FUNCTIONS),
        "closed_function_pattern": CLOSED_FUNCTION_PATTERN,
    }
    return [
        row[0] for part in parts for row in connection.execute(sql.SQL(part), values).fetchall()
    ]
