"""The merged timeline: the events of all sources, oldest first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pages.kit.components.elements import register

_timeline = register("timeline")


@dataclass(frozen=True)
class Moment:
    """One row; `clock` names whose time it is unless it is the source's own.

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
    drawn = [asdict(row) | {"at": row.at.isoformat()} for row in rows]
    _timeline(key=key, data={"rows": drawn, "label": label})
