"""The web process: uvicorn, which wakes up once a second and closes connections that make no progress.

Not `streamlit run`: its uvicorn looks for a stop ten times a second, and waits for ever for a
client that sends half a request or reads nothing of its answer.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.core.settings_loader import load_settings
from workers.start_log import configure_logging
from workers.terminal import run_command

TICK_SECONDS = 1.0
HEAD_SECONDS = 15.0
"""For the head of a request to arrive, from the connection or the previous answer on."""
STALL_SECONDS = 30.0
"""Without a byte of a request's body, or without the client reading one of its answer."""
STOP_SECONDS = 3


class HttpProtocol(H11Protocol):
    """A connection that knows since when it has been waiting for its client."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = 0
        self._waits_for: tuple[str, int] | None = None
        self._since = 0.0

    def data_received(self, data: bytes) -> None:
        """Count what arrives."""
        self._received += len(data)
        super().data_received(data)

    def close_if_stalled(self, now: float) -> None:
        """Close the connection when its client has made no progress for too long."""
        waits_for = self._awaited()
        if waits_for is None or waits_for != self._waits_for:
            self._waits_for, self._since = waits_for, now
            return
        limit = HEAD_SECONDS if waits_for[0] == "head" else STALL_SECONDS
        if now - self._since >= limit:
            self.transport.abort()

    def _awaited(self) -> tuple[str, int] | None:
        """Return what the client owes, and a number that changes with its progress."""
        if unsent := self.transport.get_write_buffer_size():
            return "reading", unsent
        if self.cycle is None or self.cycle.response_complete:
            # A byte now and then is no progress: the whole head has its time.
            return "head", id(self.cycle)
        if self.cycle.more_body and not self.flow.read_paused:
            return "body", self._received
        return None


class WebServer(uvicorn.Server):
    """A server whose loop ticks slowly, and ends at once when a signal asks for it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    async def main_loop(self) -> None:
        """Tick until stopped."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            for connection in list(self.server_state.connections):
                if isinstance(connection, HttpProtocol):
                    connection.close_if_stalled(self._loop.time())
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._stopped.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Wake the loop up, beside what uvicorn does."""
        super().handle_exit(sig, frame)
        if self._loop:
            self._loop.call_soon_threadsafe(self._stopped.set)


def main(_: Sequence[str]) -> int:
    """Serve until stopped."""
    settings = load_settings()
    configure_logging(settings.log_level)
    config = uvicorn.Config(
        "app:app",
        host=settings.address,
        port=settings.port,
        http=HttpProtocol,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        # No header may change whom a request comes from.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    # Streamlit gives it handlers of its own; a line for each picture says nothing.
    logging.getLogger("uvicorn.access").disabled = True
    WebServer(config).run()
    return 0


if __name__ == "__main__":
    run_command(main)
