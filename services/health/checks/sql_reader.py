"""May the SQL page run, and can its role do nothing but read the documented views?"""

import psycopg
from sqlalchemy import make_url, text

from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.database.read_only.address import reader_address
from services.database.read_only.excess_privileges import excess_privileges
from services.database.read_only.reader import run_readonly
from services.health.check import Answer, failed, ok, unknown, warning
from services.health.system_under_check import House

_QUESTION = "SELECT count(*) FROM mascots"
_OFF = (
    "Run ./run migrate with a DATABASE_URL whose role may make roles (ALTER ROLE … CREATEROLE), "
    "or name a role that only reads in DATABASE_READONLY_URL."
)


def reader_answer(house: House) -> Answer:
    """Sign in as the reader, read a view, and look for what else it could do."""
    with house.transaction() as session:
        session.execute(text("SELECT 1"))
    url = reader_address(house.settings)
    if url is None:
        return unknown("Cannot be told without SECRET_KEY.", "Set SECRET_KEY, or start ./run.")
    role = make_url(url).username or ""
    try:
        run_readonly(url, _QUESTION)
    except DatabaseUnavailableError:
        return warning(f"The SQL page is off: role {role} may not sign in.", _OFF)
    except QueryRefusedError as error:
        return warning(f"Role {role} signs in, but: {error.sentence}", _OFF)
    doors = _doors(house, role)
    if doors:
        return failed(
            f"Role {role} could do more than read: {len(doors)} rights are open to it.",
            "Run ./run migrate once with a superuser in DATABASE_URL: it closes them.",
        )
    return ok(f"Role {role} reads the documented views and nothing else.")


def _doors(house: House, role: str) -> list[str]:
    with house.transaction() as session:
        raw = session.connection().connection.driver_connection
        return excess_privileges(raw, role) if isinstance(raw, psycopg.Connection) else []
