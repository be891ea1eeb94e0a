"""What S3 and its client say when something fails, in an operator's words; never a secret."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
)

from services.core.errors import ObjectMissingError, StorageError

_MISSING = {"NoSuchKey", "NotFound", "404"}
_THROTTLED = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
_NO_BUCKET = "there is no bucket {bucket} at {server}; check S3_BUCKET and S3_ENDPOINT_URL"
_REGION = "the bucket is in another region; set AWS_REGION to the bucket's"
_SENTENCES = {
    "NoSuchBucket": _NO_BUCKET,
    "InvalidAccessKeyId": "{server} does not know this AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than S3 allows; set it",
    "ExpiredToken": "the AWS credentials have expired; set new ones",
    "InvalidToken": "AWS_SESSION_TOKEN does not belong to the other AWS credentials",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
}
_DENIED = (
    "{server} denies access to bucket {bucket}; the key needs s3:GetObject, s3:PutObject and "
    "s3:DeleteObject on its objects and s3:ListBucket on the bucket itself"
)
_NO_CREDENTIALS = (
    "there are no S3 credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or give this machine a role"
)


@contextmanager
def s3_errors(bucket: str, server: str, key: str = "") -> Iterator[None]:
    """Turn what the client raises into StorageError, and a missing key into ObjectMissingError."""
    try:
        yield
    except ClientError as error:
        # From None: the chain would carry the vendor's text into every log.
        if is_missing(error):
            raise ObjectMissingError(key=key) from None
        reason = _refusal(error).format(bucket=bucket, server=server)
        raise StorageError(reason=reason, key=key) from None
    except BotoCoreError as error:
        raise StorageError(reason=_failure(error).format(server=server), key=key) from None


def no_bucket(bucket: str, server: str) -> str:
    """The sentence for a bucket that is not there."""
    return _NO_BUCKET.format(bucket=bucket, server=server)


def is_missing(error: ClientError) -> bool:
    """Whether the key is not there; a missing bucket is another matter."""
    return code_of(error) in _MISSING


def code_of(error: ClientError) -> str:
    """S3's word for the error, or the status where the answer had no body."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return re.sub(r"[^\w.]", "", code)[:60] or str(status_of(error))


def status_of(error: ClientError) -> int:
    """The answer's HTTP status; 0 when the client made the error up."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refusal(error: ClientError) -> str:
    code, status = code_of(error), status_of(error)
    if code in _SENTENCES:
        return _SENTENCES[code]
    if code in _THROTTLED or status == 429:
        return "{server} asks to slow down"
    if status in (401, 403):
        return _DENIED
    if status in (301, 307):
        return _REGION
    return f"{{server}} answered {status} {code}"


def _failure(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return _NO_CREDENTIALS
    if isinstance(error, ProxyConnectionError):
        return "the proxy before {server} does not answer"
    if isinstance(error, HTTPClientError | EndpointConnectionError):
        return f"{{server}} does not answer ({type(error).__name__})"
    return f"the S3 client failed ({type(error).__name__})"
