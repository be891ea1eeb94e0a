"""Bounded waiting for a condition; the tests never sleep for a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = 15.0) -> T:
    """Look again and again until the answer is true, and return it; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {look}"
        threading.Event().wait(0.01)
    return seen
