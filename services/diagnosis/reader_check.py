"""May the SQL page run, and can its role do nothing but read the documented views?"""

import psycopg
from sqlalchemy import make_url, text

from services.database.doors import open_doors
from services.database.reader import reader_url, run_readonly
from services.database.reader_role import reader_password
from services.diagnosis.checks import Answer, failed, ok, unknown, warning
from services.diagnosis.house import House
from services.errors import DatabaseUnavailableError, QueryRefusedError

_QUESTION = "SELECT count(*) FROM mascots"
_OFF = (
    "Run ./run migrate with a DATABASE_URL whose role may make roles (ALTER ROLE … CREATEROLE), "
    "or name a role that only reads in DATABASE_READONLY_URL."
)


def reader_answer(house: House) -> Answer:
    """Sign in as the reader, read a view, and look for what else it could do."""
    with house.transaction() as session:
        session.execute(text("SELECT 1"))
    url = _url(house)
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


def _url(house: House) -> str | None:
    settings = house.settings
    if settings.database_readonly_url:
        return settings.database_readonly_url.get_secret_value()
    if settings.database_url is None or settings.secret_key is None:
        return None
    password = reader_password(settings.secret_key.get_secret_value())
    return reader_url(settings.database_url.get_secret_value(), password)


def _doors(house: House, role: str) -> list[str]:
    with house.transaction() as session:
        raw = session.connection().connection.driver_connection
        return open_doors(raw, role) if isinstance(raw, psycopg.Connection) else []
