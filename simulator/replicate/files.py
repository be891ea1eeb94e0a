"""The Replicate files API: upload and read; the oldest are dropped when there are too many bytes."""

import json
import secrets

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.replicate.file_store import StoredFile
from simulator.replicate.paging import base_url
from simulator.replicate.problems import Problem, file_too_large, not_found
from simulator.world import World

_FORM_OVERHEAD_BYTES = 64 * 1024
_NO_FILE = "File not found"


class FileRoutes:
    """The routes under /v1/files."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(self, request: Request) -> Response:
        """POST /v1/files: multipart with `content` and optionally `metadata` (JSON)."""
        limit = self._world.options.max_file_bytes
        if int(request.headers.get("content-length", 0)) > limit + _FORM_OVERHEAD_BYTES:
            raise file_too_large()
        async with request.form(max_part_size=limit) as form:
            upload = form.get("content")
            if not isinstance(upload, UploadFile):
                raise Problem(400, {"detail": "Missing content", "status": 400})
            content = await upload.read()
            if len(content) > limit:
                raise file_too_large()
            file = self._stored(upload, content, str(await _text(form.get("metadata"))))
        self._world.files.add(file)
        return JSONResponse(file.as_json(base_url(request)), 201)

    async def get(self, request: Request) -> Response:
        """GET /v1/files/{id}."""
        return JSONResponse(self._file(request).as_json(base_url(request)))

    def _stored(self, upload: UploadFile, content: bytes, metadata: str) -> StoredFile:
        now = self._world.now()
        return StoredFile(
            id=secrets.token_urlsafe(36).replace("-", "0").replace("_", "1"),
            name=upload.filename or "file",
            content_type=upload.content_type or "application/octet-stream",
            content=content,
            metadata=_metadata(metadata),
            created_at=now,
            expires_at=now + self._world.options.file_expiry_seconds,
        )

    def _file(self, request: Request) -> StoredFile:
        file = self._world.files.get(request.path_params["file_id"], self._world.now())
        if file is None:
            raise not_found(_NO_FILE)
        return file


async def _text(part: UploadFile | str | None) -> str:
    if isinstance(part, UploadFile):
        return (await part.read()).decode()
    return part or "{}"


def _metadata(text: str) -> dict[str, object]:
    try:
        metadata = json.loads(text)
    except json.JSONDecodeError as error:
        raise Problem(400, {"detail": "metadata is not JSON", "status": 400}) from error
    return metadata if isinstance(metadata, dict) else {}
