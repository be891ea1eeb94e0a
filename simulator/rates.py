"""Replicate's rate limits: a bucket that fills evenly, so that admission has no bursts."""

import math
from collections.abc import Callable


class Bucket:
    """Admits `per_minute` requests evenly, at most `burst` at once; 0 a minute admits all."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._burst = float(max(burst, 1))
        self._clock = clock
        self._tokens = self._burst
        self._filled_at = clock()

    @property
    def _per_second(self) -> float:
        return self.per_minute / 60

    def admit(self) -> int:
        """Take one token and return 0, or return the whole seconds until there is one."""
        if self.per_minute == 0:
            return 0
        self._fill()
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return math.ceil((1 - self._tokens) / self._per_second)

    def headers(self) -> dict[str, str]:
        """The `ratelimit-*` headers that go with every answer."""
        missing = self._burst - self._tokens
        reset = math.ceil(missing / self._per_second) if self.per_minute else 0
        remaining = max(self.per_minute - math.ceil(missing), 0)
        return {"ratelimit-remaining": str(remaining), "ratelimit-reset": str(reset)}

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now
