"""Send stored objects in pieces: a client that reads slowly costs a piece of memory, not the object."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import BinaryIO, TypeVar

import anyio
from anyio.to_thread import run_sync
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.core.errors import StorageError

logger = logging.getLogger("atelier.web")
T = TypeVar("T")

PIECE_BYTES = 64 * 1024
MAX_STREAMS = 64
"""Objects that are sent at once; each holds a piece, and a file or a connection."""
WAIT_SECONDS = 5.0
READING_THREADS = 8
"""Apart from the threads that answer everything else: a storage that hangs holds up pictures alone."""


class Streams:
    """Bounds what all streams of one process take."""

    def __init__(self) -> None:
        self._slots = anyio.Semaphore(MAX_STREAMS)
        self._threads = anyio.CapacityLimiter(READING_THREADS)

    async def enter(self) -> bool:
        """Take a slot; False when none became free in time."""
        with anyio.move_on_after(WAIT_SECONDS):
            await self._slots.acquire()
            return True
        return False

    def leave(self) -> None:
        """Give the slot back."""
        self._slots.release()

    async def run(self, work: Callable[[], T]) -> T:
        """Run in one of the reading threads; it is waited for, whatever becomes of the request."""
        return await run_sync(work, limiter=self._threads)


class StreamedObject(Response):
    """The answer that opens an object and sends it. `refuse` makes the answer when that fails."""

    def __init__(
        self,
        streams: Streams,
        open_object: Callable[[], BinaryIO],
        refuse: Callable[[StorageError | None], Response],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._streams = streams
        self._open = open_object
        self._refuse = refuse
        self._fields = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; the slot and the object are given back also when the client goes away."""
        if not await self._streams.enter():
            await self._refuse(None)(scope, receive, send)
            return
        try:
            await self._send(scope, receive, send)
        finally:
            self._streams.leave()

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            file = await self._streams.run(self._open)
        except StorageError as error:
            await self._refuse(error)(scope, receive, send)
            return
        try:
            pieces = StreamingResponse(
                self._pieces(file), media_type=self.media_type, headers=self._fields
            )
            await pieces(scope, receive, send)
        finally:
            file.close()

    async def _pieces(self, file: BinaryIO) -> AsyncIterator[bytes]:
        """Read on; a storage that fails now cuts the answer off, which the browser sees by its length."""
        try:
            while piece := await self._streams.run(lambda: file.read(PIECE_BYTES)):
                yield piece
        except StorageError as error:
            logger.warning("picture.cut_off %s", error)
            raise
