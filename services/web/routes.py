"""All routes that live beside Streamlit in the web process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from services.core.redaction import redact
from services.health.report import Health
from services.pose_library.library import PoseLibrary
from services.storage.base import Storage
from services.web.pictures import PictureSigner, picture_routes
from services.web.pose_pictures import PoseSigner, pose_routes

_NOT_STORED = {"Cache-Control": "no-store"}


def build_routes(
    health: Health,
    pose_library: PoseLibrary,
    pose_signer: PoseSigner,
    storage: Storage,
    signer: PictureSigner,
    report_missing: Callable[[str], None],
) -> list[Route]:
    """The routes, for the services of this process."""
    return [
        Route("/api/live", _live, methods=["GET"]),
        health_route(health),
        Route("/overview", _to_start, methods=["GET"]),
        # Before the pictures, whose address would take in any other.
        *pose_routes(lambda: pose_library, pose_signer),
        *picture_routes(lambda: storage, signer, report_missing),
    ]


async def _live(_: Request) -> Response:
    """Liveness: the process answers, whatever its servers do. A restart would not help those."""
    return JSONResponse({"status": "ok"}, headers=_NOT_STORED)


async def _to_start(request: Request) -> Response:
    """The start page has no other address: Streamlit shows "Page not found" above it."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


def health_route(health: Health) -> Route:
    """`GET /api/health`, readiness: 200 when everything is in order, else 503 with what fails."""
    # A thread of its own: the shared ones serve pictures, and may all wait for a storage.
    threads = ThreadPoolExecutor(1, thread_name_prefix="health")

    async def show(request: Request) -> Response:
        report = await asyncio.get_running_loop().run_in_executor(threads, health.report)
        body = {
            "status": "ok" if report.is_ok else "failing",
            "failing": [it.name for it in report.components if not it.is_ok],
            "parts": {
                it.name: {"ok": it.is_ok, "detail": redact(it.detail)}
                | ({} if it.age_seconds is None else {"age_seconds": it.age_seconds})
                for it in report.components
            },
        }
        return JSONResponse(body, 200 if report.is_ok else 503, headers=_NOT_STORED)

    return Route("/api/health", show, methods=["GET"])
