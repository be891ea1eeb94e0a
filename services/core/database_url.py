"""Read DATABASE_URL as platforms and other clients write it, or say what is wrong with it.

No message repeats a character of the address: part of a password may stand anywhere in a wrong one.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from psycopg import pq

from services.core.addresses import check_parts, unknown_option, wrong

_FORM = "write postgresql://user:password@host:5432/name"
_KNOWN = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())
# Prisma, Rails, Django, asyncpg and JDBC: what they tune is set in Atelier itself, or has no counterpart.
_WITHOUT_MEANING = frozenset(
    {
        *("schema", "currentschema", "pgbouncer", "connection_limit", "pool_timeout", "pool_size"),
        *("max_overflow", "pool", "checkout_timeout", "reaping_frequency", "socket_timeout"),
        *("statement_cache_size", "prepared_statement_cache_size", "prepared_statements"),
        *("preparethreshold", "encoding", "adapter", "driver", "uselibpqcompat", "conn_max_age"),
        *("supa", "supavisor", "reconnect", "binary_parameters", "tcpkeepalive", "charset"),
    }
)
_SSL_WORDS = {
    **dict.fromkeys(
        ("true", "1", "yes", "on", "require", "no-verify", "accept_invalid_certs"), "require"
    ),
    **dict.fromkeys(("false", "0", "no", "off", "disable"), "disable"),
    **{mode: mode for mode in ("allow", "prefer", "verify-ca", "verify-full")},
    "strict": "verify-full",
}
_RENAMED = {
    "username": "user",
    "applicationname": "application_name",
    "logintimeout": "connect_timeout",
    "connecttimeout": "connect_timeout",
    "targetservertype": "target_session_attrs",
}
_SERVER_TYPES = {"primary": "primary", "master": "primary", "secondary": "standby", "any": "any"}


def parse_database_url(text: str) -> str:
    """Return the address as SQLAlchemy's psycopg driver takes it.

    Options of other clients are translated, or left out where they tune what Atelier sets itself;
    unknown ones are refused by name. Raises PydanticCustomError.
    """
    scheme, separator, rest = text.strip().removeprefix("jdbc:").partition("://")
    name = scheme.lower().partition("+")[0]
    if not separator or name not in {"postgres", "postgresql"}:
        raise wrong(_no_address(text))
    check_parts(rest, _FORM)
    place, _, query = rest.partition("?")
    authority, slash, database = place.partition("/")
    account, at, hosts = authority.rpartition("@")
    if any(part and "=" not in part for part in query.split("&")):
        raise wrong(f"has a text after the ? that is no name=value; {_FORM}")
    options = _options(parse_qsl(query, keep_blank_values=True))
    if "," in hosts:
        options += [("host", host) for host in hosts.split(",")]
        hosts = ""
    asked = f"?{urlencode(options)}" if options else ""
    return f"postgresql+psycopg://{account}{at}{hosts}{slash}{database}{asked}"


def _options(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in given:
        lower = name.lower()
        if lower in _WITHOUT_MEANING:
            continue
        option = _RENAMED.get(lower, name)
        if lower in {"ssl", "sslmode", "sslaccept"}:
            option, value = "sslmode", _ssl_mode(name, value)
        elif lower == "targetservertype":
            value = _SERVER_TYPES.get(value.lower(), value)
        if option not in _KNOWN:
            raise unknown_option(name, "PostgreSQL", _FORM)
        found.append((option, value))
    return list(dict.fromkeys(found))


def _ssl_mode(name: str, value: str) -> str:
    if (mode := _SSL_WORDS.get(value.lower())) is None:
        raise wrong(
            f"has the option {name} with a value that is none of disable, allow, prefer, require,"
            " verify-ca, verify-full; write for instance sslmode=require"
        )
    return mode


def _no_address(text: str) -> str:
    stripped = text.strip()
    if stripped[:1] in {"'", '"'} or stripped.startswith("psql "):
        return "begins with a quote or a command; write the address alone"
    if re.match(r"(host|hostaddr|dbname|user|port)\s*=", stripped):
        return f"is a list of name=value; {_FORM} instead"
    return f"is not the address of a PostgreSQL database; {_FORM}"
