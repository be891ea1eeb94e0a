"""S3's refusals and silences in words: one table for AWS and for the servers that speak its API.

Each row names the setting or the right to change. Errors carry no secret: the vendor's text is
kept apart, masked.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    InvalidRegionError,
    MetadataRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOError,
)
from botocore.parsers import ResponseParserError

from services.core.errors import ObjectMissingError, StorageError
from services.core.text import printable
from services.storage.problems import Reason, storage_error
from services.storage.s3_place import S3Place

_MAX_DETAIL_CHARACTERS = 400


@dataclass(frozen=True)
class _Row(Reason):
    """A reason, and how it is recognized: by S3's code, by words in its message, or by status."""

    codes: frozenset[str] = frozenset()
    words: str = ""
    statuses: frozenset[int] = frozenset()

    def found(self, code: str, message: str, status: int) -> str | None:
        """What its words name in the message, or an empty text; None where this is not the reason."""
        if self.words and (match := re.search(self.words, message, re.IGNORECASE)):
            return match[match.lastindex or 0]
        return "" if code in self.codes or status in self.statuses else None


def _row(code: str, what: str, fix: str, codes: str = "", words: str = "", *statuses: int) -> _Row:
    return _Row(code, what, fix, frozenset(codes.split()), words, frozenset(statuses))


_WEB_PAGE = "text/html"
_AWAY = (502, 503, 504)
_RIGHTS = (
    "Give the key s3:GetObject, s3:PutObject and s3:DeleteObject on the bucket's objects and"
    " s3:ListBucket on the bucket itself"
)
_ANOTHER_SERVER = (
    "S3_ENDPOINT_URL leads to a web page or another service: use the port of the S3 API"
    " (MinIO's is 9000, its console's 9001)."
)
NO_BUCKET = _row(
    "no_bucket",
    "there is no bucket {bucket} at {server}",
    "Check S3_BUCKET and S3_ENDPOINT_URL{hint}.",
    "NoSuchBucket",
)
LISTING = Reason(
    "listing",
    "{server} stores files in bucket {bucket} and its listing does not show them",
    "Remove the bucket's name from S3_ENDPOINT_URL if it ends or begins with it; else check that"
    " the server lists objects (ListObjectsV2).",
)

