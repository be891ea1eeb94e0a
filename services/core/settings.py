"""The only reader of the environment and of `.env`; the environment wins.

A wrong setting is reported by name, shape of its value and fix, never by its characters.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from platformdirs import user_data_path
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.core.errors import SettingsError
from services.core.proxies import PROXY_SETTINGS, export_proxies
from services.core.redaction import install_log_redaction, remember_secrets
from services.core.settings_fields import (
    PROJECT_ROOT,
    Bucket,
    DatabaseUrl,
    Folder,
    Hosts,
    HttpUrl,
    LogLevel,
    Model,
    Origins,
    Proxy,
    RedisUrl,
    Token,
    database,
    default_text,
    integer,
    names,
    problems_of,
    seconds,
    setting,
    token,
    web_address,
)

ENV_FILE = PROJECT_ROOT / ".env"


class Settings(BaseSettings):
    """Every setting of Atelier; secrets are SecretStr and print as stars."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    use_s3: bool | None = setting(
        None,
        "USE_S3",
        meaning="Store pictures in S3; false stores them in ATELIER_HOME",
        default_text="true when a bucket is set",
        fix="Use true or false.",
    )
    s3_bucket: Bucket | None = setting(
        None,
        "S3_BUCKET",
        "AWS_STORAGE_BUCKET_NAME",
        meaning="The bucket's name",
        fix="Use the name alone: 3 to 63 small letters, digits, dots or dashes.",
    )
    s3_endpoint_url: HttpUrl | None = web_address(
        "S3_ENDPOINT_URL", meaning="Another server with the S3 API"
    )
    s3_addressing_style: Literal["auto", "path", "virtual"] = setting(
        "auto",
        "S3_ADDRESSING_STYLE",
        "AWS_S3_ADDRESSING_STYLE",
        meaning="Where the bucket's name stands: path (server/bucket), virtual (bucket.server),"
        " or auto: the path of one's own server",
        fix="Use auto, path or virtual.",
    )
    s3_public_url: HttpUrl | None = web_address(
        "S3_PUBLIC_URL",
        meaning="The S3 server as browsers reach it, where S3_ENDPOINT_URL is an inner address",
    )
    s3_redirects: bool | None = setting(
        None,
        "S3_REDIRECTS",
        meaning="Let browsers load originals from the S3 server; false sends them through Atelier",
        default_text="true, but false for an inner or unencrypted S3_ENDPOINT_URL",
        fix="Use true or false.",
    )
    aws_access_key_id: SecretStr | None = token("AWS_ACCESS_KEY_ID", meaning="The S3 key's id")
    aws_secret_access_key: SecretStr | None = token(
        "AWS_SECRET_ACCESS_KEY", meaning="The S3 key's secret"
    )
    aws_session_token: SecretStr | None = token(
        "AWS_SESSION_TOKEN", meaning="The session token of temporary S3 keys"
    )
    aws_region: str | None = setting(
        None,
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_S3_REGION_NAME",
        meaning="The S3 region",
        fix="Use a region's name, for instance eu-central-1.",
        pattern=r"^[a-z0-9-]+$",
    )

    replicate_api_token: Token | None = token(
        "REPLICATE_API_TOKEN", meaning="Replicate's token; without it, the simulator answers"
    )
    replicate_base_url: HttpUrl = web_address(
        "REPLICATE_BASE_URL",
        default="https://api.replicate.com",
        meaning="A server with Replicate's API, for instance one's own",
    )
    replicate_pose_model: Model = setting(
        "fofr/consistent-character",
        "REPLICATE_POSE_MODEL",
        meaning="The model that draws poses",
        fix="Use owner/name or owner/name:version.",
    )
    replicate_simulation_model: Model = setting(
        "stability-ai/sdxl",
        "REPLICATE_SIMULATION_MODEL",
        meaning="The model that draws simulations from a photograph",
        fix="Use owner/name or owner/name:version.",
    )
    replicate_trainer_model: Model = setting(
        "ostris/flux-dev-lora-trainer",
        "REPLICATE_TRAINER_MODEL",
        meaning="The trainer of likenesses",
        fix="Use owner/name or owner/name:version.",
    )
    replicate_cutout_model: Model = setting(
        "851-labs/background-remover",
        "REPLICATE_CUTOUT_MODEL",
        meaning="The model that removes backgrounds",
        fix="Use owner/name or owner/name:version.",
    )
    replicate_background_model: Model = setting(
        "black-forest-labs/flux-kontext-pro",
        "REPLICATE_BACKGROUND_MODEL",
        meaning="The model that replaces backgrounds",
        fix="Use owner/name or owner/name:version.",
    )
    replicate_creates_per_minute: int = integer(
        600,
        "REPLICATE_CREATES_PER_MINUTE",
        meaning="Predictions created in a minute at most",
        minimum=1,
        maximum=100_000,
    )
    replicate_calls_per_minute: int = integer(
        3000,
        "REPLICATE_CALLS_PER_MINUTE",
        meaning="Other calls to Replicate in a minute at most",
        minimum=1,
        maximum=100_000,
    )
    gemini_api_key: Token | None = token(
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        meaning="Gemini's key; without it and without a project, the simulator answers",
    )
    gemini_base_url: HttpUrl = web_address(
        "GEMINI_BASE_URL",
        default="https://generativelanguage.googleapis.com",
        meaning="A server with Gemini's API, or with Vertex AI's",
    )
    gemini_image_model: str = setting(
        "gemini-nano-banana-2.1",
        "GEMINI_IMAGE_MODEL",
        meaning="The model that draws mascots",
        fix="Use the model's name as Google lists it.",
        pattern=r"^[\w.-]+$",
    )
    google_cloud_project_id: str | None = setting(
        None,
        "GOOGLE_CLOUD_PROJECT_ID",
        meaning="The Google Cloud project for Gemini on Vertex AI; GEMINI_API_KEY wins over it",
        fix="Use the project's id, not its title.",
        pattern=r"^[a-z0-9.:-]+$",
    )
    google_cloud_location: str = setting(
        "global",
        "GOOGLE_CLOUD_LOCATION",
        meaning="The location of that project's models",
        fix="Use a location's name, for instance global or europe-west4.",
        pattern=r"^[a-z0-9-]+$",
    )
    google_application_credentials: Folder | None = setting(
        None,
        "GOOGLE_APPLICATION_CREDENTIALS",
        meaning="The JSON key file of that project's service account",
        default_text="the machine's own credentials",
        fix="Use the path of a file.",
    )
    huggingface_api_key: Token | None = token(
        "HUGGINGFACE_API_KEY", meaning="Hugging Face's token; without it, the simulator answers"
    )
    huggingface_base_url: HttpUrl = web_address(
        "HUGGINGFACE_BASE_URL",
        default="https://router.huggingface.co",
        meaning="A server with Hugging Face's inference API",
    )
    huggingface_pose_model: Model = setting(
        "black-forest-labs/FLUX.1-dev",
        "HUGGINGFACE_POSE_MODEL",
        meaning="The model that draws poses where Hugging Face is chosen",
        fix="Use owner/name.",
    )

    cog_base_url: HttpUrl | None = web_address(
        "COG_BASE_URL", meaning="A GPU server of one's own that runs a Cog container"
    )
    cog_api_token: Token | None = token(
        "COG_API_TOKEN", meaning="The bearer token of the reverse proxy before COG_BASE_URL"
    )
    cog_pose_model: Model = setting(
        "own/poses",
        "COG_POSE_MODEL",
        meaning="What the container's model is called here, in prices, captions and durations",
        fix="Use owner/name.",
    )
    cog_simulated: bool = setting(
        False,
        "COG_SIMULATED",
        meaning="Let ./run simulate that server, while COG_BASE_URL is not set",
        fix="Use true or false.",
    )

    output_hosts: Hosts | None = setting(
        None,
        "OUTPUT_HOSTS",
        meaning="Hosts of outputs beside the providers' own, such as minio.internal:9000 or"
        " *.example.com, separated by commas; one named without * may be private",
        fix="Use host names, host:port or *.domain, without a path.",
    )
    https_proxy: Proxy | None = setting(
        None,
        "HTTPS_PROXY",
        meaning="The proxy for https addresses; every client uses it",
        fix="Use http://host:port; socks proxies are not supported.",
    )
    http_proxy: Proxy | None = setting(
        None,
        "HTTP_PROXY",
        meaning="The proxy for plain http addresses",
        fix="Use http://host:port; socks proxies are not supported.",
    )
    no_proxy: str | None = setting(
        None,
        "NO_PROXY",
        meaning="Hosts that are reached without a proxy, separated by commas",
        fix="Use host names, domains or networks such as 10.0.0.0/8.",
    )
    keep_blank_pictures: bool = setting(
        False,
        "KEEP_BLANK_PICTURES",
        meaning="Whether a picture that shows nothing is kept and charged; else it fails and is refunded",
        fix="Use true or false.",
    )
    max_wait_hours: int = integer(
        24,
        "MAX_WAIT_HOURS",
        meaning="How long a picture may wait to be sent, or to be decided, before it is refunded",
        minimum=1,
        maximum=720,
    )

    database_url: DatabaseUrl | None = database(
        "DATABASE_URL",
        default_text="its own PostgreSQL",
        meaning="PostgreSQL, as a session connection (no transaction pooler)",
    )
    database_readonly_url: DatabaseUrl | None = database(
        "DATABASE_READONLY_URL",
        meaning="The reader of the SQL page, where the application's role may not create one",
    )
    redis_address: RedisUrl | None = setting(
        None,
        "REDIS_URL",
        "CELERY_BROKER_URL",
        default_text="its own Redis",
        meaning="The Redis of the queue",
        fix="Use redis://:password@host:6379/0.",
    )
    redis_host: str | None = setting(
        None,
        "REDIS_HOST",
        meaning="The Redis host, in place of REDIS_URL",
        fix="Use a host name without redis:// and without a port.",
        pattern=r"^[\w.:-]+$",
    )
    redis_port: int = integer(
        6379, "REDIS_PORT", meaning="The port at REDIS_HOST", minimum=1, maximum=65535
    )
    redis_password: SecretStr | None = setting(
        None, "REDIS_PASSWORD", meaning="The password at REDIS_HOST", fix="Use a text."
    )

    worker_concurrency: int = integer(
        5,
        "WORKER_CONCURRENCY",
        meaning="Steps that one worker process does at once",
        minimum=1,
        maximum=64,
    )
    worker_processes: int = integer(
        1, "WORKER_PROCESSES", meaning="Worker processes that ./run starts", minimum=1, maximum=16
    )
    queue_max_retries: int = integer(
        3,
        "QUEUE_MAX_RETRIES",
        meaning="Attempts of one run that may reach a provider",
        minimum=1,
        maximum=10,
    )
    queue_cleanup_interval: int = integer(
        3600,
        "QUEUE_CLEANUP_INTERVAL",
        meaning="Seconds between two clean-ups of old queue entries",
        minimum=10,
        maximum=604_800,
    )
    lease_seconds: float = seconds(
        30,
        "LEASE_SECONDS",
        meaning="How long a worker's claim on a run holds",
        minimum=1,
        maximum=3600,
    )
    lease_renew_seconds: float = seconds(
        10, "LEASE_RENEW_SECONDS", meaning="How often a claim is renewed", minimum=0.2, maximum=1800
    )
    requeue_after_seconds: float = seconds(
        10,
        "REQUEUE_AFTER_SECONDS",
        "RING_AGAIN_SECONDS",
        meaning="How long a queued job may stay untouched until it is requeued",
        minimum=0.5,
        maximum=3600,
    )
    lookup_seconds: float = seconds(
        20,
        "LOOKUP_SECONDS",
        meaning="How long an unanswered create is searched at the provider before a person must decide",
        minimum=1,
        maximum=3600,
    )
    dispatch_tick_seconds: float = seconds(
        10,
        "DISPATCH_TICK_SECONDS",
        meaning="The dispatcher's safety tick, when no notification wakes it earlier",
        minimum=0.02,
        maximum=3600,
    )

    starting_credits: int = integer(
        10_000,
        "STARTING_CREDITS",
        meaning="The grant of the first account",
        minimum=0,
        maximum=1_000_000_000,
    )
    public_url: HttpUrl | None = web_address(
        "PUBLIC_URL", meaning="Where providers will reach Atelier for webhooks; not used yet"
    )
    cors_origin: Origins | None = setting(
        None,
        "CORS_ORIGIN",
        meaning="Web origins that may call the API, separated by commas",
        fix="Use origins such as https://atelier.example.com.",
    )
    secret_key: Token | None = setting(
        None,
        "SECRET_KEY",
        default_text="made once by ./run",
        meaning="Signs picture links and API tokens; the same on every machine",
        fix="Use a random text of 32 characters or more, without spaces.",
    )
    home: Folder = setting(
        lambda: user_data_path("atelier"),
        "ATELIER_HOME",
        default_text="the user's data folder",
        meaning="Where ./run stores its database, queue, pictures and logs",
        fix="Use the path of a folder.",
    )
    port: int = integer(
        8501, "ATELIER_PORT", meaning="The port of the web process", minimum=1, maximum=65535
    )
    simulator_url: HttpUrl | None = setting(
        None,
        "ATELIER_SIMULATOR_URL",
        meaning="The running simulator; set by ./run alone",
        fix="Leave it out.",
    )
    log_level: LogLevel = setting(
        "INFO",
        "LOG_LEVEL",
        meaning="How much is logged",
        fix="Use DEBUG, INFO, WARNING or ERROR.",
    )

    @property
    def output_host_list(self) -> tuple[str, ...]:
        """The entries of OUTPUT_HOSTS."""
        return tuple(self.output_hosts.split(",")) if self.output_hosts else ()

    @property
    def stores_in_s3(self) -> bool:
        """True when pictures go to S3: by USE_S3, else by a bucket being set."""
        return bool(self.s3_bucket) if self.use_s3 is None else self.use_s3

    @property
    def redis_url(self) -> SecretStr | None:
        """Redis's address from REDIS_URL, else from REDIS_HOST and its two companions."""
        if self.redis_address or not self.redis_host:
            return self.redis_address
        secret = self.redis_password.get_secret_value() if self.redis_password else ""
        account = f":{quote(secret, safe='')}@" if secret else ""
        host = f"[{self.redis_host}]" if ":" in self.redis_host else self.redis_host
        return SecretStr(f"redis://{account}{host}:{self.redis_port}/0")

    @property
    def uses_vertex(self) -> bool:
        """True when Gemini is reached through Google Cloud: a key wins over a project."""
        return self.gemini_api_key is None and self.google_cloud_project_id is not None

    @property
    def is_simulated(self) -> bool:
        """True when the simulator answers for at least one provider."""
        addresses = [name for name in type(self).model_fields if name.endswith("_base_url")]
        url = self.simulator_url
        return url is not None and any(getattr(self, name) == url for name in addresses)


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
    source: dict[str, Any] = {"_env_file": env_file}
    try:
        settings = Settings(**source)
    except ValidationError as error:
        raise SettingsError(problem="\n".join(problems_of(error, Settings.model_fields))) from None
    if problems := list(_conflicts(settings)):
        raise SettingsError(problem="\n".join(problems))
    export_proxies({name: getattr(settings, name) for name in PROXY_SETTINGS})
    remember_secrets(getattr(settings, name) for name in secret_fields())
    install_log_redaction()
    return settings


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
