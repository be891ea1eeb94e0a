"""Streamlit's HTML page under the address of each of our pages.

By itself, a page opened under its address looks for the server at `/<page>/_stcore/…` first, and finds
it at `/_stcore/…` after errors in the browser's console. The script in front tells it where the server is.
"""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_SCRIPT = "window.__streamlit = {BACKEND_BASE_URL: window.location.origin};\n"
_SCRIPT_PATH = "/api/base.js"


def page_shell_routes(pages: Iterable[str], index_html: str) -> list[Route]:
    """`GET /<page>` for each page, and the script that they load."""
    html = index_html.replace("<head>", f'<head><script src="{_SCRIPT_PATH}"></script>', 1)

    async def shell(_: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    async def script(_: Request) -> Response:
        caching = {"Cache-Control": "public, max-age=3600"}
        return Response(_SCRIPT, media_type="text/javascript", headers=caching)

    return [
        Route(_SCRIPT_PATH, script, methods=["GET"]),
        *(Route(f"/{page}", shell, methods=["GET"]) for page in pages),
    ]
