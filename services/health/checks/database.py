"""Is the database there, of this version, reached directly, and closed to the SQL page's reader?"""

from time import monotonic

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from services.core.errors import DatabaseUnavailableError
from services.core.redaction import shown_value
from services.database.engine import Database
from services.database.revisions import known_revisions, present_revision
from services.health.check import Answer, Question, failed, ok, warning
from services.health.checks.sql_reader import reader_answer
from services.health.system_under_check import House

GROUP = "Database"
SLOW_SECONDS = 0.2
_PREPARE = "Run ./run migrate; ./run does it by itself when it starts."


def database_questions(house: House) -> list[Question]:
    """The questions about the database."""
    return [
        Question("PostgreSQL", GROUP, lambda: _server(house)),
        Question("Migrations", GROUP, lambda: _migrations(house)),
        Question("Session connection", GROUP, lambda: _session(house.database)),
        Question("Reader of the SQL page", GROUP, lambda: reader_answer(house)),
    ]


def _server(house: House) -> Answer:
    if house.database is None:
        return failed(
            f"No database: DATABASE_URL is not set, and no ./run works in {house.settings.home}.",
            "Start ./run, which brings its own database, or set DATABASE_URL.",
        )
    place = shown_value(house.settings.database_url)
    try:
        return _described(house, place)
    except DatabaseUnavailableError:
        return failed(
            f"PostgreSQL ({place}) does not answer.",
            "Start the database (./run starts its own), or correct DATABASE_URL.",
        )


def _described(house: House, place: str) -> Answer:
    with house.transaction() as session:
        version = str(session.scalar(text("SHOW server_version"))).split()[0]
        is_replica = bool(session.scalar(text("SELECT pg_is_in_recovery()")))
        began = monotonic()
        session.execute(text("SELECT 1"))
        seconds = monotonic() - began
    if is_replica:
        return failed(
            f"PostgreSQL {version} ({place}) is a replica and takes no writes.",
            "Let DATABASE_URL name the primary server.",
        )
    told = f"PostgreSQL {version} ({place}) answers in {seconds * 1000:.1f} ms."
    if seconds > SLOW_SECONDS:
        return warning(told, "Move the database and the desk closer together.")
    return ok(told)


def _migrations(house: House) -> Answer:
    known = known_revisions()
    with house.transaction() as session:
        present = present_revision(session)
    if present is None:
        return failed("The database is empty: it was never prepared.", _PREPARE)
    if present not in known:
        return failed(
            f"The database has version {present}, which this program does not know.",
            "Update Atelier to the version that prepared the database.",
        )
    pending = known.index(present)
    if pending:
        many = "migration is" if pending == 1 else "migrations are"
        return failed(f"{pending} {many} pending: {present} → {known[0]}.", _PREPARE)
    return ok(f"The tables have this program's version, {present}.")


def _session(database: Database | None) -> Answer:
    if database is None:
        raise DatabaseUnavailableError
    try:
        is_kept = _keeps_its_session(database)
    except OperationalError as error:
        raise DatabaseUnavailableError from error
    if is_kept:
        return ok("DATABASE_URL is a session connection.")
    return failed(
        "DATABASE_URL goes through a transaction pooler: locks and settings get lost there.",
        "Set DATABASE_URL to the server itself or to the pooler's session port.",
    )


def _keeps_its_session(database: Database) -> bool:
    """A pooler gives the second client what the first has just let go of; a session stays."""
    with database.engine.connect() as first:
        before = _server_process(first)
        first.commit()
        with database.engine.connect() as second:
            _server_process(second)
            return _server_process(first) == before


def _server_process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
