"""Every setting but the providers': names, default, meaning, limits; `settings_loader.py` reads them."""

from typing import Literal

from platformdirs import user_data_path
from pydantic import SecretStr

from services.core.provider_settings import ProviderSettings
from services.core.redis_url import redis_server_url
from services.core.settings_fields import (
    Bucket,
    DatabaseUrl,
    Folder,
    HostNames,
    HttpUrl,
    LogLevel,
    Origins,
    RedisUrl,
    Token,
    database,
    integer,
    seconds,
    setting,
    token,
    web_address,
)


class Settings(ProviderSettings):
    """Every setting of Atelier; secrets are SecretStr and print as stars."""

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
    redis_username: str | None = setting(
        None,
        "REDIS_USERNAME",
        default_text="default",
        meaning="The user at REDIS_HOST",
        fix="Use the name of an ACL user.",
    )
    redis_tls: bool = setting(
        False,
        "REDIS_TLS",
        default_text="false",
        meaning="Whether REDIS_HOST is reached through TLS",
        fix="Use true or false.",
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
        meaning="Attempts of one run that may reach a provider; no failure is tried more than 3 times",
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
        "PUBLIC_URL", meaning="The https address under which browsers and providers reach Atelier"
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
        8501,
        "ATELIER_PORT",
        "PORT",
        meaning="The port of the web process",
        minimum=1,
        maximum=65535,
    )
    address: str = setting(
        "127.0.0.1",
        "ATELIER_ADDRESS",
        meaning="The address at which the web process listens; 0.0.0.0 or :: for every network",
        fix="Use an IP address of this machine: 127.0.0.1, 0.0.0.0 or ::.",
        pattern=r"^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$",
    )
    allowed_hosts: HostNames | None = setting(
        None,
        "ALLOWED_HOSTS",
        meaning="Host names under which browsers open Atelier, separated by commas, beside localhost,"
        " IP addresses and that of PUBLIC_URL",
        fix="Use host names without https:// and without a port, for instance atelier.example.com.",
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
    def web_address(self) -> str:
        """Where this machine reaches the web process."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def redis_url(self) -> SecretStr | None:
        """Redis's address from REDIS_URL, else from REDIS_HOST and its two companions."""
        if self.redis_address or not self.redis_host:
            return self.redis_address
        password = self.redis_password.get_secret_value() if self.redis_password else ""
        url = redis_server_url(
            self.redis_host,
            self.redis_port,
            self.redis_username or "",
            password,
            has_tls=self.redis_tls,
        )
        return SecretStr(url)

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
