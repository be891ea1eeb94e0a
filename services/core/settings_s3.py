"""The settings of S3 and of servers that speak its API; used by `services.core.settings` alone."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from services.core.settings_fields import HttpUrl, setting, token, web_address


class S3Settings(BaseSettings):
    """Where pictures go when not into ATELIER_HOME."""

    use_s3: bool | None = setting(
        None,
        "USE_S3",
        meaning="Keep pictures in S3; false keeps them in ATELIER_HOME",
        default_text="true when a bucket is set",
        fix="Use true or false.",
    )
    s3_bucket: str | None = setting(
        None,
        "S3_BUCKET",
        "AWS_STORAGE_BUCKET_NAME",
        meaning="The bucket's name",
        fix="Use the name alone: 3 to 63 small letters, digits, dots or dashes.",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    )
    s3_endpoint_url: HttpUrl | None = web_address(
        "S3_ENDPOINT_URL", meaning="Another server with the S3 API"
    )
    aws_access_key_id: SecretStr | None = token("AWS_ACCESS_KEY_ID", meaning="The S3 key's id")
    aws_secret_access_key: SecretStr | None = token(
        "AWS_SECRET_ACCESS_KEY", meaning="The S3 key's secret"
    )
    aws_session_token: SecretStr | None = token(
        "AWS_SESSION_TOKEN", meaning="The third part of temporary S3 keys"
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

    @property
    def stores_in_s3(self) -> bool:
        """True when pictures go to S3: said by USE_S3, else by a bucket being set."""
        return bool(self.s3_bucket) if self.use_s3 is None else self.use_s3
