"""The types of the settings: how a value is parsed, and the sentence for one that is wrong.

A sentence must never repeat the characters of a value: somebody may have pasted a secret.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo

from services.core.database_url import parse_database_url

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_BEGINNINGS = ("https://", "http://", "postgresql", "postgres", "mysql", "sqlite", "redis")
_HOST = re.compile(
    r"(?:https?://)?(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?", re.IGNORECASE
)
_MODEL = re.compile(r"[\w.-]+/[\w.-]+(:[0-9a-f]{64})?")


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not a web address")
    return value.rstrip("/")


def _database_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_database_url(value.get_secret_value()))


def _redis_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("not the address of a Redis server")
    return SecretStr(text)


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


def _proxy(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    text = text if "://" in text else f"http://{text}"
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("not the address of an HTTP proxy")
    return SecretStr(text)


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


def problems_of(error: ValidationError, fields: Mapping[str, FieldInfo]) -> list[str]:
    """Return one sentence for each setting that was refused: its name, its shape, the fix."""
    by_name = {name: field for field in fields.values() for name in names(field)}
    sentences = []
    for problem in error.errors(include_context=False):
        field = by_name[str(problem["loc"][0])]
        if problem["type"] == "address":
            # Its parser found what is wrong and says it without a character of the value.
            sentences.append(f"{' or '.join(names(field))} {problem['msg']}.")
        else:
            sentences.append(_sentence(field, problem["input"]))
    return sentences


def names(field: FieldInfo) -> tuple[str, ...]:
    """Return the environment names of a setting, the preferred one first."""
    alias = field.validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else ()


def default_text(field: FieldInfo) -> str:
    """Return a setting's default as README's table shows it."""
    if text := _extra(field, "default_text"):
        return text
    return "" if field.default is None else str(field.default)


def _sentence(field: FieldInfo, value: object) -> str:
    return f"{' or '.join(names(field))} is {_shape(field, value)}. {_extra(field, 'fix')}"


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
