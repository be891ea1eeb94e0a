"""Keeps the predictions in memory, oldest dropped first, and lists them newest first."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.simulator.predictions import Prediction

PAGE_SIZE = 100


@dataclass(frozen=True)
class ListWindow:
    """Which predictions a list asks for; times are Unix seconds, both ends included."""

    created_after: float | None = None
    created_before: float | None = None
    cursor: str | None = None

    def holds(self, prediction: Prediction) -> bool:
        """Whether it was created inside the window."""
        after, before = self.created_after, self.created_before
        at = prediction.created_at
        return (after is None or at >= after) and (before is None or at <= before)


@dataclass(frozen=True)
class ListPage:
    """One page, with the cursors of its neighbours."""

    rows: list[Prediction]
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


class PredictionStore:
    """All predictions of this server."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_id: dict[str, Prediction] = {}
        self._made = 0
        self._prompts: Counter[str] = Counter()

    @property
    def made(self) -> int:
        """How many were ever created since the last reset."""
        return self._made

    def next_number(self) -> int:
        """The number of the next prediction."""
        return self._made

    def add(self, prediction: Prediction) -> None:
        """Keep one more; the oldest goes when there are too many."""
        self._by_id[prediction.id] = prediction
        self._made += 1
        if len(self._prompts) < self._limit or prediction.prompt in self._prompts:
            self._prompts[prediction.prompt] += 1
        if len(self._by_id) > self._limit:
            del self._by_id[next(iter(self._by_id))]

    def get(self, prediction_id: str) -> Prediction | None:
        """The prediction of that id, if it is still kept."""
        return self._by_id.get(prediction_id)

    def clear(self) -> None:
        """Forget everything."""
        self._by_id.clear()
        self._prompts.clear()
        self._made = 0

    def counts(self, now: float) -> dict[str, object]:
        """Creates in all, by prompt and by present state."""
        states = Counter(prediction.status(now).value for prediction in self._by_id.values())
        return {"creates": self._made, "by_prompt": dict(self._prompts), "by_state": dict(states)}

    def page(self, window: ListWindow) -> ListPage:
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
        rows: Iterator[Prediction], window: ListWindow, numbers: range, limit: int = PAGE_SIZE
    ) -> list[Prediction]:
        taken: list[Prediction] = []
        for row in rows:
            if row.number in numbers and window.holds(row):
                taken.append(row)
                if len(taken) == limit:
                    break
        return taken
