"""Checks of PostgreSQL: its answer, migrations, reader role and clock, and the sums of credits."""

from collections.abc import Callable
from time import monotonic

from sqlalchemy import Connection, func, make_url, select, text

from services.core.errors import (
    DatabaseUnavailableError,
    DatabaseVersionError,
    QueryRefusedError,
    QueueUnavailableError,
)
from services.core.redaction import shown_value
from services.database.blockers import blockers
from services.database.engine import Database, pending_revisions, raw_connection
from services.database.problems import READ_ONLY, WRONG_ENCODING
from services.database.read_only.privileges import (
    excess_privileges,
    public_functions,
    public_schemas,
)
from services.database.read_only.reader import TIME_LIMIT_SECONDS, reader_address, run_readonly
from services.health.check import (
    Answer,
    Check,
    CheckStatus,
    CheckUpTargets,
    failed,
    ok,
    unknown,
    warning,
)
from services.reconciliation.restores import open_restore

GROUP = "Database"
SLOW_SECONDS = 0.2
CLOCK_LIMIT_SECONDS = 2.0
CLOCK_NOTED_SECONDS = 0.5
CONNECTIONS_SHARE = 0.9
LOCK_SECONDS = 10.0
_SLOW = (
    "Measure again: a busy server answers late too. If it stays, move the database and the application"
    " closer together."
)
_FORBIDDEN = text(
    """
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace('app') AND relkind = 'r' AND NOT (
      has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
      AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
    ORDER BY relname
    """
)
_USED = text(
    """
    SELECT count(*) AS used,
      count(*) FILTER (
        WHERE datname = current_database() AND application_name LIKE 'atelier%'
      ) AS ours,
      current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer AS most
    FROM pg_stat_activity WHERE backend_type = 'client backend'
    """
)
_MIGRATE = "Run ./run migrate; ./run also migrates when it starts."
_READER_QUERY = "SELECT count(*) FROM mascots"
_READER_FIX = (
    "Run ./run migrate with a DATABASE_URL whose role may make roles (ALTER ROLE … CREATEROLE), "
    "or name a role that only reads in DATABASE_READONLY_URL."
)
_WRONG = text(
    """
    SELECT count(*) AS accounts, coalesce(sum(uneven_generations), 0) AS generations,
      count(*) FILTER (WHERE balance <> sum_of_entries) AS balances
    FROM diagnostics.credit_balances
    WHERE uneven_generations > 0 OR balance <> sum_of_entries
    """
)


def _server(targets: CheckUpTargets) -> Answer:
    if targets.database is None:
        return failed(
            f"No database: DATABASE_URL is not set, and no ./run works in {targets.settings.home}.",
            "Start ./run, which brings its own database, or set DATABASE_URL.",
        )
    place = shown_value(targets.settings.database_url)
    try:
        return _described(targets, place)
    except DatabaseUnavailableError as error:
        return _unavailable(error, place)


def _unavailable(error: DatabaseUnavailableError, place: str) -> Answer:
    problem = error.problem
    words = f" It says: {problem.detail}" if problem.detail else ""
    return failed(f"{problem.sentence} ({place}){words}", problem.fix)


def _described(targets: CheckUpTargets, place: str) -> Answer:
    with targets.transaction() as session:
        version = str(session.scalar(text("SHOW server_version"))).split()[0]
        is_read_only = session.scalar(text("SHOW transaction_read_only")) == "on"
        encoding = session.scalar(text("SHOW server_encoding"))
        forbidden = session.scalars(_FORBIDDEN).all()
        began = monotonic()
        session.execute(text("SELECT 1"))
        seconds = monotonic() - began
    server = f"PostgreSQL {version} ({place})"
    if is_read_only:
        return failed(f"{server} takes no writes: a standby, or set to read-only.", READ_ONLY.fix)
    if encoding != "UTF8":
        return failed(f"{server} stores text as {encoding}.", WRONG_ENCODING.fix)
    if forbidden:
        finding = f"{server} lets this role not write to {', '.join(forbidden[:3])}."
        return failed(finding, "Make the role of DATABASE_URL the owner of schema app's tables.")
    finding = f"{server} answers in {seconds * 1000:.1f} ms."
    if seconds > SLOW_SECONDS:
        return warning(finding, _SLOW)
    return ok(finding)


def _connections(targets: CheckUpTargets) -> Answer:
    with targets.transaction() as session:
        row = session.execute(_USED).one()
    finding = f"{row.used} of {row.most} connections are in use, {row.ours} by Atelier."
    if row.used > CONNECTIONS_SHARE * row.most:
        return warning(finding, "Close sessions that nobody uses, or raise max_connections.")
    return ok(finding)


def _locks(targets: CheckUpTargets) -> Answer:
    with targets.transaction() as session:
        found = blockers(session, min_seconds=LOCK_SECONDS)
    if not found:
        return ok("No session holds our tables for long.")
    first = found[0]
    if first.waiting:
        waiting = _count(first.waiting, "session waits", "sessions wait")
        return failed(f"{first.sentence} ({waiting} for it)", first.fix)
    return warning(first.sentence, first.fix)


def _migrations(targets: CheckUpTargets) -> Answer:
    try:
        with targets.transaction() as session:
            pending = pending_revisions(session)
    except DatabaseVersionError as error:
        return failed(f"The database has version {error.present}, unknown here.", error.fix)
    if pending:
        many = "migration is" if len(pending) == 1 else "migrations are"
        return failed(f"{len(pending)} {many} pending, up to {pending[0]}.", _MIGRATE)
    return ok("The tables have this program's version.")


