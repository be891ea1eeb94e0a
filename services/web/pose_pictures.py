"""The route that shows drawn skeletons: each address names one drawing, so it is cached for ever.

The library belongs to every account; the signature in the address only prevents guesses.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.core.errors import DatabaseUnavailableError, NotFoundError
from services.media.skeletons import Skeleton, control_picture, tile_picture
from services.pose_library.library import PoseLibrary
from services.web.pictures import SAFE_HEADERS, refused

_SALT = b"atelier.poses"
_DRAWING = 1
"""Increased when the drawing changes, so that browsers load the new one."""
_PATH = re.compile(r"(?P<pose_id>[a-z0-9_]{1,64})-(?P<signature>[0-9a-f]{32})\.png")
_YEAR_SECONDS = 31_536_000
_MAX_CACHED_DRAWINGS = 256
_MISSING = "There is no such pose, or it was changed. Reload the page you came from."
_UNAVAILABLE = "The pose library does not answer at the moment. Try again in a minute."


class PoseStyle(StrEnum):
    """Which drawing of a skeleton."""

    TILE = "tile"
    CONTROL = "control"


class PoseSigner:
    """Makes and checks the addresses of skeletons."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(_SALT + secret.encode()).digest()

    def url(self, pose_id: str, skeleton: Skeleton, style: PoseStyle = PoseStyle.TILE) -> str:
        """A relative address, the same for as long as the skeleton is."""
        signature = self.signature(pose_id, skeleton, style)
        return f"/img/pose/{style.value}/{pose_id}-{signature}.png"

    def signature(self, pose_id: str, skeleton: Skeleton, style: PoseStyle) -> str:
        """32 hex digits of this drawing of this pose."""
        named = json.dumps([_DRAWING, style.value, pose_id, skeleton.as_json()])
        return hmac.new(self._key, named.encode(), hashlib.sha256).hexdigest()[:32]


def pose_routes(library: Callable[[], PoseLibrary], signer: PoseSigner) -> list[Route]:
    """`GET` and `HEAD /img/pose/<style>/<pose id>-<signature>.png`, as `signer` made it.

    200, 404 for any other address, 503 when the database fails. Drawn in a thread, once.
    """

    async def show(request: Request) -> Response:
        found = _PATH.fullmatch(request.path_params["name"])
        style = request.path_params["style"]
        if found is None or style not in list(PoseStyle):
            return refused(404, _MISSING)
        return await run_in_threadpool(_answer, library, signer, found, PoseStyle(style))

    return [Route("/img/pose/{style}/{name}", show, methods=["GET"])]


def _answer(
    library: Callable[[], PoseLibrary], signer: PoseSigner, found: re.Match[str], style: PoseStyle
) -> Response:
    pose_id, signature = found["pose_id"], found["signature"]
    try:
        skeleton = library().skeleton(pose_id)
    except NotFoundError:
        return refused(404, _MISSING)
    except DatabaseUnavailableError:
        return refused(503, _UNAVAILABLE)
    if not hmac.compare_digest(signer.signature(pose_id, skeleton, style), signature):
        return refused(404, _MISSING)
    caching = {"Cache-Control": f"private, max-age={_YEAR_SECONDS}, immutable"}
    return Response(_drawn(skeleton, style), media_type="image/png", headers=SAFE_HEADERS | caching)


@lru_cache(maxsize=_MAX_CACHED_DRAWINGS)
def _drawn(skeleton: Skeleton, style: PoseStyle) -> bytes:
    return control_picture(skeleton) if style is PoseStyle.CONTROL else tile_picture(skeleton)
