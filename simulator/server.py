"""Runs the simulator as an HTTP server in this process."""

import asyncio
import socket

import uvicorn

from simulator.application import build_application
from simulator.options import Options

_BACKLOG = 2048


class _AnnouncingServer(uvicorn.Server):
    """Prints one line once it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"Atelier simulator answers on http://{host}:{port}", flush=True)


def serve(
    host: str,
    port: int,
    *,
    token: str = "",
    speed: float = 1.0,
    options: Options | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `options`, when given, replaces `token` and `speed`. Port 0 takes a free one."""
    chosen = options or Options(token=token, speed=speed)
    config = uvicorn.Config(
        build_application(chosen),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        backlog=_BACKLOG,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    asyncio.run(_AnnouncingServer(config).serve())