# The first that fits: what a message says goes before what a code or a status may mean.
_REFUSALS = (
    _row(
        "kms_right",
        "{server} may not use the KMS key of bucket {bucket} for this key: {found} is missing",
        "Give the identity of AWS_ACCESS_KEY_ID the right {found} on that KMS key, in the key's"
        " own policy too; Atelier needs kms:GenerateDataKey to store and kms:Decrypt to read.",
        words=r"(?-i:\b(kms:[A-Z]\w+))",
    ),
    _row(
        "kms_key",
        "{server} cannot use the KMS key of bucket {bucket} ({code})",
        "Enable that key in KMS, or choose another one in the bucket's default encryption.",
        "KMSNotConfigured XMinioKMSNotConfigured InvalidKMSKey",
        r"\bKMS\b.*\b(disabled|pending|deleted|not found|not configured|invalid|state)\b",
    ),
    _row(
        "object_lock",
        "{server} protects this file by Object Lock",
        "Wait until its retention ends, or use a bucket without Object Lock: Atelier must be able"
        " to replace and delete files.",
        "ObjectLocked InvalidRetentionPeriod ObjectLockConfigurationNotFoundError",
        r"object.?lock|WORM|retention|legal hold",
    ),
    _row(
        "policy_denies",
        "{found} policy denies {right} in bucket {bucket}",
        "Change the statement of that policy that denies {right} to this key.",
        words=r"explicit deny in (?:an? |the )?([\w -]{3,40}) policy",
    ),
    _row(
        "right_missing",
        "the key has no right {found} in bucket {bucket}",
        f"{_RIGHTS}.",
        words=r"not authorized to perform: (s3[\w-]*:\w+)",
    ),
    _row(
        "requester_pays",
        "bucket {bucket} makes whoever reads it pay, and {server} refuses requests that do not agree",
        "Turn Requester Pays off for the bucket.",
        "UserProjectMissing RequesterPaysRequired",
        r"requester.?pays|request-payer|user ?project",
    ),
    _row(
        "quota",
        "the quota of {server} or of bucket {bucket} is used up ({code})",
        "Raise the quota of the bucket or account, or free space there.",
        "QuotaExceeded XMinioAdminBucketQuotaExceeded XMinioStorageFull InsufficientStorage"
        " StorageQuotaExceeded ServiceQuotaExceededException",
        r"quota|storage cap|cap exceeded|no space left|insufficient storage",
        507,
    ),
    _row(
        "archived",
        "the file was moved to an archive class, from which {server} does not give it directly",
        "Restore it, and exclude the bucket from the lifecycle rule that archives files.",
        "InvalidObjectState ObjectNotInActiveTierError",
    ),
    _row(
        "region",
        "bucket {bucket} is in another region than AWS_REGION says",
        "Set AWS_REGION to the bucket's region{region}.",
        "AuthorizationHeaderMalformed PermanentRedirect TemporaryRedirect InvalidRegionName"
        " IllegalLocationConstraintException InvalidLocationConstraint",
        r"region .{0,60}(is wrong|not valid|is incorrect)",
        *(301, 307),
    ),
    _row(
        "clock",
        "this machine's clock differs too much from that of {server}",
        "Set the clock of this machine, or let NTP set it.",
        "RequestTimeTooSkewed RequestInTheFuture RequestExpired",
    ),
    _row(
        "expired",
        "the AWS credentials have expired",
        "Set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
        "ExpiredToken ExpiredTokenException TokenRefreshRequired",
    ),
    _row(
        "session_token",
        "AWS_SESSION_TOKEN does not belong to the other AWS credentials",
        "Set all three anew, or remove AWS_SESSION_TOKEN for a lasting key.",
        "InvalidToken InvalidSecurityToken",
    ),
    _row(
        "signature",
        "{server} computes another signature: AWS_SECRET_ACCESS_KEY does not belong to"
        " AWS_ACCESS_KEY_ID, or a proxy changes the request's Host",
        "Copy both again, and let a proxy before the server pass the Host header on.",
        "SignatureDoesNotMatch InvalidSignature",
    ),
    _row(
        "key_id",
        "{server} does not know this AWS_ACCESS_KEY_ID",
        "Set the key's id and secret of this server, or enable the key there.",
        "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException"
        " XMinioInvalidAccessKeyId",
    ),
    _row(
        "account",
        "the account at {server} is disabled or not signed up ({code})",
        "Ask the storage's provider what is wrong with the account.",
        "AccountProblem AllAccessDisabled NotSignedUp AccountDisabled UserSuspended",
        "",
        402,
    ),
    NO_BUCKET,
    _row(
        "bucket_name",
        "{server} does not take the bucket name {bucket}",
        "Check S3_BUCKET: the name alone, 3 to 63 small letters, digits, dots and dashes.",
        "InvalidBucketName",
    ),
    _row(
        "addressing",
        "{server} takes the bucket's name only in another place of the address ({code})",
        "Set S3_ADDRESSING_STYLE to {other_style}.",
        "SecondLevelDomainForbidden InvalidPathAccess PathStyleNotAllowed"
        " VirtualHostStyleNotAllowed",
        r"path.style|third level domain|virtual.host(ed)?.style",
    ),
    _row(
        "checksum",
        "{server} or a proxy before it does not take the length or checksum of a request ({code})",
        "Update the server, and let the proxy pass requests on unchanged.",
        "MissingContentLength MissingContentMD5 InvalidDigest BadDigest NotImplemented"
        " XAmzContentSHA256Mismatch XAmzContentChecksumMismatch",
        r"x-amz-(sdk-)?checksum|x-amz-content-sha256|aws-chunked|content-md5",
        *(411, 501),
    ),
    _row(
        "too_large",
        "{server} does not take files of this size",
        "Raise the limit of the server, or of the proxy before it (nginx: client_max_body_size).",
        "EntityTooLarge",
        "",
        413,
    ),
    _row(
        "throttled",
        "{server} asks to slow down",
        "Wait; if it stays, ask the storage's provider to raise the request rate.",
        "SlowDown SlowDownRead SlowDownWrite Throttling ThrottlingException TooManyRequests"
        " RequestLimitExceeded BandwidthLimitExceeded RequestThrottled",
        "",
        429,
    ),
    _row(
        "not_s3",
        "{server} is no S3 server there ({status} {code})",
        _ANOTHER_SERVER,
        "",
        _WEB_PAGE,
        405,
    ),
    _row(
        "denied",
        "{server} denies {right} in bucket {bucket}",
        f"{_RIGHTS}; the bucket's policy or a Requester Pays setting may deny it too.",
        "AccessDenied Forbidden Unauthorized UnauthorizedAccess",
        "",
        *(401, 403),
    ),
    _row(
        "unavailable",
        "{server} cannot answer at the moment ({status} {code})",
        "Wait; if it stays, read the log of the storage server.",
        "",
        "",
        *(500, *_AWAY),
    ),
    _row(
        "unknown",
        "{server} answered {status} {code}",
        "Look this code up in the documentation of the storage server.",
        "",
        "",
        *range(100, 600),
    ),
)
_RIGHT_OF = {
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
}