def _session(targets: CheckUpTargets) -> Answer:
    database = targets.database
    if database is None:
        raise DatabaseUnavailableError
    with database.translated_errors():
        is_session = _is_session(database)
    if is_session:
        return ok("DATABASE_URL is a session connection.")
    return failed(
        "DATABASE_URL goes through a transaction pooler: it loses locks and settings.",
        "Set DATABASE_URL to the server itself or to the pooler's session port.",
    )


def _is_session(database: Database) -> bool:
    """Return False when a pooler gives the connection that was just released to another client."""
    with database.engine.connect() as first:
        before = _server_process(first)
        first.commit()
        with database.engine.connect() as second:
            _server_process(second)
            return _server_process(first) == before


def _server_process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _reader(targets: CheckUpTargets) -> Answer:
    """Sign in as the reader, read a view, and list what else the role could do."""
    with targets.transaction() as session:
        session.execute(text("SELECT 1"))
    url = reader_address(targets.settings)
    if url is None:
        return unknown("Unknown without SECRET_KEY.", "Set SECRET_KEY, or start ./run.")
    role = make_url(url).username or ""
    try:
        run_readonly(url, _READER_QUERY)
    except DatabaseUnavailableError as error:
        finding = f"The SQL page is off: role {role} may not sign in. {error.problem.sentence}"
        return warning(finding, _READER_FIX)
    except QueryRefusedError as error:
        return warning(f"Role {role} signs in, but: {error.sentence}", _READER_FIX)
    with targets.transaction() as session:
        raw = raw_connection(session.connection())
        excess = excess_privileges(raw, role)
        schemas, functions = public_schemas(raw, role), public_functions(raw, role)
    if excess:
        return failed(
            f"Role {role} could do more than read: {len(excess)} privileges too many.",
            f"Let a superuser execute in this database: {'; '.join(excess)}.",
        )
    finding = f"Role {role} signs in and reads the documented views."
    if schemas:
        finding += " Everybody (PUBLIC) may use other schemas of this database too."
    if functions:
        finding += (
            " Everybody (PUBLIC) may take advisory locks or write messages to the write-ahead log, for"
            f" a query's {TIME_LIMIT_SECONDS:g} s at most."
        )
    if not schemas + functions:
        return ok(finding)
    # Only an administrator knows whether another role of the server needs them.
    fix = f"If no other role needs it, let a superuser execute: {'; '.join(schemas + functions)}."
    return warning(finding, fix) if schemas else Answer(CheckStatus.OK, finding, fix)


def _clocks(targets: CheckUpTargets) -> Answer:
    offsets = {"this machine": -_offset(targets, lambda: _database_time(targets))}
    try:
        queue = targets.required_queue()
        offsets["Redis"] = _offset(targets, queue.time) + offsets["this machine"]
    except QueueUnavailableError:
        pass  # Redis has a check of its own.
    words = ", ".join(f"{name} {_words(ahead)}" for name, ahead in offsets.items())
    finding = f"Compared with the database's clock: {words}."
    if max(map(abs, offsets.values())) > CLOCK_LIMIT_SECONDS:
        return warning(
            finding, "Set the clocks by NTP (timedatectl set-ntp true) on every machine named."
        )
    return ok(finding)


def _offset(targets: CheckUpTargets, ask: Callable[[], float]) -> float:
    """Measure how far a clock is ahead of this machine's, taking its answer as of the call's middle."""
    before = targets.now()
    moment = ask()
    return moment - (before + targets.now()) / 2


def _database_time(targets: CheckUpTargets) -> float:
    with targets.transaction() as session:
        moment = session.scalars(select(func.extract("epoch", func.clock_timestamp()))).one()
    return float(moment)


def _words(ahead: float) -> str:
    if abs(ahead) < CLOCK_NOTED_SECONDS:
        return "agrees"
    return f"is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}"


def _restored(targets: CheckUpTargets) -> Answer:
    with targets.transaction() as session:
        found = open_restore(session)
    if found is None:
        return ok(
            "The database was not restored from an older copy, as far as the storage's mark says."
        )
    copied, lost = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (found.copied_at, found.lost_at))
    return failed(
        f"The database is a copy of {copied}: what happened until {lost} is not in it.",
        "Run ./run recovery: it lists what can be found and what cannot be known, and ends the recovery.",
    )


def _adds_up(targets: CheckUpTargets) -> Answer:
    """Read the ledger completely."""
    with targets.transaction() as session:
        wrong = session.execute(_WRONG).one()
    if wrong.balances:
        return failed(
            f"{_count(wrong.balances, 'balance is', 'balances are')} not the sum of the ledger.",
            "A trigger was bypassed: compare diagnostics.credit_balances with the last backup.",
        )
    if wrong.generations:
        batches = _count(int(wrong.generations), "batch does", "batches do")
        accounts = _count(wrong.accounts, "account", "accounts")
        return failed(
            f"{batches} not add up, of {accounts}: a refund is missing or was made twice.",
            "Open Diagnose: it lists them by cause and settles each refund.",
        )
    return ok("Every charge is used, refunded or held, and every balance is its entries' sum.")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


CREDITS_CHECK = Check("Credits add up", "Money", _adds_up)
CHECKS = (
    Check("PostgreSQL", GROUP, _server),
    Check("Migrations", GROUP, _migrations),
    Check("Session connection", GROUP, _session),
    Check("Restored copy", GROUP, _restored),
    Check("Connections", GROUP, _connections),
    Check("Locks", GROUP, _locks),
    Check("Reader of the SQL page", GROUP, _reader),
    Check("Clocks", GROUP, _clocks),
)
