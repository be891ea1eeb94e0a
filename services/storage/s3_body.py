"""Bytes that come from S3: a cut body is resumed where it ended, and the hash is checked last."""

import hashlib
import io
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError
from urllib3.exceptions import HTTPError

from services.core.errors import ObjectDamagedError, StorageError
from services.storage.keys import ObjectKey

CHUNK_BYTES = 256 * 1024
_PAUSES_SECONDS = (0.1, 0.4, 1.0)
_CUT = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError, HTTPError)
_PLAIN_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


Content = bytes | io.BufferedReader
"""What is put: bytes, or an open file whose place does not matter."""


@dataclass(frozen=True)
class Digest:
    """What the bytes of an object must hash to."""

    algorithm: str
    hex: str

    def matches(self, content: Content) -> bool:
        """Whether these are the bytes."""
        return hashed(content, self.algorithm).hex() == self.hex


def hashed(content: Content, algorithm: str) -> bytes:
    """The digest of all of it; a file is read a piece at a time."""
    if isinstance(content, bytes):
        return hashlib.new(algorithm, content, usedforsecurity=False).digest()
    content.seek(0)
    made = hashlib.file_digest(content, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return made.digest()


def size_of(content: Content) -> int:
    """How many bytes it has."""
    return len(content) if isinstance(content, bytes) else content.seek(0, io.SEEK_END)


def digest_of(key: ObjectKey, answer: dict[str, Any]) -> Digest | None:
    """The hash in the key where that is of these bytes, else the MD5 that most ETags are."""
    if key.is_named_by_its_bytes:
        return Digest("sha256", key.sha256)
    return etag_digest(answer)


def etag_digest(answer: dict[str, Any]) -> Digest | None:
    """The MD5 in an answer's ETag; None where it is no hash (multipart upload, a key of KMS)."""
    plain = _PLAIN_MD5.fullmatch(str(answer.get("ETag", "")))
    is_encrypted = answer.get("ServerSideEncryption") not in (None, "AES256")
    is_encrypted = is_encrypted or "SSECustomerAlgorithm" in answer
    return Digest("md5", plain[1]) if plain and not is_encrypted else None


class S3Body(io.RawIOBase):
    """One object as a stream. `ask(offset, etag)` requests it from there on.

    Raises StorageError for a body that stays cut and ObjectDamagedError at the end of wrong bytes.
    """

    def __init__(self, key: ObjectKey, ask: Callable[[int, str | None], dict[str, Any]]) -> None:
        self._key = key
        self._ask = ask
        answer = ask(0, None)
        self._source = answer["Body"]
        self._etag: str | None = answer.get("ETag")
        self._expected = digest_of(key, answer)
        algorithm = self._expected.algorithm if self._expected else "sha256"
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._offset = 0

    def readable(self) -> bool:
        """Return True: io.BufferedReader asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; a cut body is requested from where it ended."""
        with memoryview(buffer).cast("B") as target:
            content = self._read(len(target))
            target[: len(content)] = content
        return len(content)

    def readall(self) -> bytes:
        """Everything that is left, in large pieces."""
        return b"".join(iter(lambda: self._read(CHUNK_BYTES), b""))

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._source.close()
        super().close()

    def _read(self, byte_count: int) -> bytes:
        for pause_seconds in (*_PAUSES_SECONDS, None):
            try:
                content: bytes = self._source.read(byte_count)
            except _CUT as cut:
                if pause_seconds is None:
                    reason = f"its answer broke off several times ({type(cut).__name__})"
                    raise StorageError(reason=reason, key=self._key.text) from None
                self._resume(pause_seconds)
            else:
                return self._checked(content)
        raise AssertionError("the last pause is None")

    def _resume(self, pause_seconds: float) -> None:
        self._source.close()
        time.sleep(jittered(pause_seconds))
        self._source = self._ask(self._offset, self._etag)["Body"]

    def _checked(self, content: bytes) -> bytes:
        self._offset += len(content)
        self._hash.update(content)
        if not content and self._expected and self._hash.hexdigest() != self._expected.hex:
            reason = f"{self._expected.algorithm} does not match"
            raise ObjectDamagedError(reason=reason, key=self._key.text)
        return content


def jittered(seconds: float) -> float:
    """Half to one and a half of it, so that many threads do not come back at once."""
    return seconds * random.uniform(0.5, 1.5)
