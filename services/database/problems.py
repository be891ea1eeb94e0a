"""The one table of reasons why PostgreSQL, or a pooler before it, refuses or cannot be reached.

A row is found by its SQLSTATE. An error while connecting carries none (psycopg has no access to it), so
that there the server's English words decide; in another language they are shown as they are.
"""

import re
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.core.redaction import redact
from services.core.server_problem import ServerProblem

SERVER = "PostgreSQL"
_MAX_DETAIL_CHARACTERS = 300


@dataclass(frozen=True)
class Reason:
    """One row: how it is recognised, what happened, and which setting or right to change.

    `is_busy`: the database works, and this one transaction may succeed later.
    """

    code: str
    states: tuple[str, ...]
    words: str
    sentence: str
    fix: str
    is_busy: bool = False


# The first row that fits wins: a pooler repeats a server's words, and pg_hba.conf mentions encryption.
REASONS = (
    Reason(
        "transaction_pooling",
        ("26000", "42P05"),
        r"prepared statement .* (does not exist|already exists)",
        "PostgreSQL is reached through a pooler that gives each transaction another session.",
        "Let DATABASE_URL name the server itself or the pooler's session port (pool_mode = session).",
    ),
    Reason(
        "pooler_full",
        (),
        r"query_wait_timeout|MaxClients|max clients reached|max_client_conn|max_db_connections"
        r"|max_user_connections|pooler.*(full|timed? ?out)",
        "The connection pooler before PostgreSQL has no connection left.",
        "Raise default_pool_size (session mode needs one for each of ours) or max_client_conn there, or"
        " lower WORKER_CONCURRENCY and WORKER_PROCESSES.",
    ),
    Reason(
        "silent",
        (),
        r"first statement was not answered",
        "PostgreSQL, or a pooler before it, takes connections and does not answer them.",
        "Raise default_pool_size of the pooler, which needs a session for each of our connections; without"
        " a pooler the server is overloaded.",
    ),
    Reason(
        "pooler_login",
        (),
        r"server login (failed|has been failing)|server_login_retry|cannot connect to server"
        r"|server conn(ection)? crashed|server_connect_timeout|bouncer config error|auth_query"
        r"|all servers? (are )?down|could not connect to (the )?(primary|backend)",
        "The connection pooler answers, and PostgreSQL behind it is away or does not let it in.",
        "Start PostgreSQL, or correct host, user and password in the pooler's own configuration; its log"
        " has the reason.",
    ),
    Reason(
        "startup_parameter",
        (),
        r"unsupported startup parameter|unrecognized configuration parameter",
        "The pooler or PostgreSQL does not take an option that the connection begins with.",
        "Remove `options` and other extras after the ? of DATABASE_URL, or name the option in the pooler's"
        " ignore_startup_parameters.",
    ),
    Reason(
        "certificate",
        (),
        r"certificate verify failed|root certificate|server certificate|self.signed|does not match host"
        r"|certificate has expired|unknown ca|certificate authority",
        "The certificate of PostgreSQL's server is not trusted, expired, or for another host name.",
        "Add sslrootcert=/path/of/ca.pem (or sslrootcert=system) to DATABASE_URL, and use the host name"
        " of the certificate.",
    ),
    Reason(
        "client_certificate",
        (),
        r"valid client certificate|certificate authentication failed|private key file",
        "PostgreSQL asks for a client certificate, or does not accept ours.",
        "Add sslcert= and sslkey= to DATABASE_URL; the key's file must be readable by its owner alone.",
    ),
    Reason(
        "tls_unsupported",
        (),
        r"does not support SSL|SSL is not supported|SSL support is not compiled",
        "PostgreSQL's server has no TLS, and DATABASE_URL requires it.",
        "Turn TLS on at the server, or remove sslmode from DATABASE_URL on a trusted network.",
    ),
    Reason(
        "tls_required",
        (),
        r"no encryption|SSL off|(SSL|TLS).*(required|mandatory)|requires? (SSL|TLS)|insecure connection",
        "PostgreSQL's server takes no unencrypted connection from here.",
        "Add sslmode=require to DATABASE_URL; if it is refused then too, this host must be added to"
        " pg_hba.conf.",
    ),
    Reason(
        "host_refused",
        (),
        r"pg_hba\.conf|rejects connection|not allowed to connect|permission denied for database",
        "PostgreSQL admits no connection with this user, database and host.",
        "Let its administrator allow them in pg_hba.conf or grant CONNECT on the database, or correct"
        " DATABASE_URL.",
    ),
    Reason(
        "wrong_password",
        ("28P01", "28000"),
        r"authentication failed|no password supplied|password is (empty|required)|SASL|SCRAM"
        r"|no such user|role .* does not exist|not permitted to log in|[Tt]enant or user not found"
        r"|wrong password|Ident",
        "PostgreSQL does not accept the user or the password.",
        "Correct user and password in DATABASE_URL (@ is %40, # is %23, / is %2F); behind a pooler they"
        " must stand in its user list too.",
    ),
    Reason(
        "unknown_database",
        ("3D000",),
        r"database .* does not exist|no such database|unknown database",
        "PostgreSQL's server has no database of this name.",
        "Correct the name at the end of DATABASE_URL, or create it: CREATE DATABASE … ENCODING 'UTF8'.",
    ),
    Reason(
        "too_many_connections",
        ("53300",),
        r"too many (clients|connections)|connection slots are reserved|connection limit exceeded",
        "PostgreSQL has no connection left for this role.",
        "Close sessions that nobody uses, lower WORKER_CONCURRENCY or WORKER_PROCESSES, or raise"
        " max_connections or the role's CONNECTION LIMIT.",
    ),
    Reason(
        "starting_up",
        ("57P03",),
        r"starting up|not (yet )?accepting connections|in recovery mode|not ready to accept",
        "PostgreSQL is starting or recovering and takes no connection yet.",
        "Wait: it is asked again by itself. If it stays, its log has the reason.",
    ),
    Reason(
        "shutting_down",
        ("57P01", "57P02", "57P04"),
        r"shutting down|administrator command|crash of another server process|database .* dropped",
        "PostgreSQL ended the connection: it was shut down, restarted, or an administrator ended it.",
        "Start it again; connections are opened anew by themselves.",
    ),
    Reason(
        "read_only",
        ("25006",),
        r"session is (read-only|not read-only)|server is in hot standby|read.only transaction",
        "PostgreSQL takes no writes: the server is a standby, or is set to read-only.",
        "Let DATABASE_URL name the primary server, or all servers with target_session_attrs=read-write."
        " After a failover, connections are opened anew by themselves.",
    ),
    Reason(
        "missing_right",
        ("42501",),
        r"permission denied|must be (owner|superuser|member)",
        "PostgreSQL's role of DATABASE_URL may not do this.",
        "Make it the owner of the database, or let a superuser grant what the server's words name: CREATE"
        " on the database, or ownership of schemas app and diagnostics.",
    ),
    Reason(
        "encoding",
        ("22P05",),
        r"encoding .* (not|no) |conversion between .* is not supported",
        "The database does not store every text: its encoding is not UTF8.",
        "Create the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
    ),
    Reason(
        "disk_full",
        ("53100",),
        r"No space left on device|could not (extend|write to) file",
        "The disk of PostgreSQL's server is full.",
        "Free space on its volume; nothing can be started or stored until then.",
    ),
    Reason(
        "out_of_memory",
        ("53200", "53000"),
        r"out of (shared )?memory",
        "PostgreSQL has no memory left for this statement.",
        "Give its server more memory, or lower max_connections and work_mem.",
    ),
    Reason(
        "configuration_limit",
        ("53400",),
        r"limit exceeded",
        "A limit of PostgreSQL's configuration is reached.",
        "Raise the limit that its own words name.",
    ),
    Reason(
        "lock_timeout",
        ("55P03",),
        r"lock timeout|could not obtain lock",
        "Another session of PostgreSQL holds rows or tables that this needs.",
        "Commit, roll back or end that session.",
        is_busy=True,
    ),
    Reason(
        "statement_timeout",
        ("57014", "25P04"),
        r"statement timeout|canceling statement|transaction timeout",
        "PostgreSQL stopped a statement that took too long.",
        "If it stays: another session may hold what it waits for, or the server is overloaded.",
        is_busy=True,
    ),
    Reason(
        "deadlock",
        ("40P01", "40001"),
        r"deadlock detected|could not serialize",
        "PostgreSQL rolled this back, since another session changed the same rows in another order.",
        "It is repeated by itself, or try again.",
        is_busy=True,
    ),
    Reason(
        "idle_session",
        ("57P05", "25P03"),
        r"idle.*timeout",
        "PostgreSQL ended a session of ours that was idle for too long.",
        "Connections are opened anew by themselves.",
    ),
    Reason(
        "unknown_host",
        (),
        r"could not translate host name|resolve host|[Nn]ame or service not known|nodename nor servname"
        r"|name resolution|No address associated",
        "The host name of PostgreSQL's server is not known here.",
        "Correct the host in DATABASE_URL, or the name service (DNS) of this machine.",
    ),
    Reason(
        "refused",
        ("08001",),
        r"Connection refused",
        "Nothing listens at PostgreSQL's host and port.",
        "Start the database (./run starts its own), or correct host and port in DATABASE_URL.",
    ),
    Reason(
        "no_socket",
        (),
        r"No such file or directory|accepting connections on that socket",
        "PostgreSQL's socket does not exist.",
        "Start the database (./run starts its own), or correct the folder in DATABASE_URL.",
    ),
    Reason(
        "timed_out",
        (),
        r"tim(ed?|e) ?out|timeout expired",
        "PostgreSQL's host does not answer: a firewall, a wrong address, or an overloaded server.",
        "Correct host and port in DATABASE_URL, or let the firewall pass them.",
    ),
    Reason(
        "no_route",
        (),
        r"No route to host|[Nn]etwork is unreachable|Permission denied",
        "There is no way from this machine to PostgreSQL's host.",
        "Correct the host in DATABASE_URL, or the network and firewall of this machine.",
    ),
    Reason(
        "not_postgresql",
        ("08P01",),
        r"invalid response to SSL|expected authentication request|HTTP/1|unsupported frontend protocol"
        r"|protocol (error|violation)",
        "What answers at the host and port of DATABASE_URL does not speak PostgreSQL's protocol.",
        "Correct host and port: they may belong to a proxy or to another service.",
    ),
    Reason(
        "connection_lost",
        ("08000", "08003", "08006", "08004", "08007"),
        r"closed the connection|[Cc]onnection reset|EOF detected|SYSCALL|connection is (lost|closed)"
        r"|[Bb]roken pipe|consuming input failed|sending query failed",
        "The connection to PostgreSQL was lost.",
        "It is opened anew by itself; if it stays, PostgreSQL's log or that of a proxy has the reason.",
    ),
)
_BY_STATE = {state: reason for reason in REASONS for state in reason.states}
_WORDS = [(re.compile(reason.words), reason) for reason in REASONS]
_POOL = Reason(
    "pool_exhausted",
    (),
    "",
    "All PostgreSQL connections of this process are in use.",
    "Statements wait for a lock or the server is slow: Diagnose and ./run doctor name who blocks.",
    is_busy=True,
)
BUSY_CODES = frozenset(reason.code for reason in (*REASONS, _POOL) if reason.is_busy)
_CONNECTING = Reason(
    "refused_otherwise",
    (),
    "",
    "PostgreSQL, or what answers in its place, refused the connection.",
    "Its own words say why.",
)

