"""Objects in a bucket of S3 or of a server that speaks its API (R2, MinIO and others).

Every put is verified, and what is named by its hash is checked when it is read.
"""

import base64
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from services.core.errors import ObjectDamagedError, ObjectMissingError, StorageError
from services.storage.base import ObjectInfo, PublicUrl, content_disposition, write_read_delete
from services.storage.disk import disk_errors
from services.storage.identity import MARK, Owner, mark_content, mark_id, require_mark
from services.storage.keys import ObjectKey, checked_prefix, is_key, parse_key, require_named
from services.storage.s3_body import Content, S3Body, etag_digest, hashed, jittered, size_of
from services.storage.s3_client import LIFE_SECONDS, OneClient, PresignedUrls, make_client
from services.storage.s3_errors import (
    LISTING,
    NO_BUCKET,
    bucket_error,
    code_of,
    has_no_body,
    is_missing,
    s3_errors,
    status_of,
)
from services.storage.s3_place import S3Place

_IMMUTABLE = "private, max-age=31536000, immutable"
_DAMAGED_PAUSES_SECONDS = (0.1, 0.5)
# What a put requests, best first; not every server knows these headers.
_MANNERS = (("condition", "checksum"), ("checksum",), ())
_REPLACING = 1
_MARKED_SECONDS = 300.0
_UNKNOWN_HEADER = {
    *("NotImplemented", "InvalidArgument", "InvalidRequest", "UnsupportedHeader", "BadRequest"),
    *("XAmzContentChecksumMismatch", "InvalidDigest", "BadDigest", "MissingContentMD5"),
}