_NO_CREDENTIALS = Reason(
    "no_credentials",
    "there are no S3 credentials",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.",
)
_SILENCES: tuple[tuple[tuple[type[Exception], ...], str, Reason], ...] = (
    (
        (
            NoCredentialsError,
            PartialCredentialsError,
            CredentialRetrievalError,
            MetadataRetrievalError,
            ProfileNotFound,
            SSOError,
        ),
        "",
        _NO_CREDENTIALS,
    ),
    (
        (SSLError,),
        r"CERTIFICATE_VERIFY_FAILED.*(self.signed|local issuer)",
        Reason(
            "tls_untrusted",
            "the certificate of {server} is signed by an authority that this machine does not know",
            "Set AWS_CA_BUNDLE in the environment to a file with that authority's certificate.",
        ),
    ),
    (
        (SSLError,),
        r"Hostname mismatch|IP address mismatch|doesn't match",
        Reason(
            "tls_name",
            "the certificate of {server} is for another name",
            "Use the name that the certificate holds in S3_ENDPOINT_URL, or set"
            " S3_ADDRESSING_STYLE to path where it does not hold bucket.server.",
        ),
    ),
    (
        (SSLError,),
        r"WRONG_VERSION_NUMBER|RECORD_LAYER|packet length",
        Reason(
            "tls_plain",
            "{server} speaks no TLS at this port",
            "Write http:// in S3_ENDPOINT_URL, or use the port with TLS.",
        ),
    ),
    (
        (SSLError,),
        "",
        Reason(
            "tls",
            "no encrypted connection to {server} can be made",
            "Check the certificate of the server and the port in S3_ENDPOINT_URL.",
        ),
    ),
    (
        (ProxyConnectionError,),
        "",
        Reason(
            "proxy",
            "the proxy before {server} does not answer",
            "Check HTTPS_PROXY, or name the server in NO_PROXY.",
        ),
    ),
    (
        (EndpointConnectionError,),
        r"Name or service not known|NameResolution|getaddrinfo|name resolution|No address",
        Reason(
            "dns",
            "{server} does not answer: its name has no address",
            "Check the host in S3_ENDPOINT_URL, AWS_REGION and this machine's DNS.",
        ),
    ),
    (
        (EndpointConnectionError,),
        r"refused",
        Reason(
            "refused",
            "{server} does not answer: it refuses connections",
            "Start the storage server, and check the port in S3_ENDPOINT_URL.",
        ),
    ),
    (
        (ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError),
        "",
        Reason(
            "timeout",
            "{server} does not answer in time",
            "Check that the network and its firewall let this machine reach S3_ENDPOINT_URL.",
        ),
    ),
    ((ResponseParserError,), "", Reason("not_s3", "{server} is no S3 server", _ANOTHER_SERVER)),
    (
        (InvalidRegionError,),
        "",
        Reason(
            "region",
            "AWS_REGION is no name of a region",
            "Set AWS_REGION to a name such as eu-central-1.",
        ),
    ),
    (
        (HTTPClientError,),
        "",
        Reason(
            "broken_off",
            "{server} does not answer: the connection broke off ({name})",
            "Check whether it expects https:// in S3_ENDPOINT_URL, and read the log of the server.",
        ),
    ),
)
_FAILED = Reason(
    "client", "the S3 client failed ({name})", "Check S3_BUCKET, S3_ENDPOINT_URL and AWS_REGION."
)


