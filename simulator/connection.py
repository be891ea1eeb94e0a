"""Cuts a connection without an answer, as a broken network does.

ASGI has no message for that: uvicorn's `send` is a method of the object that holds the transport.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ABORT = "simulator.abort"


class CutConnection(Exception):
    """Raised by a route to end its connection with no HTTP answer."""


class CuttableConnections:
    """ASGI layer that remembers how the connection of each request can be reset."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        scope[_ABORT] = getattr(transport, "abort", None)
        await self._app(scope, receive, send)


async def abort(scope: Scope, receive: Receive) -> None:
    """Reset the connection of `scope` and wait until it is gone."""
    cut: Callable[[], Any] | None = scope.get(_ABORT)
    if cut is None:
        raise RuntimeError("this ASGI server gives no way to cut a connection")
    cut()
    message: Message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


class NoAnswer(Response):
    """In place of an answer: a reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await abort(scope, receive)


class HalfAnswer(Response):
    """Announce all of the content, send half of it, then reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await abort(scope, receive)


async def cut_connection(request: Request, error: Exception) -> Response:
    """Starlette's answer to CutConnection."""
    return NoAnswer()
