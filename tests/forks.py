"""Processes forked from a server that has imported everything: they share nothing else.

A fresh interpreter costs each of them two seconds of processor.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from typing import Any

PRELOADED = [
    "workers.worker",
    "workers.dispatcher",
    "services.providers.replicate.provider",
    "services.providers.gemini.provider",
    "services.providers.huggingface.provider",
    "services.providers.local.provider",
    "tests.integration.test_ledger",
]


def forks() -> ForkServerContext:
    """The server's context; whoever asks first starts it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


class Fork:
    """A process of ours, begun by calling a function; ended and killed as any other."""

    def __init__(self, function: Callable[..., object], *arguments: Any) -> None:
        self._process = forks().Process(target=function, args=arguments)
        self._process.start()

    def poll(self) -> int | None:
        """Its exit code, minus the signal's number where one killed it; None while it lives."""
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code, once it has ended."""
        self._process.join(seconds)
        code = self._process.exitcode
        assert code is not None, f"it still lives after {seconds} seconds"
        return code
