"""The types of the settings: what a value must look like, and how it is made uniform.

Used by `services.core.settings` alone.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_MODEL = re.compile(r"[\w.-]+/[\w.-]+(:[0-9a-f]{64})?")


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not a web address")
    return value.rstrip("/").removesuffix("/v1")


def _database_url(value: SecretStr) -> SecretStr:
    scheme, separator, rest = value.get_secret_value().strip().partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("not the address of a PostgreSQL database")
    return SecretStr(f"postgresql+psycopg://{rest}")


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


def _origins(value: str) -> str:
    return ",".join(_http_url(origin.strip()) for origin in value.split(",") if origin.strip())


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Model = Annotated[str, AfterValidator(_model)]
Folder = Annotated[Path, AfterValidator(_folder)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
Origins = Annotated[str, AfterValidator(_origins)]


def setting(
    default: Any,
    *names: str,
    meaning: str,
    fix: str,
    default_text: str | None = None,
    **limits: Any,
) -> Any:
    """A field read from `names` (the first that is set), with its row for the README's table."""
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


def whole(default: int, name: str, meaning: str, least: int, most: int) -> Any:
    fix = f"Use a whole number from {least} to {most}, for instance {default}."
    return setting(default, name, meaning=meaning, fix=fix, ge=least, le=most)


def seconds(default: float, name: str, meaning: str, least: float, most: float) -> Any:
    fix = f"Use a number of seconds from {least:g} to {most:g}, for instance {default:g}."
    return setting(default, name, meaning=meaning, fix=fix, ge=least, le=most)


def token(*names: str, meaning: str, default_text: str | None = None) -> Any:
    """A secret that a provider shows as one word."""
    fix = "Paste it again as its owner shows it, without quotes or spaces."
    return setting(None, *names, meaning=meaning, fix=fix, default_text=default_text)


def web_address(*names: str, meaning: str, default: str | None = None) -> Any:
    """An address that begins with http:// or https://."""
    fix = "Use an address that begins with https:// or http://."
    return setting(default, *names, meaning=meaning, fix=fix)


def database(*names: str, meaning: str, default_text: str | None = None) -> Any:
    """The address of a PostgreSQL database."""
    fix = "Use postgresql://user:password@host:5432/name."
    return setting(None, *names, meaning=meaning, fix=fix, default_text=default_text)
