"""The Replicate files API: upload, list, look, delete, download."""

import json
import secrets
import time

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.file_store import StoredFile, download_signature
from simulator.paging import base_url, paged
from simulator.problems import Problem, file_too_large, not_found
from simulator.world import ACCOUNT_NAME, World

_FORM_OVERHEAD_BYTES = 64 * 1024
_NO_FILE = "File not found"


class FileRoutes:
    """The routes under /v1/files."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(self, request: Request) -> Response:
        """POST /v1/files: multipart with `content` and, if wanted, `metadata` (JSON)."""
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

    async def list(self, request: Request) -> Response:
        """GET /v1/files, newest first."""
        files = self._world.files.newest(self._world.now())
        base = base_url(request)
        return JSONResponse(paged(request, files, lambda file: file.as_json(base)))

    async def get(self, request: Request) -> Response:
        """GET /v1/files/{id}."""
        return JSONResponse(self._file(request).as_json(base_url(request)))

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/files/{id}."""
        self._world.files.remove(self._file(request).id)
        return Response(status_code=204)

    async def download(self, request: Request) -> Response:
        """GET /v1/files/{id}/download with owner, expiry and signature; needs no token."""
        file = self._file(request)
        query = request.query_params
        expiry = query.get("expiry", "0")
        wanted = download_signature(self._world.webhook_key, ACCOUNT_NAME, file.id, expiry)
        is_signed = secrets.compare_digest(query.get("signature", ""), wanted)
        if not is_signed or query.get("owner") != ACCOUNT_NAME or int(expiry) < time.time():
            raise not_found(_NO_FILE)
        return Response(file.content, media_type=file.content_type)

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
