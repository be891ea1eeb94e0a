"""Chooses where pictures are stored: this machine or S3."""

import importlib

from pydantic import SecretStr

from services.core.settings import Settings
from services.storage.base import Storage
from services.storage.local_storage import LocalStorage


def build_storage(settings: Settings) -> Storage:
    """Return the configured storage; boto3 is imported for S3 alone."""
    if not settings.stores_in_s3:
        return LocalStorage(settings.home / "storage")
    module = importlib.import_module("services.storage.s3_storage")
    storage: Storage = module.S3Storage(
        module.S3Place(
            bucket=settings.s3_bucket,
            endpoint_url=settings.s3_endpoint_url,
            region=settings.aws_region,
            access_key_id=_plain(settings.aws_access_key_id),
            secret_access_key=_plain(settings.aws_secret_access_key),
            session_token=_plain(settings.aws_session_token),
        )
    )
    return storage


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
