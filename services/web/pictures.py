"""The route that gives stored files: signed, cacheable, and never more than the one object.

Whoever holds a fresh signature may have the file; who gets one is decided where it is made.
"""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from itsdangerous import Signer
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from services.core.errors import ObjectMissingError, StorageError
from services.core.text import printable
from services.storage.base import PublicUrl, Storage, content_disposition
from services.storage.keys import ObjectKey, parse_served_key
from services.web.streaming import StreamedObject, Streams

log = logging.getLogger(__name__)

_SALT = "atelier.pictures"
_MAX_NAME_CHARACTERS = 120
_REDIRECT_MARGIN_SECONDS = 60
_EXPIRY = re.compile(r"[0-9]{1,12}")
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_EXPIRED = "This link to a picture has expired or was changed. Reload the page you came from."
_MISSING = "This picture is not there any more."
_BUSY = "Too many pictures are being downloaded. Try again in a moment."
_UNAVAILABLE = "The picture storage does not answer at the moment. Try again in a minute."


class PictureSigner:
    """Makes and checks the links to stored pictures.

    `secret` may sign other things too: a salt separates the keys. Times are Unix seconds.
    """

    def __init__(
        self, secret: str, window_seconds: int = 3600, *, clock: Callable[[], float] = time.time
    ) -> None:
        if not secret or window_seconds < 1:
            raise ValueError("a secret and a window of one second at least are needed")
        self._signer = Signer(
            secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._window_seconds = window_seconds
        self._clock = clock

    def url(self, storage_key: str, *, download_name: str | None = None) -> str:
        """A relative URL, good for one to two windows and the same inside a window.

        With `download_name` the browser saves the file under that name, cleaned and with the
        key's extension. Raises StorageError for what is not for people.
        """
        key = parse_served_key(storage_key)
        name = "" if download_name is None else file_name(download_name, key.extension)
        # Two windows ahead, so that a link made at a window's end still lives for a full one.
        expires_at = (int(self._clock()) // self._window_seconds + 2) * self._window_seconds
        query = {"e": str(expires_at), "s": self._signature(key.text, str(expires_at), name)}
        return f"/img/{key.text}?{urlencode(query | ({'n': name} if name else {}))}"

    def seconds_left(self, key: str, expires_at: str, signature: str, name: str) -> int:
        """Return for how many seconds a link is valid; 0 when it has expired or is not ours."""
        expected = self._signature(key, expires_at, name).encode()
        is_ours = hmac.compare_digest(expected, signature.encode(errors="replace"))
        if not is_ours or _EXPIRY.fullmatch(expires_at) is None:
            return 0
        return max(0, int(expires_at) - int(self._clock()))

    def _signature(self, key: str, expires_at: str, name: str) -> str:
        # Only the last line may hold any text, so the line breaks cannot be moved.
        signed = f"{expires_at}\n{key}\n{name}"
        return self._signer.get_signature(signed.encode(errors="replace")).decode()


def picture_routes(
    storage_provider: Callable[[], Storage],
    signer: PictureSigner,
    on_missing: Callable[[str], None] = lambda key: None,
) -> list[Route]:
    """`GET` and `HEAD /img/<key>`, for the links that `signer` made.

    200, 302 for an original that a browser may fetch from the store itself, 304 for a matching
    ETag, 403 for a bad or expired link, 404 for a missing object, 503 when the storage fails.
    The storage is read in a thread; `storage_provider` is called there, and `on_missing` with the
    key of an object that is not there.
    """

    streams = Streams()

    async def show(request: Request) -> Response:
        text, query = request.path_params["key"], request.query_params
        name = query.get("n", "")
        seconds = signer.seconds_left(text, query.get("e", ""), query.get("s", ""), name)
        if not seconds:
            return refused(403, _EXPIRED)
        try:
            key = parse_served_key(text)
        except StorageError:
            # Whatever else the secret signs: this route serves pictures alone.
            return refused(403, _EXPIRED)
        headers = _headers(key, name, seconds)
        if _is_cached(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        is_head = request.method == "HEAD"
        answer = await streams.run(
            lambda: _answer(storage_provider, streams, key, name, seconds, is_head)
        )
        if answer.status_code == 404:
            answer.background = BackgroundTask(on_missing, key.text)
        return answer

    return [Route("/img/{key:path}", show, methods=["GET"])]


def file_name(requested: str, extension: str) -> str:
    """A name that is harmless on any disk: no path, no control or direction marks, 120 characters.

    It ends with the extension, which is added where it is missing.
    """
    plain = re.sub(r'[\\/:*?"<>|]+', "-", printable(requested)).strip(". -")
    stem = plain.removesuffix(f".{extension}")[:_MAX_NAME_CHARACTERS] or "picture"
    return f"{stem}.{extension}"


def _answer(
    storage_provider: Callable[[], Storage],
    streams: Streams,
    key: ObjectKey,
    name: str,
    seconds: int,
    is_head: bool,
) -> Response:
    headers = _headers(key, name, seconds)
    is_thumbnail = key.kind == "thumbnails"
    try:
        storage = storage_provider()
        # A thumbnail is small and shown often: it comes from here, under a lasting address.
        # A presigned address answers GET alone.
        if not (is_thumbnail or is_head) and (public := storage.public_url(key.text, name)):
            return _redirected(public, seconds)
        if is_thumbnail and not is_head:
            content = storage.get(key.text)
            return Response(content, media_type=key.content_type, headers=headers)
        found = storage.head(key.text)
    except StorageError as failure:
        return _failed(key, failure)
    if found is None:
        return refused(404, _MISSING)
    sized = headers | {"Content-Length": str(found.byte_count)}
    if is_head:
        return Response(media_type=key.content_type, headers=sized)
    return StreamedObject(
        streams, lambda: storage.open(key.text), partial(_failed, key), key.content_type, sized
    )


def _failed(key: ObjectKey, failure: StorageError | None) -> Response:
    """Answer for a storage that refused, or (None) for too many downloads at once."""
    if isinstance(failure, ObjectMissingError):
        return refused(404, _MISSING)
    log.warning("picture.unavailable key=%s %s", key.text, failure or _BUSY)
    return refused(503, _UNAVAILABLE if failure else _BUSY, {"Retry-After": "5"})


def _headers(key: ObjectKey, name: str, seconds: int) -> dict[str, str]:
    return SAFE_HEADERS | {
        "Cache-Control": f"private, max-age={seconds}, immutable",
        "ETag": f'"{key.sha256}"',
        "Content-Disposition": content_disposition(name or _weights_name(key)),
    }


def _weights_name(key: ObjectKey) -> str:
    """Weights are saved, never shown, also under a link without a name."""
    return "" if key.is_picture else f"{key.kind}.{key.extension}"


def _redirected(public: PublicUrl, seconds: int) -> Response:
    # A cached redirect must not lead to an address that has expired.
    cached_seconds = max(0, min(seconds, public.seconds_left - _REDIRECT_MARGIN_SECONDS))
    headers = SAFE_HEADERS | {
        "Cache-Control": f"private, max-age={cached_seconds}",
        "Referrer-Policy": "no-referrer",
    }
    return RedirectResponse(public.url, 302, headers=headers)


def _is_cached(request: Request, etag: str) -> bool:
    # Weak tags match too: RFC 9110 13.1.2.
    known = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known.split(","))


def refused(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error that no browser caches."""
    fixed = SAFE_HEADERS | {"Cache-Control": "no-store"} | (headers or {})
    return PlainTextResponse(sentence, status_code=status, headers=fixed)
