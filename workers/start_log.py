"""Configure logging, and log the configuration at a process's start: model, Redis, storage, token."""

import logging
from urllib.parse import urlsplit

from pydantic import SecretStr

from services.core.redaction import masked
from services.core.settings import Settings

logger = logging.getLogger("atelier.start")

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
VERBOSE_LIBRARIES = (
    "httpx",
    "httpx2",
    "httpcore",
    "urllib3",
    "botocore",
    "google_genai",
    "alembic",
)


def configure_logging(level: str) -> None:
    """Set one format for every process; libraries that log each request log warnings alone."""
    logging.basicConfig(level=level, format=FORMAT)
    for name in VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_configuration(settings: Settings) -> None:
    """Log the start lines that the source guides show; never a secret."""
    logger.info("Poses: Replicate configured (model: %s)", settings.replicate_pose_model)
    logger.info("[RedisConfig] Redis configuration: %s", _without_password(settings.redis_url))
    place = f"S3 bucket {settings.s3_bucket}" if settings.stores_in_s3 else "local files"
    logger.info("[StorageConfig] %s", place)
    logger.info("[Replicate] token %s", masked(settings.replicate_api_token))
    logger.info("[Gemini] %s (model: %s)", _gemini_access(settings), settings.gemini_image_model)


def _gemini_access(settings: Settings) -> str:
    if settings.uses_vertex:
        return f"Vertex AI, project {settings.google_cloud_project_id}"
    return f"key {masked(settings.gemini_api_key)}"


def _without_password(address: SecretStr | None) -> str:
    if address is None:
        return "not set"
    url = urlsplit(address.get_secret_value())
    host = url.hostname or "a private socket"
    return f"{host}:{url.port}" if url.port else host