class S3Storage:
    """Storage in one bucket; thread-safe, connects when it is first used.

    Every method raises StorageError: throttling, 500s and broken connections were retried
    before, denied access was not.
    """

    name = "s3"

    def __init__(
        self,
        place: S3Place,
        make: Callable[[S3Place], Any] = make_client,
        owner: Owner | None = None,
    ) -> None:
        self._place = place
        self._owner = owner
        self._marked_until = 0.0
        self._client = OneClient(place, make)
        # Its addresses are signed for the host that browsers ask.
        public = replace(place, endpoint_url=place.public_url or place.endpoint_url)
        self._public_client = OneClient(public, make)
        self._manner = 0
        self._links = PresignedUrls(
            lambda key, name, seconds: self.presigned_url(
                key, expires_seconds=seconds, download_name=name
            )
        )

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store and verify; an object that is there already stays when its bytes are the same."""
        self._require_mark(key)
        self._put(parse_key(key), content)

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a file's bytes as `put` does, read as they are sent; the file itself stays.

        One request of at most 5 GB: a multipart upload has no hash of the object, and not
        everywhere a condition. What is cut off is sent anew from its beginning.
        """
        checked = parse_key(key)
        self._require_mark(key)
        with disk_errors(key), path.open("rb") as source:
            self._put(checked, source)

    def get(self, key: str) -> bytes:
        """The object's bytes, verified; raises ObjectMissingError."""
        for pause_seconds in _DAMAGED_PAUSES_SECONDS:
            try:
                return self._read(key)
            except ObjectDamagedError:
                time.sleep(jittered(pause_seconds))
        return self._read(key)

    def open(self, key: str) -> BinaryIO:
        """Open for streaming; the hash is checked at the end. Raises ObjectMissingError."""
        checked = parse_key(key)
        return io.BufferedReader(S3Body(checked, lambda at, etag: self._ask(key, at, etag)))

    def head(self, key: str) -> ObjectInfo | None:
        parse_key(key)
        try:
            with self._errors(key):
                found = self._head(key)
        except ObjectMissingError:
            self._check_bucket(key)
            return None
        return ObjectInfo(key, found["ContentLength"], found["LastModified"])

    def delete(self, key: str) -> None:
        """Remove; a missing key is no error."""
        parse_key(key)
        try:
            with self._errors(key):
                self._client().delete_object(Bucket=self._place.bucket, Key=key)
        except ObjectMissingError:
            # Some servers report it where S3 is silent.
            return

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """What begins with the prefix and comes after `after`, in key order, a page at a time."""
        return self._listed(checked_prefix(prefix), after)

    def uri(self, key: str) -> str:
        """`s3://bucket/key` of the object, whether it exists or not."""
        return f"s3://{self._place.bucket}/{parse_key(key).text}"

    def presigned_url(
        self,
        key: str,
        *,
        expires_seconds: int = LIFE_SECONDS,
        download_name: str | None = None,
    ) -> str:
        """A web address that anybody may read the object at, for 15 minutes at most; a secret.

        Makes no request, so the object may be missing. `download_name` must be clean already.
        """
        if not 1 <= expires_seconds <= LIFE_SECONDS:
            raise ValueError(f"a presigned URL lives 1 to {LIFE_SECONDS} seconds")
        parameters = {
            "Bucket": self._place.bucket,
            "Key": key,
            "ResponseContentType": parse_key(key).content_type,
            "ResponseContentDisposition": content_disposition(download_name),
        }
        with self._errors(key):
            url: str = self._public_client().generate_presigned_url(
                "get_object", Params=parameters, ExpiresIn=expires_seconds
            )
        return url

    def public_url(self, key: str, download_name: str | None = None) -> PublicUrl | None:
        """A presigned address, the same inside a window; None where browsers are not to ask S3."""
        return self._links.get(key, download_name) if self._place.links_browsers else None

    def check(self) -> None:
        write_read_delete(self)

    def mark(self) -> str | None:
        """The id in the bucket's mark; None where it has none."""
        try:
            return mark_id(self.get(MARK))
        except (ObjectMissingError, ObjectDamagedError):
            return None

    def set_mark(self, installation_id: str) -> None:
        """Mark the bucket."""
        self._put(parse_key(MARK), mark_content(installation_id))

    def _require_mark(self, key: str) -> None:
        """A bucket changes with the settings alone, so it is asked now and then."""
        if time.monotonic() < self._marked_until:
            return
        if require_mark(self, self._owner, f"the bucket {self._place.bucket}", key):
            self._marked_until = time.monotonic() + _MARKED_SECONDS

    def _errors(self, key: str = "") -> Any:
        return s3_errors(self._place, key)

    def _head(self, key: str) -> dict[str, Any]:
        """Ask for an object's head; a refusal, which has no reason, is asked for again with one."""
        asked = {"Bucket": self._place.bucket, "Key": key}
        try:
            found: dict[str, Any] = self._client().head_object(**asked)
        except ClientError as error:
            if not has_no_body(error):
                raise
            self._client().get_object(**asked, Range="bytes=0-0")["Body"].close()
            raise
        return found

    def _read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    def _ask(self, key: str, offset: int, etag: str | None) -> dict[str, Any]:
        asked = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and etag:
            asked["IfMatch"] = etag
        with self._errors(key):
            answer: dict[str, Any] = self._client().get_object(
                Bucket=self._place.bucket, Key=key, **asked
            )
        return answer

    def _put(self, key: ObjectKey, content: Content) -> None:
        sha256 = hashed(content, "sha256")
        require_named(key, sha256.hex())
        try:
            with self._errors(key.text):
                is_stored = self._store(key, content, base64.b64encode(sha256).decode())
        except ObjectMissingError:
            raise bucket_error(NO_BUCKET, self._place, key.text) from None
        if not is_stored:
            reason = "it stored other bytes than it was given"
            raise StorageError(reason=reason, key=key.text)

    def _store(self, key: ObjectKey, content: Content, checksum: str) -> bool:
        """Put and verify; False when the store holds other bytes."""
        if self._send(key, content, checksum) or self._holds(key.text, content):
            return True
        # Other bytes lie there: a thumbnail of another version, or a damaged object.
        manner = max(self._manner, _REPLACING)
        is_proven = self._put_once(key, content, checksum, manner)
        return is_proven or self._holds(key.text, content)

    def _send(self, key: ObjectKey, content: Content, checksum: str) -> bool:
        """Put unless something is there; True when the answer proves that these bytes are stored.

        A server that refuses the headers is asked without them, and from then on always.
        """
        for manner in range(self._manner, len(_MANNERS)):
            try:
                is_proven = self._put_once(key, content, checksum, manner)
            except ClientError as error:
                if is_taken(error):
                    return False
                if manner == len(_MANNERS) - 1 or not is_unknown_header(error):
                    raise
            else:
                self._manner = manner
                return is_proven
        raise AssertionError("the last manner returns or raises")

    def _put_once(self, key: ObjectKey, content: Content, checksum: str, manner: int) -> bool:
        asks = _MANNERS[manner]
        options = {"IfNoneMatch": "*"} if "condition" in asks else {}
        if "checksum" in asks:
            options["ChecksumSHA256"] = checksum
        if not isinstance(content, bytes):
            content.seek(0)
        answer = self._client().put_object(
            Bucket=self._place.bucket,
            Key=key.text,
            Body=content,
            ContentType=key.content_type,
            CacheControl=_IMMUTABLE,
            **options,
        )
        digest = etag_digest(answer)
        is_proven = answer.get("ChecksumSHA256") == checksum
        return is_proven or bool(digest and digest.matches(content))

    def _holds(self, key: str, content: Content) -> bool:
        """Whether the store reports these bytes: their size, and their hash if known."""
        try:
            found = self._head(key)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        digest = etag_digest(found)
        return found["ContentLength"] == size_of(content) and (
            not digest or digest.matches(content)
        )

    def _listed(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        with self._errors():
            paginator = self._client().get_paginator("list_objects_v2")
        asked = {"StartAfter": after} if after else {}
        pages = iter(paginator.paginate(Bucket=self._place.bucket, Prefix=prefix, **asked))
        while page := self._next(pages):
            for found in page.get("Contents", ()):
                # A server that does not know where to start lists from the beginning.
                if is_key(found["Key"]) and found["Key"] > after:
                    yield ObjectInfo(found["Key"], found["Size"], found["LastModified"])

    def _next(self, pages: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        try:
            with self._errors():
                return next(pages, None)
        except ObjectMissingError:
            # It took the bucket's name for the key of an object.
            raise bucket_error(LISTING, self._place) from None

    def _check_bucket(self, key: str) -> None:
        """Raise StorageError for a missing bucket, which HEAD reports like a missing object."""
        try:
            self._client().head_bucket(Bucket=self._place.bucket)
        except ClientError as error:
            if status_of(error) == 404:
                raise bucket_error(NO_BUCKET, self._place, key) from None


def is_taken(error: ClientError) -> bool:
    """A conditional put found an object, or was in a race with another put or a delete."""
    return status_of(error) in (409, 412) or is_missing(error)


def is_unknown_header(error: ClientError) -> bool:
    """The server does not know a header of ours, as against a request that is wrong."""
    return status_of(error) == 501 or (
        status_of(error) == 400 and code_of(error) in _UNKNOWN_HEADER
    )