OLD_SERVER = ServerProblem(
    SERVER,
    "old_server",
    "PostgreSQL's server is older than version 15.",
    "Upgrade it, or let DATABASE_URL name a newer server.",
)


def reason_of(error: BaseException) -> Reason | None:
    """Return the row of an error of SQLAlchemy or psycopg; None for what no server state causes."""
    if isinstance(error, PoolTimeoutError):
        return _POOL
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    if cause.sqlstate:
        # An option that nobody knows is refused with the state of any protocol error.
        is_protocol = cause.sqlstate == "08P01"
        return (is_protocol and _by_words(str(cause))) or _BY_STATE.get(cause.sqlstate)
    if not isinstance(cause, psycopg.OperationalError):
        return None
    return _by_words(str(cause)) or _CONNECTING


def database_problem(error: BaseException) -> ServerProblem | None:
    """Return what an error means for people; None for what no server state causes."""
    reason = reason_of(error)
    return None if reason is None else _problem(reason, server_words(error))


def _problem(reason: Reason, detail: str = "") -> ServerProblem:
    return ServerProblem(SERVER, reason.code, reason.sentence, reason.fix, detail)


def server_words(error: BaseException) -> str:
    """Return the server's own words in one line, without SQL, parameters and secrets."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    primary = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    # Before them, psycopg tells which address it tried.
    words = " ".join((primary or str(cause)).split()).removeprefix("connection failed: ")
    text = redact(words.rpartition("FATAL: ")[2])
    return text if len(text) <= _MAX_DETAIL_CHARACTERS else text[:_MAX_DETAIL_CHARACTERS] + "…"


def _by_words(text: str) -> Reason | None:
    return next((reason for pattern, reason in _WORDS if pattern.search(text)), None)


_BY_CODE = {reason.code: reason for reason in REASONS}
READ_ONLY = _problem(_BY_CODE["read_only"])
WRONG_ENCODING = _problem(_BY_CODE["encoding"])
