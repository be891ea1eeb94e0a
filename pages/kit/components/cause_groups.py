"""Groups of one cause each: one row for all of them, which opens to the single ones."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.kit.components.elements import Element, register

_groups = register("cause_groups")


@dataclass(frozen=True)
class GroupRow:
    """One of a group. `href`: where a click on its title leads, when it leads anywhere."""

    id: str
    title: str
    text: str = ""
    href: str | None = None
    parts: Sequence[Element] = ()
    actions: Sequence[Element] = ()
    """`go` parts."""


@dataclass(frozen=True)
class CauseGroup:
    """A cause, how many it holds for, and what can be done for all of them."""

    id: str
    title: str
    count: int
    tone: str
    """A badge's; gray groups are quiet."""
    badge: Element | None = None
    parts: Sequence[Element] = ()
    action: str = ""
    """The label of the button for all."""
    rows: Sequence[GroupRow] = ()
    more: str = ""
    """The label of a button below the rows that shows more of them."""


@dataclass(frozen=True)
class GroupClicked:
    """What was clicked in this run: a row to open, a row's action, or one of a group's buttons."""

    open: str | None = None
    go: str | None = None
    all: str | None = None
    more: str | None = None


def cause_groups(groups: Sequence[CauseGroup], *, key: str) -> GroupClicked:
    """Draw the groups; which of them stand open is the visitor's own."""
    result = _groups(
        key=key,
        data={"groups": [asdict(group) for group in groups]},
        on_open_change=_nothing,
        on_go_change=_nothing,
        on_all_change=_nothing,
        on_more_change=_nothing,
    )
    clicked = (result.get(name) for name in ("open", "go", "all", "more"))
    return GroupClicked(*clicked)


def _nothing() -> None:
    """Streamlit returns only the triggers that have a callback."""
