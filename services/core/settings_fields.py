"""The types of the settings: how a value is parsed, and the sentence for one that is wrong.

A sentence must never repeat the characters of a value: somebody may have pasted a secret.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from services.core.addresses import check_parts, is_place, wrong
from services.core.database_url import parse_database_url
from services.core.redis_url import parse_redis_url

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_BEGINNINGS = ("https://", "http://", "postgresql", "postgres", "mysql", "sqlite", "redis")
_ODD = re.compile(r"[\s\x00-\x1f\x7f\\\"'<>]")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_PROXY_FORM = "write http://user:password@host:3128"
_HOST = re.compile(
    r"(?:https?://)?(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?", re.IGNORECASE
)
_MODEL = re.compile(r"[\w.-]+/[\w.-]+(:[0-9a-f]{64})?")


def _http_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        raise wrong(_no_web_address(value, scheme if separator else ""))
    if "?" in rest or "#" in rest:
        raise wrong("has a ? or a #; write the address up to there")
    host, _, _ = rest.partition("/")
    if "@" in host:
        raise wrong("holds a user or a password; remove them, up to the @")
    if not is_place(host) or not host.strip(":") or _ODD.search(rest):
        raise wrong("has no readable host and port; write https://host or https://host:port")
    return value.rstrip("/")


def _no_web_address(value: str, scheme: str) -> str:
    if value[:1] in {"'", '"'}:
        return "begins with a quote; write the address alone"
    if is_place(value.partition("/")[0]) and not scheme:
        return "lacks its beginning; write https:// or http:// before it"
    return "is not a web address; write https://host or http://host:port"


def _database_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_database_url(value.get_secret_value()))


def _redis_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_redis_url(value.get_secret_value()))


def _token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if len(text) < 8 or not text.isascii() or not text.isprintable() or set(text) & set(" '\""):
        raise ValueError("not a token")
    return SecretStr(text)


def _model(value: str) -> str:
    if not _MODEL.fullmatch(value):
        raise ValueError("not the name of a model")
    return value


def _folder(value: Path) -> Path:
    return PROJECT_ROOT / value.expanduser()


def _bucket(value: str) -> str:
    is_address = re.fullmatch(r"[0-9.]+", value)
    has_gap = re.search(r"\.\.|\.-|-\.", value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) or is_address or has_gap:
        raise ValueError("not the name of a bucket")
    return value


def _origins(value: str) -> str:
    return ",".join(_http_url(origin.strip()) for origin in value.split(",") if origin.strip())


def _hosts(value: str) -> str:
    hosts = [host.strip().rstrip("/") for host in value.split(",") if host.strip()]
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("not a list of hosts")
    return ",".join(host.lower() for host in hosts)


def _host_names(value: str) -> str:
    hosts = [host.strip().lower() for host in value.split(",") if host.strip()]
    if not all(_HOST_NAME.fullmatch(host) for host in hosts):
        raise ValueError("not host names")
    return ",".join(hosts)


def _proxy(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    if scheme.lower() not in {"http", "https"}:
        raise wrong(f"is not the address of an HTTP proxy (SOCKS is not supported); {_PROXY_FORM}")
    check_parts(rest.rstrip("/"), _PROXY_FORM)
    if not rest.rpartition("@")[2].strip("/:"):
        raise wrong(f"names no host; {_PROXY_FORM}")
    return SecretStr(f"{scheme.lower()}://{rest.rstrip('/')}")


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Model = Annotated[str, AfterValidator(_model)]
Folder = Annotated[Path, AfterValidator(_folder)]
Bucket = Annotated[str, AfterValidator(_bucket)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
Hosts = Annotated[str, AfterValidator(_hosts)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
Origins = Annotated[str, AfterValidator(_origins)]
HostNames = Annotated[str, AfterValidator(_host_names)]


def setting(
    default: Any,
    *names: str,
    meaning: str,
    fix: str,
    default_text: str | None = None,
    **limits: Any,
) -> Any:
    """A field read from `names` (the first that is set), with its row of README's table."""
    given: dict[str, Any] = (
        {"default_factory": default} if callable(default) else {"default": default}
    )
    return Field(
        **given,
        validation_alias=AliasChoices(*names),
        description=meaning,
        json_schema_extra={"fix": fix, "default_text": default_text},
        **limits,
    )


def model(
    default: str, *names: str, meaning: str, fix: str = "Use owner/name or owner/name:version."
) -> Any:
    """The name of a provider's model."""
    return setting(default, *names, meaning=meaning, fix=fix)


def integer(default: int, *names: str, meaning: str, minimum: int, maximum: int) -> Any:
    """An integer from `minimum` to `maximum`."""
    fix = f"Use a whole number from {minimum} to {maximum}, for instance {default}."
    return setting(default, *names, meaning=meaning, fix=fix, ge=minimum, le=maximum)


def seconds(default: float, *names: str, meaning: str, minimum: float, maximum: float) -> Any:
    """A number of seconds from `minimum` to `maximum`."""
    fix = f"Use a number of seconds from {minimum:g} to {maximum:g}, for instance {default:g}."
    return setting(default, *names, meaning=meaning, fix=fix, ge=minimum, le=maximum)


def token(*names: str, meaning: str, default_text: str | None = None) -> Any:
    """A secret that a provider shows as one word."""
    fix = "Paste it as its owner shows it, without quotes or spaces."
    return setting(None, *names, meaning=meaning, fix=fix, default_text=default_text)


def web_address(*names: str, meaning: str, default: str | None = None) -> Any:
    """An address that begins with http:// or https://."""
    fix = "Use an address that begins with https:// or http://."
    return setting(default, *names, meaning=meaning, fix=fix)


def database(*names: str, meaning: str, default_text: str | None = None) -> Any:
    """The address of a PostgreSQL database."""
    fix = "Use postgresql://user:password@host:5432/name."
    return setting(None, *names, meaning=meaning, fix=fix, default_text=default_text)


def problems_of(
    error: ValidationError, fields: Mapping[str, FieldInfo], given: Collection[str]
) -> list[str]:
    """Return a sentence for each setting that was refused: the name that was given, shape and fix."""
    by_name = {name: field for field in fields.values() for name in names(field)}
    return [
        _sentence(by_name[str(problem["loc"][0])], problem, given)
        for problem in error.errors(include_context=False)
    ]


def names(field: FieldInfo) -> tuple[str, ...]:
    """Return the environment names of a setting, the preferred one first."""
    alias = field.validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else ()


def default_text(field: FieldInfo) -> str:
    """Return a setting's default as README's table shows it."""
    if text := _extra(field, "default_text"):
        return text
    return "" if field.default is None else str(field.default)


def _sentence(field: FieldInfo, problem: ErrorDetails, given: Collection[str]) -> str:
    shown = next((name for name in names(field) if name in given), names(field)[0])
    if problem["type"] == "address":
        return f"{shown} {problem['msg']}."
    return f"{shown} is {_shape(field, problem['input'])}. {_extra(field, 'fix')}"


def _shape(field: FieldInfo, value: object) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    size = f"a text of {len(text)} character{'' if len(text) == 1 else 's'}"
    beginning = next((known for known in _BEGINNINGS if text.startswith(known)), "")
    if not beginning or "SecretStr" in str(field.annotation):
        return size
    return f"{size} beginning with {beginning.removesuffix('://')}"


def _extra(field: FieldInfo, key: str) -> str:
    extra = field.json_schema_extra
    value = extra.get(key) if isinstance(extra, dict) else None
    return str(value) if value else ""
