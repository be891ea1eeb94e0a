"""Stores predictions or trainings in memory, drops the oldest first, and lists the newest first."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulator.replicate.runs import Run

PAGE_SIZE = 100
SomeRun = TypeVar("SomeRun", bound=Run)


@dataclass(frozen=True)
class ListWindow:
    """Which runs a list asks for; times are Unix seconds, the first one included."""

    created_after: float | None = None
    created_before: float | None = None
    cursor: str | None = None

    def holds(self, run: Run) -> bool:
        """Whether it was created inside the window."""
        after, before = self.created_after, self.created_before
        at = run.created_at
        return (after is None or at >= after) and (before is None or at < before)


@dataclass(frozen=True)
class ListPage(Generic[SomeRun]):
    """One page, with the cursors of its neighbours."""

    rows: list[SomeRun]
    next_cursor: str | None
    previous_cursor: str | None


def _cursor(direction: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{direction}{number}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, int]:
    """Direction (`o`lder or `n`ewer) and number; ValueError for anything not made here."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("invalid cursor") from error
    if text[:1] not in ("o", "n"):
        raise ValueError("invalid cursor")
    return text[0], int(text[1:])


class RunStore(Generic[SomeRun]):
    """All predictions, or all trainings, of this server."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_id: dict[str, SomeRun] = {}
        self._made = 0
        self._prompts: Counter[str] = Counter()

    @property
    def made(self) -> int:
        """How many were ever created since the last reset."""
        return self._made

    def next_number(self) -> int:
        """The number of the next one."""
        return self._made

    def add(self, run: SomeRun) -> None:
        """Store one more; the oldest is dropped when there are too many."""
        self._by_id[run.id] = run
        self._made += 1
        if len(self._prompts) < self._limit or run.prompt in self._prompts:
            self._prompts[run.prompt] += 1
        if len(self._by_id) > self._limit:
            del self._by_id[next(iter(self._by_id))]

    def get(self, run_id: str) -> SomeRun | None:
        """The one of that id, if it is still stored."""
        return self._by_id.get(run_id)

    def discard_version(self, version: str) -> None:
        """Forget every run of a version."""
        self._by_id = {key: run for key, run in self._by_id.items() if run.model.version != version}

    def clear(self) -> None:
        """Forget everything."""
        self._by_id.clear()
        self._prompts.clear()
        self._made = 0

    def counts(self, now: float) -> dict[str, object]:
        """Creates in all, by prompt and by present state."""
        states = Counter(run.status(now).value for run in self._by_id.values())
        return {"creates": self._made, "by_prompt": dict(self._prompts), "by_state": dict(states)}

    def page(self, window: ListWindow) -> ListPage[SomeRun]:
        """One page of the window, newest first; ValueError for a strange cursor."""
        direction, number = _read_cursor(window.cursor) if window.cursor else ("o", self._made)
        if direction == "o":
            rows = self._take(reversed(self._by_id.values()), window, range(number))
        else:
            rows = self._take(iter(self._by_id.values()), window, range(number + 1, self._made))[
                ::-1
            ]
        if not rows:
            return ListPage([], None, None)
        oldest, newest = rows[-1].number, rows[0].number
        has_older = self._take(reversed(self._by_id.values()), window, range(oldest), 1)
        has_newer = self._take(iter(self._by_id.values()), window, range(newest + 1, self._made), 1)
        return ListPage(
            rows,
            _cursor("o", oldest) if has_older else None,
            _cursor("n", newest) if has_newer else None,
        )

    @staticmethod
    def _take(
        rows: Iterator[SomeRun], window: ListWindow, numbers: range, limit: int = PAGE_SIZE
    ) -> list[SomeRun]:
        taken: list[SomeRun] = []
        for row in rows:
            if row.number in numbers and window.holds(row):
                taken.append(row)
                if len(taken) == limit:
                    break
        return taken
