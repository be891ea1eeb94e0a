"""Draws each ordered picture once, in a thread, and caches the latest within a bound of bytes."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from simulator.drawing.encoding import stamp
from simulator.drawing.making import make_picture
from simulator.drawing.orders import PictureOrder
from simulator.drawing.pool import PicturePool
from simulator.drawing.sources import SourceStore
from simulator.replicate.models.catalogue import Work

_THREADS = 2


class PictureCache:
    """The pictures of one simulator; `predrawn` > 0 serves that many ready-made ones instead."""

    def __init__(self, limit_bytes: int, predrawn: int, sources: SourceStore) -> None:
        self._limit_bytes = limit_bytes
        self._sources = sources
        self._bytes = 0
        self._cache: OrderedDict[PictureOrder, bytes] = OrderedDict()
        self._in_work: dict[PictureOrder, asyncio.Future[bytes]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, "drawing")
        self._pool = PicturePool(predrawn) if predrawn else None

    async def get(self, order: PictureOrder) -> bytes:
        """The encoded picture of an order."""
        if self._pool is not None:
            return stamp(self._pool.pick(order), order.format, order.digest)
        if order in self._cache:
            self._cache.move_to_end(order)
            return self._cache[order]
        if order not in self._in_work:
            self._in_work[order] = self._start(order)
            self._in_work[order].add_done_callback(lambda done: self._finish(order, done))
        return await asyncio.shield(self._in_work[order])

    def clear(self) -> None:
        """Forget what was drawn."""
        self._cache.clear()
        self._bytes = 0

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self, order: PictureOrder) -> asyncio.Future[bytes]:
        source = backdrop = None
        if order.facts is not None and order.work is not Work.DRAW:
            source = self._sources.get(order.facts.digest)
            backdrop = self._sources.get(order.facts.backdrop)
        return asyncio.get_running_loop().run_in_executor(
            self._threads, make_picture, order, source, backdrop
        )

    def _finish(self, order: PictureOrder, done: asyncio.Future[bytes]) -> None:
        self._in_work.pop(order, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._cache[order] = done.result()
        self._bytes += len(done.result())
        while self._bytes > self._limit_bytes and len(self._cache) > 1:
            self._bytes -= len(self._cache.popitem(last=False)[1])
