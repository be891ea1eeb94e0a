"""The elements that every component draws, as plain mappings: badge, chip, time, link, text."""

from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

Element = dict[str, Any]

_FOLDER = Path(__file__).parent
_ROOT = '<div class="root"></div>'


def _source(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in names)


def register(name: str) -> ComponentRenderer:
    """Register the component whose files are `name`.css and `name`.js."""
    return st.components.v2.component(
        f"atelier_{name}",
        html=_ROOT,
        css=_source("elements.css", f"{name}.css"),
        js=_source("elements.js", f"{name}.js"),
    )


def ignore_change() -> None:
    """Serve as the callback without which Streamlit does not return a component's value."""


def badge(text: str, tone: str, icon: str = "") -> Element:
    """A status; `tone` is gray, blue, green, amber, red, violet or struck."""
    return {"kind": "badge", "text": text, "tone": tone, "icon": icon}


def badge_button(label: str, tone: str, icon: str, element_id: str) -> Element:
    """A badge that can be clicked; the component then returns `element_id`."""
    return badge(label, tone, icon) | {"id": element_id}


def button(label: str, element_id: str, *, is_outlined: bool = False) -> Element:
    """A button in words; the component returns `element_id` when it is clicked."""
    tone = "outlined" if is_outlined else ""
    return {"kind": "button", "text": label, "id": element_id, "tone": tone}


def chip(value: str, *, name: str = "", shown: str = "") -> Element:
    """An id or another text that a click copies; long ones are shortened."""
    return {"kind": "chip", "text": shown or shortened(value), "copy": value, "name": name}


def link(
    label: str,
    href: str | None,
    *,
    is_download: bool = False,
    element_id: str = "",
    tone: str = "",
) -> Element:
    """A link; a full address opens in a new tab. Without an address it is text.

    With `element_id` a click makes the component return it instead of opening the address.
    """
    return {
        "kind": "link",
        "text": label,
        "href": href,
        "download": is_download,
        "id": element_id,
        "tone": tone,
    }


def share_bar(value: float) -> Element:
    """A small bar, 0–1."""
    return {"kind": "share", "value": value}


def text(value: str, tone: str = "", *, icon: str = "", title: str = "") -> Element:
    """Text, muted without a tone. `title` is shown on hover.

    `tone`: strong; line (on a line of its own); prose (keeps line breaks); code, code strong;
    hint (a box of its own); good or bad (coloured).
    """
    return {"kind": "text", "text": value, "tone": tone, "icon": icon, "title": title}


def thumb(src: str | None, key: str | None, alt: str, placeholder: str | None = None) -> Element:
    """A small square picture; without `src` an empty one."""
    return {"kind": "thumb", "src": src, "key": key, "alt": alt, "placeholder": placeholder}


def time(at: datetime) -> Element:
    """`4 min ago` in the browser's own time zone, the exact time on hover."""
    return {"kind": "time", "at": at.isoformat()}


def shortened(value: str) -> str:
    """`gen_01jd…k3f9`: the prefix, and the end, which is what differs."""
    if len(value) <= 18:
        return value
    prefix, _, rest = value.rpartition("_")
    return f"{prefix}_…{rest[-6:]}" if prefix else f"{value[:8]}…{value[-4:]}"
