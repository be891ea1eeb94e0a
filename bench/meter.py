"""Counts what a piece of work costs in this process: CPU, SQL statements, Redis round trips."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from redis.connection import AbstractConnection
from sqlalchemy import Engine, event

_SEND = "send_packed_command"


@dataclass
class Cost:
    """What was used up."""

    cpu_seconds: float = 0.0
    statements: float = 0
    transactions: float = 0
    round_trips: float = 0

    def per(self, count: int) -> "Cost":
        """The share of one in `count`."""
        return Cost(
            self.cpu_seconds / count,
            self.statements / count,
            self.transactions / count,
            self.round_trips / count,
        )


@contextmanager
def metered(engine: Engine) -> Iterator[Cost]:
    """Fill a Cost with what this process uses inside the block."""
    cost = Cost()

    def on_statement(*_: Any) -> None:
        cost.statements += 1

    def on_commit(*_: Any) -> None:
        cost.transactions += 1

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    with patch.object(AbstractConnection, _SEND, _counting(cost)):
        began = time.process_time()
        try:
            yield cost
        finally:
            cost.cpu_seconds = time.process_time() - began
            event.remove(engine, "before_cursor_execute", on_statement)
            event.remove(engine, "commit", on_commit)


def _counting(cost: Cost) -> Callable[..., None]:
    """RQ and redis-py send a pipeline at once, so what is sent is what is waited for."""
    send = getattr(AbstractConnection, _SEND)

    def counted(self: AbstractConnection, *arguments: Any, **options: Any) -> None:
        cost.round_trips += 1
        send(self, *arguments, **options)

    return counted