@contextmanager
def s3_errors(place: S3Place, key: str = "") -> Iterator[None]:
    """Turn what the client raises into StorageError, and a missing key into ObjectMissingError."""
    try:
        yield
    except ClientError as error:
        # From None: the chain would carry the vendor's text into every log.
        if is_missing(error):
            raise ObjectMissingError(key=key) from None
        raise _refusal(error, place, key) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise _silence(error, place, key) from None


def bucket_error(reason: Reason, place: S3Place, key: str = "") -> StorageError:
    """The error for what the bucket lacks, whatever the server said of it."""
    return storage_error(reason, key, **_facts(place))


def is_missing(error: ClientError) -> bool:
    """Whether the key is not there; a missing bucket is another matter."""
    return code_of(error) in ("NoSuchKey", "NotFound", "404") and not _is_web_page(error)


def _is_web_page(error: ClientError) -> bool:
    """Whether the answer is no S3 server's; that of a proxy whose server is away is not meant."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return _WEB_PAGE in headers.get("content-type", "") and status_of(error) not in _AWAY


def has_no_body(error: ClientError) -> bool:
    """Whether the answer gave no reason, as to a HEAD request."""
    return code_of(error).isdigit() and not is_missing(error)


def code_of(error: ClientError) -> str:
    """S3's word for the error, or the status where the answer had no body."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return re.sub(r"[^\w.]", "", code)[:60] or str(status_of(error))


def status_of(error: ClientError) -> int:
    """The answer's HTTP status; 0 when the client made the error up."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refusal(error: ClientError, place: S3Place, key: str) -> StorageError:
    code, status = code_of(error), status_of(error)
    message = _shown(str(error.response.get("Error", {}).get("Message", "")))
    if _is_web_page(error):
        # Where the status is 200, botocore makes an error 500 of it.
        message += f" ({_WEB_PAGE})"
    row, found = _row_of(code, message, status)
    return storage_error(
        row,
        key,
        f"{status} {code}: {message}",
        **_facts(place),
        code=code,
        status=status,
        found=found,
        right=_RIGHT_OF.get(error.operation_name, "s3:GetObject"),
        region=_expected_region(error.response, message),
    )


def _row_of(code: str, message: str, status: int) -> tuple[_Row, str]:
    """The row that fits, and what its pattern found in the message."""
    # KMS names its own errors KMS.DisabledException, KMS.NotFoundException and others.
    text = f"KMS invalid state {message}" if code.startswith("KMS.") else message
    for row in _REFUSALS:
        found = row.found(code, text, status)
        if found is not None:
            return row, found.strip()
    return _REFUSALS[-1], ""


def _expected_region(response: Mapping[str, Any], message: str) -> str:
    """Where the bucket is, as far as the answer says it, for the end of a sentence."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    named = error.get("Region") or metadata.get("HTTPHeaders", {}).get("x-amz-bucket-region")
    expected = re.search(r"expecting '([\w-]+)'", message)
    region = str(named or (expected[1] if expected else ""))
    return f", {region}" if re.fullmatch(r"[a-z0-9-]{2,40}", region) else ""


def _silence(error: Exception, place: S3Place, key: str) -> StorageError:
    # The cause of a failed connection is not in its text.
    text = _shown(f"{error} {getattr(error, 'kwargs', {}).get('error', '')}")
    for kinds, words, reason in _SILENCES:
        if isinstance(error, kinds) and re.search(words, text, re.IGNORECASE):
            break
    else:
        reason = _FAILED
    return storage_error(reason, key, text, **_facts(place), name=type(error).__name__)


def _facts(place: S3Place) -> dict[str, str]:
    is_doubled = place.server.startswith(f"{place.bucket}.")
    hint = ""
    if is_doubled:
        hint = f": {place.server} begins with the bucket's name, leave that out"
    elif place.style == "path":
        hint = "; a server that takes the name only in the host needs S3_ADDRESSING_STYLE=virtual"
    other_style = "virtual" if place.style == "path" else "path"
    return {
        "bucket": place.bucket,
        "server": place.server,
        "hint": hint,
        "other_style": other_style,
    }


def _shown(text: str) -> str:
    return " ".join(printable(text.replace("\n", " ")).split())[:_MAX_DETAIL_CHARACTERS]
