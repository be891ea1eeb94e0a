"""Run the simulator as an HTTP server in this process."""

import asyncio
import socket
from types import FrameType

import uvicorn

from simulator.application import build_application
from simulator.options import Options

_BACKLOG = 2048


class _Server(uvicorn.Server):
    """Prints its address once it answers, and wakes for requests and signals alone.

    uvicorn's own loop wakes ten times a second, to renew the Date header and to poll for a signal.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"Atelier simulator answers on http://{host}:{port}", flush=True)

    async def main_loop(self) -> None:
        if not await self.on_tick(0):
            await self._stop.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.started:
            self._loop.call_soon_threadsafe(self._stop.set)


def serve(host: str, port: int, options: Options) -> None:
    """Serve until SIGINT or SIGTERM. Port 0 takes a free one."""
    config = uvicorn.Config(
        build_application(options),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # Only uvicorn's own loop would renew it.
        date_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    asyncio.run(_Server(config).serve())
