"""Read REDIS_URL as platforms, Celery and other clients write it, or say what is wrong with it."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from services.core.addresses import check_parts, unknown_option, wrong

_FORM = "write redis://user:password@host:6379/0"
_SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "valkey": "redis",
    "valkeys": "rediss",
    "unix": "unix",
    "redis+socket": "unix",
}
_UNSUPPORTED = {
    "sentinel": "names a Sentinel, which the queue does not ask; name the primary server, or a"
    " proxy in front of it",
    "amqp": "names RabbitMQ, and the queue needs Redis; write redis://host:6379/0",
    "amqps": "names RabbitMQ, and the queue needs Redis; write rediss://host:6379/0",
    "sqs": "names Amazon SQS, and the queue needs Redis; write redis://host:6379/0",
    "memory": "names Celery's memory, and the queue needs Redis; write redis://host:6379/0",
    "filesystem": "names a folder, and the queue needs Redis; write redis://host:6379/0",
    "http": "is a web address (of a REST interface to Redis?); write redis://host:6379/0",
    "https": "is a web address (of a REST interface to Redis?); write redis://host:6379/0",
}
# Celery, ioredis, Django, Spring: what they tune is set in Atelier itself, or has no counterpart.
_WITHOUT_MEANING = frozenset(
    {
        *("family", "addr_family", "socket_timeout", "socket_connect_timeout", "socket_keepalive"),
        *("retry_on_timeout", "retry_on_error", "health_check_interval", "max_connections"),
        *("timeout", "visibility_timeout", "decode_responses", "encoding", "encoding_errors"),
        *("client_name", "protocol", "pool_size", "pool_timeout", "connection_limit", "keyprefix"),
        *("global_keyprefix", "lib_name", "lib_version", "socket_read_size", "allowadmin"),
        *("connect_timeout", "command_timeout", "idle_timeout", "enable_offline_queue"),
    }
)
_TLS_OPTIONS = {
    "ssl_cert_reqs": "ssl_cert_reqs",
    "ssl_ca_certs": "ssl_ca_certs",
    "ssl_ca_cert": "ssl_ca_certs",
    "ssl_ca_path": "ssl_ca_path",
    "ssl_certfile": "ssl_certfile",
    "ssl_keyfile": "ssl_keyfile",
    "ssl_check_hostname": "ssl_check_hostname",
}
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_VERIFICATION = {
    **dict.fromkeys(("none", "cert_none", "false", "0", "no"), "none"),
    **dict.fromkeys(("optional", "cert_optional"), "optional"),
    **dict.fromkeys(("required", "cert_required", "true", "1", "yes"), "required"),
}
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def parse_redis_url(text: str) -> str:
    """Return the address as redis-py takes it.

    Options of other clients are translated, or left out where they tune what Atelier sets itself;
    unknown ones are refused by name. Raises PydanticCustomError.
    """
    scheme, separator, rest = text.strip().partition("://")
    name = scheme.lower()
    if problem := _UNSUPPORTED.get(name.partition("+")[0]):
        raise wrong(problem)
    if not separator or name not in _SCHEMES:
        raise wrong(_no_address(text, name if separator else ""))
    if ";" in rest:
        raise wrong("names several servers, and the queue uses one; write the address of one")
    if _SCHEMES[name] == "unix":
        return _socket(rest)
    check_parts(rest, _FORM)
    return _server(_SCHEMES[name], rest)


def redis_server_url(host: str, port: int, username: str, password: str, *, has_tls: bool) -> str:
    """Return the address of a server that separate settings name."""
    account = (
        f"{quote(username, safe='')}:{quote(password, safe='')}@" if username or password else ""
    )
    shown = f"[{host}]" if ":" in host else host
    return f"{'rediss' if has_tls else 'redis'}://{account}{shown}:{port}/0"


def _server(scheme: str, rest: str) -> str:
    place, _, query = rest.partition("?")
    authority, _, database = place.rstrip("/").partition("/")
    if "," in authority:
        raise wrong("names several servers, and the queue uses one; write the address of one")
    account, at, server = authority.rpartition("@")
    options: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        lower = name.lower()
        if lower in ("ssl", "tls", "usessl", "use_tls"):
            scheme = "rediss" if _is_true(name, value) else scheme
        elif lower in ("db", "database", "virtual_host"):
            database = database or value.lstrip("/")
        elif lower == "password" and not at:
            account, at = f":{quote(value, safe='')}", "@"
        elif lower not in _WITHOUT_MEANING:
            options.append(_option(name, value))
    if options and scheme != "rediss":
        raise wrong(
            f"has the option {options[0][0]}, which needs TLS; write rediss:// at its start"
        )
    if not re.fullmatch(r"\d{0,5}", database):
        raise wrong("ends with no number of a database; write /0 there")
    return f"{scheme}://{account}{at}{server}/{database or 0}{_query(options)}"


def _socket(rest: str) -> str:
    place, _, query = rest.partition("?")
    account, at, path = place.rpartition("@")
    if not path.startswith("/"):
        raise wrong("names no socket; write unix:///path/to/redis.sock?db=0")
    database = "0"
    for name, value in parse_qsl(query, keep_blank_values=True):
        lower = name.lower()
        if lower in ("db", "virtual_host"):
            database = value.lstrip("/")
        elif lower == "password" and not at:
            account, at = f":{quote(value, safe='')}", "@"
        elif lower not in _WITHOUT_MEANING:
            raise unknown_option(name, "Redis", "write unix:///path/to/redis.sock?db=0")
    if not database.isdigit():
        raise wrong("has a db that is no number; write ?db=0")
    return f"unix://{account}{at}{path}" + (f"?db={database}" if database != "0" else "")


def _option(name: str, value: str) -> tuple[str, str]:
    option = _TLS_OPTIONS.get(name.lower())
    if option is None:
        raise unknown_option(name, "Redis", _FORM)
    if option == "ssl_cert_reqs":
        if (verification := _VERIFICATION.get(value.lower())) is None:
            raise wrong(
                f"has the option {option} with a value that is none of none, optional, required"
            )
        value = verification
    elif option == "ssl_check_hostname":
        value = str(_is_true(name, value)).lower()
    elif option in _FILES and not Path(value).is_file():
        raise wrong(f"has the option {option}, which names no file on this machine")
    return option, value


def _is_true(name: str, value: str) -> bool:
    if (found := _BOOLEANS.get(value.lower())) is None:
        raise wrong(f"has the option {name.lower()} with a value that is neither true nor false")
    return found


def _query(options: Iterable[tuple[str, str]]) -> str:
    return f"?{urlencode(list(options))}" if options else ""


def _no_address(text: str, scheme: str) -> str:
    stripped = text.strip()
    if stripped[:1] in {"'", '"'} or stripped.startswith("redis-cli "):
        return "begins with a quote or a command; write the address alone"
    if re.fullmatch(r"(redis|rediss|valkey)\+[a-z]{1,20}", scheme):
        return f"begins with {scheme}://, which the queue does not know; {_FORM}"
    return f"is not the address of a Redis server; {_FORM}"
