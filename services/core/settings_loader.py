"""Read the settings from the environment and from `.env`, the environment first: the only reader of both.

A wrong setting is reported by name, shape of its value and fix, never by its characters.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from services.core.env_file import given_values, read_env_file
from services.core.errors import SettingsError
from services.core.proxies import PROXY_SETTINGS, export_proxies
from services.core.redaction import install_log_redaction, remember_secrets
from services.core.settings import Settings
from services.core.settings_fields import PROJECT_ROOT, default_text, names, problems_of

ENV_FILE = PROJECT_ROOT / ".env"
_INSTEAD = {
    "CELERY_RESULT_BACKEND": "results are stored in PostgreSQL (DATABASE_URL)",
    "JWT_SECRET": "SECRET_KEY signs links and tokens",
    "REDIS_TLS_URL": "REDIS_URL is used, which may begin with rediss://",
}


_S3_HOST = re.compile(
    r"s3[.-]|oss-|cos\.|.*(amazonaws|cloudflarestorage|digitaloceanspaces|wasabisys|backblazeb2)\.com$"
)


def _bucket_in_endpoint(url: str, bucket: str) -> Iterator[str]:
    """Refuse an endpoint with the bucket in it: files could be stored there, but not be listed."""
    parts = urlsplit(url)
    if bucket and parts.path.rpartition("/")[2] == bucket:
        yield f"S3_ENDPOINT_URL ends with the bucket's name. Remove /{bucket} from it."
    host = parts.hostname or ""
    if bucket and host.startswith(f"{bucket}.") and _S3_HOST.match(host[len(bucket) + 1 :]):
        yield f"S3_ENDPOINT_URL begins with the bucket's name. Remove {bucket}. from its host."


def _conflicts(its: Settings) -> Iterator[str]:
    if its.redis_password and not its.redis_host:
        yield "REDIS_PASSWORD is set and REDIS_HOST is not. Set REDIS_HOST too, or remove it."
    if its.redis_username and not its.redis_host:
        yield "REDIS_USERNAME is set and REDIS_HOST is not. Set REDIS_HOST too, or remove it."
    if its.cog_api_token and not (its.cog_base_url or its.cog_simulated):
        yield "COG_API_TOKEN is set and COG_BASE_URL is not. Set both, or neither."
    if its.use_s3 and not its.s3_bucket:
        yield "USE_S3 is true and no bucket is named. Set S3_BUCKET, or USE_S3=false."
    yield from _bucket_in_endpoint(its.s3_endpoint_url or "", its.s3_bucket or "")
    if bool(its.aws_access_key_id) != bool(its.aws_secret_access_key):
        yield "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together. Set both, or neither."
    if its.aws_session_token and not its.aws_access_key_id:
        yield "AWS_SESSION_TOKEN is set and AWS_ACCESS_KEY_ID is not. Set both, or neither."
    if its.lease_renew_seconds * 2 > its.lease_seconds:
        yield "LEASE_RENEW_SECONDS must be at most half of LEASE_SECONDS. Raise the latter."
    if its.database_readonly_url and not its.database_url:
        yield "DATABASE_READONLY_URL is set and DATABASE_URL is not. Set both, or neither."


def load_settings(env_file: Path | None = ENV_FILE) -> Settings:
    """Read and check every setting; from then on this process's logs are redacted.

    Raises SettingsError with one line for each wrong setting.
    """
    values = {name: value for given in _given(env_file) for name, value in given.items()}
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = problems_of(error, Settings.model_fields, values)
        raise SettingsError(problem="\n".join(problems)) from None
    if problems := list(_conflicts(settings)):
        raise SettingsError(problem="\n".join(problems))
    export_proxies({name: getattr(settings, name) for name in PROXY_SETTINGS})
    remember_secrets(getattr(settings, name) for name in secret_fields())
    install_log_redaction()
    return settings


def _given(env_file: Path | None) -> list[dict[str, str]]:
    """Return what environment and `.env` give for each field, under each of its names."""
    file = read_env_file(env_file) if env_file else {}
    return given_values(map(names, Settings.model_fields.values()), os.environ, file)


def contradictions(env_file: Path | None = ENV_FILE) -> list[str]:
    """Return a sentence for each setting that is given differently under two of its names."""
    return [
        f"{' and '.join(given)} are names of one setting and differ; {next(iter(given))} is used."
        for given in _given(env_file)
        if len(set(given.values())) > 1
    ]


def unused(env_file: Path | None = ENV_FILE) -> list[tuple[str, str]]:
    """Return the names of other programs' settings that are set, and what Atelier uses instead."""
    file = read_env_file(env_file) if env_file else {}
    return [(name, use) for name, use in _INSTEAD.items() if os.environ.get(name) or name in file]


def secret_fields() -> tuple[str, ...]:
    """Return the fields whose value must never be shown."""
    return tuple(
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    )


def settings_table() -> list[tuple[tuple[str, ...], str, str]]:
    """One row for each setting: its names, its default and its meaning."""
    return [
        (names(field), default_text(field), field.description or "")
        for field in Settings.model_fields.values()
    ]
