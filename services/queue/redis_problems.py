"""What Redis's refusals and silences mean, and which setting or right changes them: the one table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from redis import exceptions

from services.core.server_problem import ServerProblem

SERVER = "Redis"


@dataclass(frozen=True)
class _Row:
    """One reason: `pattern` finds it in an error's class and words; its groups fill the sentence."""

    code: str
    pattern: str
    sentence: str
    fix: str


_REFUSED = (
    _Row(
        "full",
        r"OutOfMemoryError|\bOOM\b",
        "Redis is full (maxmemory is reached) and refuses writes.",
        "Raise maxmemory in the Redis of REDIS_URL, or delete what fills it.",
    ),
    _Row(
        "read_only",
        r"ReadOnlyError|READONLY|UNBLOCKED",
        "Redis is a read-only replica and refuses writes.",
        "Let REDIS_URL name the primary server; behind a proxy, see which server it chose.",
    ),
    _Row(
        "not_saved",
        r"MISCONF",
        "Redis refuses writes because it could not save its data to disk.",
        "Free the disk where Redis keeps its file and run BGSAVE there; its log has the reason.",
    ),
    _Row(
        "too_few_replicas",
        r"NOREPLICAS",
        "Redis refuses writes because too few of its replicas follow it.",
        "Start the replicas, or lower min-replicas-to-write in the Redis of REDIS_URL.",
    ),
    _Row(
        "loading",
        r"BusyLoadingError|\bLOADING\b",
        "Redis is still loading its data.",
        "Wait: it answers when it has loaded.",
    ),
    _Row(
        "primary_down",
        r"MasterDownError|MASTERDOWN",
        "Redis is a replica without a connection to its primary.",
        "Start the primary server, or let REDIS_URL name the new one.",
    ),
    _Row(
        "cluster",
        r"MovedError|AskError|ClusterDownError|CrossSlot|CLUSTERDOWN|\bMOVED\b|CROSSSLOT|cluster mode",
        "Redis is a cluster, which the queue does not support.",
        "Let REDIS_URL name a single server.",
    ),
    _Row(
        "no_right",
        r"(?:NoPermissionError|NOPERM).*?(?:run the '([^']+)' command|access (?:one of the )?(\w+))",
        "Redis refuses the user of REDIS_URL the right to use {what}.",
        "Grant it: ACL SETUSER <user> +@all -@dangerous +info ~rq:* &*.",
    ),
    _Row(
        "no_right",
        r"NoPermissionError|NOPERM",
        "Redis refuses the user of REDIS_URL a right.",
        "Grant it: ACL SETUSER <user> +@all -@dangerous +info ~rq:* &*.",
    ),
    _Row(
        "no_password",
        r"NOAUTH|Authentication required|already authenticated",
        "Redis demands a password, and none is set.",
        "Set it: redis://user:password@host:6379/0 in REDIS_URL, or REDIS_PASSWORD beside REDIS_HOST.",
    ),
    _Row(
        "password_not_used",
        r"without any password configured|no password is set|AuthenticationWrongNumberOfArgs",
        "Redis has no such user and no password, but REDIS_URL sends one.",
        "Remove user and password from REDIS_URL (or REDIS_PASSWORD), or set one in Redis.",
    ),
    _Row(
        "wrong_password",
        r"WRONGPASS|invalid username-password|invalid password|AuthenticationError",
        "Redis refuses the user or the password.",
        "Correct both in REDIS_URL (or REDIS_USERNAME and REDIS_PASSWORD); without a user it is"
        " the user default.",
    ),
    _Row(
        "too_many_clients",
        r"max number of clients|MaxConnectionsError",
        "Redis has no connection left (maxclients is reached).",
        "Raise maxclients in the Redis of REDIS_URL, or end clients that are not needed.",
    ),
    _Row(
        "protected",
        r"DENIED",
        "Redis takes connections from its own machine alone (protected mode).",
        "Set a password in Redis and in REDIS_URL, or name an address of its own machine.",
    ),
    _Row(
        "wrong_database",
        r"DB index is out of range|invalid DB index",
        "Redis has no database of that number.",
        "Correct the number at the end of REDIS_URL, usually /0.",
    ),
    _Row(
        "unknown_command",
        r"unknown command",
        "The server of REDIS_URL does not know a command that the queue needs: it is a Sentinel,"
        " or older than Redis 5.",
        "Let REDIS_URL name the Redis server itself, of version 6 or newer.",
    ),
    _Row(
        "foreign_keys",
        r"WRONGTYPE",
        "Redis holds something of another program under the queue's keys.",
        "Let REDIS_URL name a database of its own, for instance /1 at its end.",
    ),
    _Row(
        "busy",
        r"\bBUSY\b|NOTBUSY",
        "Redis is busy with a script of another program.",
        "Wait, or end the script: SCRIPT KILL.",
    ),
    _Row(
        "not_redis",
        r"InvalidResponse|Protocol Error|HTTP/1",
        "The server of REDIS_URL is no Redis.",
        "Correct host and port in REDIS_URL.",
    ),
)
_UNREACHED = (
    _Row(
        "no_tls",
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST"
        r"|handshake operation timed out",
        "Redis does not speak TLS at this port.",
        "Write redis:// instead of rediss:// in REDIS_URL (or REDIS_TLS=false), or correct the port.",
    ),
    _Row(
        "client_certificate",
        r"CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|bad certificate|UNKNOWN_CA",
        "Redis demands a certificate of its clients.",
        "Add ?ssl_certfile=…&ssl_keyfile=… with the paths of both to REDIS_URL.",
    ),
    _Row(
        "certificate",
        r"CERTIFICATE_VERIFY_FAILED\]?[^:]*: ?([^(\[]*)",
        "The certificate of Redis is not trusted ({what}).",
        "Add ?ssl_ca_certs=<path> with the authority that signed it to REDIS_URL. For a host that"
        " signs its own (Heroku), add ?ssl_cert_reqs=none.",
    ),
    _Row(
        "certificate",
        r"CertificateError|Hostname mismatch",
        "The certificate of Redis is for another host name.",
        "Write the host name of the certificate in REDIS_URL, or add ?ssl_check_hostname=false.",
    ),
    _Row(
        "tls",
        r"SSLError|SSLEOFError|SSLZeroReturn",
        "The encrypted connection to Redis failed.",
        "See whether this port speaks TLS, and which versions. If it demands a certificate of its"
        " clients, add ?ssl_certfile=…&ssl_keyfile=… to REDIS_URL.",
    ),
    _Row(
        "unknown_host",
        r"gaierror|Name or service not known|nodename nor servname|No address associated",
        "The host name of Redis is unknown.",
        "Correct the host in REDIS_URL (or REDIS_HOST), or the DNS of this machine.",
    ),
    _Row(
        "no_socket",
        r"FileNotFoundError|Error 2 connecting",
        "The socket of Redis is not there.",
        "Start Redis (./run starts its own), or correct the path in REDIS_URL.",
    ),
    _Row(
        "no_access",
        r"PermissionError|Error 13 connecting",
        "This user may not open the socket of Redis.",
        "Grant the user that runs Atelier access to the socket that REDIS_URL names.",
    ),
    _Row(
        "refused",
        r"Connection ?[Rr]efused|Error 111 connecting|Error 61 connecting",
        "Nothing listens at the address of Redis.",
        "Start Redis (./run starts its own), or correct host and port in REDIS_URL.",
    ),
    _Row(
        "unreachable",
        r"No route to host|Network is unreachable|Error 11[03] connecting",
        "The address of Redis cannot be reached from this machine.",
        "Correct the host in REDIS_URL, or the network between the two machines.",
    ),
    _Row(
        "no_connection",
        r"Timeout connecting|timed out connecting|connect.*timed out",
        "The address of Redis does not answer (no connection within a second).",
        "Correct host and port in REDIS_URL, or open them in the firewall between the two machines.",
    ),
    _Row(
        "slow",
        r"TimeoutError|Timeout reading|timed out",
        "Redis took the connection and did not answer within a second.",
        "See its load: SLOWLOG GET, redis-cli --latency, and whether its process is frozen.",
    ),
    _Row(
        "closed",
        r"Connection closed|Connection reset|Broken pipe|ConnectionResetError|BrokenPipeError",
        "Redis closed the connection.",
        "If it restarts, wait. If this stays, see its log: a port that speaks TLS needs rediss://, and"
        " maxclients may be reached.",
    ),
)
_OTHER = _Row("refused_command", "", "Redis refused a command.", "Its words say why; see its log.")
_SILENT = _Row("no_answer", "", "Redis does not answer.", "Start Redis, or correct REDIS_URL.")
_COMMAND = re.compile(r"^Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
WRONG_SERVER = frozenset({"read_only", "primary_down", "loading", "cluster", "closed"})
"""What another server behind the same address may not answer: a new connection may reach that one."""


def redis_problem(error: BaseException) -> ServerProblem:
    """Return what an error of the client means; its words are masked."""
    is_reply = isinstance(error, exceptions.ResponseError | exceptions.InvalidResponse)
    rows, other = (_REFUSED, _OTHER) if is_reply else (_REFUSED + _UNREACHED, _SILENT)
    words = _words(error)
    for row in rows:
        if found := re.search(row.pattern, words, re.DOTALL):
            what = next((group for group in found.groups() if group), "").strip()
            sentence = row.sentence.replace("{what}", what or "it")
            return ServerProblem(SERVER, row.code, sentence, row.fix, _detail(error))
    return ServerProblem(SERVER, other.code, other.sentence, other.fix, _detail(error))


def _words(error: BaseException) -> str:
    """Return the classes and texts of an error and of what caused it, its own first."""
    return "\n".join(f"{type(it).__name__}: {_text(it)}" for it in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in seen:
        seen.append(step)
        yield step
        step = step.__cause__ or step.__context__


def _text(error: BaseException) -> str:
    # Without the command, which holds the names and arguments of jobs.
    return _COMMAND.sub("", str(error))


def _detail(error: BaseException) -> str:
    return _text(error).strip().partition("\n")[0][:300]
