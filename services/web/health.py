"""`GET /api/health`: 200 when every part is in order, else 503 with the failing ones named."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.core.errors import AtelierError
from services.core.redaction import redact
from services.health.report import Health


def health_routes(health_provider: Callable[[], Health]) -> list[Route]:
    """The route; the health service is asked for at each request."""

    async def show(request: Request) -> Response:
        try:
            report = await run_in_threadpool(lambda: health_provider().report())
        except AtelierError as error:
            return JSONResponse({"status": "failing", "problem": redact(error.sentence)}, 503)
        body = {
            "status": "ok" if report.is_ok else "failing",
            "failing": [part.name for part in report.components if not part.is_ok],
            "parts": {
                part.name: {"ok": part.is_ok, "detail": part.detail}
                | ({} if part.age_seconds is None else {"age_seconds": part.age_seconds})
                for part in report.components
            },
        }
        return JSONResponse(
            body, 200 if report.is_ok else 503, headers={"Cache-Control": "no-store"}
        )

    return [Route("/api/health", show, methods=["GET"])]
