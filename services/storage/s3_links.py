"""Presigned addresses, the same for a while: a new one each time would defeat every cache."""

import time
from collections.abc import Callable
from threading import Lock

from services.storage.base import PublicUrl

LIFE_SECONDS = 900
WINDOW_SECONDS = 300
_MOST = 4096


class PresignedUrls:
    """Keeps the addresses of one window. `sign(key, download_name, seconds)` makes one."""

    def __init__(
        self,
        sign: Callable[[str, str | None, int], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sign = sign
        self._clock = clock
        self._lock = Lock()
        self._window = -1
        self._made: dict[tuple[str, str | None], tuple[str, float]] = {}

    def get(self, key: str, download_name: str | None) -> PublicUrl:
        """An address that is good for ten to fifteen minutes."""
        now = self._clock()
        asked = (key, download_name)
        with self._lock:
            if int(now // WINDOW_SECONDS) != self._window or len(self._made) >= _MOST:
                self._window = int(now // WINDOW_SECONDS)
                self._made.clear()
            known = self._made.get(asked)
            if known is None:
                known = (self._sign(key, download_name, LIFE_SECONDS), now + LIFE_SECONDS)
                self._made[asked] = known
        url, expires_at = known
        return PublicUrl(url, int(expires_at - now))
