"""Read DATABASE_URL as platforms and other clients write it, or say what is wrong with it.

No message repeats a character of the address: part of a password may stand anywhere in a wrong one.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlencode

from psycopg import pq
from pydantic_core import PydanticCustomError

_FORM = "write postgresql://user:password@host:5432/name"
_ESCAPES = {"#": "%23", "/": "%2F", "?": "%3F", "@": "%40", "[": "%5B", "]": "%5D", "%": "%25"}
_HOST = re.compile(r"[^\[\]:@/?#,\s]*(:\d{1,5})?|\[[0-9A-Fa-f:.%]+\](:\d{1,5})?")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
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
        raise _wrong(_no_address(text))
    place, _, query = _checked(rest).partition("?")
    authority, slash, database = place.partition("/")
    account, at, hosts = authority.rpartition("@")
    if any(part and "=" not in part for part in query.split("&")):
        raise _wrong(f"has a text after the ? that is no name=value; {_FORM}")
    options = _options(parse_qsl(query, keep_blank_values=True))
    if "," in hosts:
        options += [("host", host) for host in hosts.split(",")]
        hosts = ""
    asked = f"?{urlencode(options)}" if options else ""
    return f"postgresql+psycopg://{account}{at}{hosts}{slash}{database}{asked}"


def _checked(rest: str) -> str:
    """Refuse what cannot be told apart from the parts of an address: an unescaped character."""
    if _SPACES.search(rest):
        raise _wrong("holds a space or a line break; write a space in the password as %20")
    if "#" in rest:
        raise _unescaped("#")
    if _BAD_ESCAPE.search(rest):
        raise _unescaped("%")
    place, _, query = rest.partition("?")
    authority, _, path = place.partition("/")
    if authority.count("@") > 1:
        raise _unescaped("@")
    if "@" in path or "/" in path:
        raise _unescaped("@" if "@" in authority else "/")
    if "@" in query and "@" not in authority:
        raise _unescaped("?")
    account, _, hosts = authority.rpartition("@")
    for bracket in "[]":
        if bracket in account:
            raise _unescaped(bracket)
    if not all(_HOST.fullmatch(host) for host in hosts.split(",")):
        raise _wrong(
            f"has no readable host and port; {_FORM}, and a : @ / ? # [ or % in the password as"
            " its percent code"
        )
    return rest


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
            raise _unknown(name)
        found.append((option, value))
    return list(dict.fromkeys(found))


def _ssl_mode(name: str, value: str) -> str:
    if (mode := _SSL_WORDS.get(value.lower())) is None:
        raise _wrong(
            f"has the option {name} with a value that is none of disable, allow, prefer, require,"
            " verify-ca, verify-full; write for instance sslmode=require"
        )
    return mode


def _unknown(name: str) -> PydanticCustomError:
    shown = unquote(name)
    if not re.fullmatch(r"[A-Za-z_]{1,40}", shown):
        return _wrong(f"has an option after the ? that PostgreSQL does not know; {_FORM}")
    return _wrong(f"has the option {shown}, which PostgreSQL does not know; remove it")


def _unescaped(character: str) -> PydanticCustomError:
    return _wrong(
        f"has an unescaped {character}; write {character} in the user or password as"
        f" {_ESCAPES[character]}"
    )


def _no_address(text: str) -> str:
    stripped = text.strip()
    if stripped[:1] in {"'", '"'} or stripped.startswith("psql "):
        return "begins with a quote or a command; write the address alone"
    if re.match(r"(host|hostaddr|dbname|user|port)\s*=", stripped):
        return f"is a list of name=value; {_FORM} instead"
    return f"is not the address of a PostgreSQL database; {_FORM}"


def _wrong(problem: str) -> PydanticCustomError:
    return PydanticCustomError("address", "{problem}", {"problem": problem})
