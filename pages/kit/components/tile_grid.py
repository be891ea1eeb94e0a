"""The tile grid: sections of square pictures with their status, progress and reason on them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Literal

import streamlit as st

from pages.kit.components.elements import Element, ignore_change, register

Mode = Literal["open", "one", "many"]


@dataclass(frozen=True)
class Tile:
    """One tile. Without `src` it shows its badge, its note and, when running, a bar."""

    id: str
    caption: str = ""
    sub: str = ""
    src: str | None = None
    key: str | None = None
    """What the picture is: the same key is never reloaded, even under a new signature."""
    placeholder: str | None = None
    alt: str = ""
    badge: Element | None = None
    note: str = ""
    is_running: bool = False
    progress: float | None = None
    """0–1; None while the progress of running work is unknown."""
    is_drawing: bool = False
    """Only the opacity of `src` counts: it is painted in the theme's colour."""
    href: str | None = None
    action: str = ""
    """The label of a button on the tile."""


@dataclass(frozen=True)
class Section:
    """A heading with its elements and progress, and the tiles below it."""

    id: str
    tiles: Sequence[Tile]
    title: str = ""
    elements: Sequence[Element] = ()
    bar: float | None = None
    bar_text: str = ""
    """Empty: no bar."""


@dataclass(frozen=True)
class Clicked:
    """What was clicked in this run, by tile id; `element` is an element of a heading, by its own id."""

    open: str | None = None
    act: str | None = None
    element: str | None = None


@dataclass(frozen=True)
class Choice:
    """Tiles that can be chosen; `on_pick` runs first, as a callback."""

    mode: Mode = "open"
    picked: Sequence[str] = ()
    is_locked: bool = False
    on_pick: Callable[[], None] = field(default=lambda: None)


_NO_CHOICE = Choice()
_grid = register("tile_grid")


def tile_grid(
    sections: Sequence[Section],
    *,
    key: str,
    label: str,
    min_width: int = 160,
    group: int = 1,
    choice: Choice = _NO_CHOICE,
    page: str = "",
) -> Clicked:
    """Draw the sections; ticks change only what changed. `label` is for screen readers.

    `group`: so many tiles belong together, and a row holds complete groups.
    `page`: which page of a list this is; a change scrolls back to its beginning.
    """
    result = _grid(
        key=key,
        data={
            "sections": [asdict(section) for section in sections],
            "min": min_width,
            "group": group,
            "mode": choice.mode,
            "picked": list(choice.picked),
            "is_locked": choice.is_locked,
            "label": label,
            "page": page,
        },
        on_open_change=ignore_change,
        on_act_change=ignore_change,
        on_pick_change=choice.on_pick,
        on_clicked_change=ignore_change,
    )
    return Clicked(result.get("open"), result.get("act"), result.get("clicked"))


def picked_among(name: str, offered: Iterable[str]) -> list[str]:
    """Return the ids stored under `name` without those no longer offered, and store the rest."""
    known = set(offered)
    picked = [chosen for chosen in st.session_state.get(name, []) if chosen in known]
    st.session_state[name] = picked
    return picked


def toggles(grid: str, name: str) -> Callable[[], None]:
    """Return a callback that adds the clicked tile to the ids under `name`, or removes it."""
    return partial(_toggle, grid, name)


def _toggle(grid: str, name: str) -> None:
    clicked, picked = st.session_state[grid].get("pick"), st.session_state.get(name, [])
    if clicked:
        others = [chosen for chosen in picked if chosen != clicked]
        st.session_state[name] = others if len(others) < len(picked) else [*others, clicked]


def selects(grid: str, name: str) -> Callable[[], None]:
    """Return a callback that stores the clicked tile's id under `name`."""
    return partial(_select, grid, name)


def _select(grid: str, name: str) -> None:
    if clicked := st.session_state[grid].get("pick"):
        st.session_state[name] = clicked
