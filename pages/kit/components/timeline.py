"""The merged timeline: what each source says happened, oldest first, in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pages.kit.components.elements import register

_timeline = register("timeline")


@dataclass(frozen=True)
class Moment:
    """One row; `clock` says whose time it is where that is not the source's own.

    `group`: which of several runs it belongs to.
    """

    at: datetime
    source: str
    icon: str
    clock: str
    text: str
    detail: str = ""
    tone: str = ""
    """Empty, good, warn or bad."""
    group: str = ""
    link: str | None = None


def timeline(rows: Sequence[Moment], *, key: str, label: str) -> None:
    """Draw the rows, the latest in view. `label` is for screen readers."""
    _timeline(key=key, data={"rows": [_row(row) for row in rows], "label": label})


def _row(row: Moment) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "source": row.source,
        "icon": row.icon,
        "clock": row.clock,
        "text": row.text,
        "detail": row.detail,
        "tone": row.tone,
        "group": row.group,
        "link": row.link,
    }
