"""The grammar that every component draws: badge, chip, time, link and text, as plain mappings."""

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


def badge(text: str, tone: str, icon: str = "") -> Element:
    """A status; `tone` is gray, blue, green, amber, red, violet or struck."""
    return {"kind": "badge", "text": text, "tone": tone, "icon": icon}


def chip(value: str, *, name: str = "", shown: str = "") -> Element:
    """An id or another text that a click copies; long ones are shortened."""
    return {"kind": "chip", "text": shown or shortened(value), "copy": value, "name": name}


def time(at: datetime) -> Element:
    """ "4 min ago" in the browser's own time zone, the exact time on hover."""
    return {"kind": "time", "at": at.isoformat()}


def text(value: str, tone: str = "") -> Element:
    """Words; `tone` is empty (muted), strong or prose (keeps line breaks)."""
    return {"kind": "text", "text": value, "tone": tone}


def share_bar(value: float) -> Element:
    """A little bar, 0–1: how much of the whole this is."""
    return {"kind": "share", "value": value}


def link(label: str, href: str, *, is_download: bool = False) -> Element:
    """A link; a full address opens in a new tab."""
    return {"kind": "link", "text": label, "href": href, "download": is_download}


def button(label: str, target_id: str) -> Element:
    """A button in words; the component answers with `target_id` when it is clicked."""
    return {"kind": "go", "text": label, "id": target_id}


def badge_button(label: str, tone: str, icon: str, target_id: str) -> Element:
    """A status that opens its list; the component answers with `target_id` when it is clicked."""
    return {"kind": "go_badge", "text": label, "tone": tone, "icon": icon, "id": target_id}


def thumb(src: str | None, key: str | None, alt: str, placeholder: str | None = None) -> Element:
    """A small square picture; without `src` an empty one."""
    return {"kind": "thumb", "src": src, "key": key, "alt": alt, "placeholder": placeholder}


def shortened(value: str) -> str:
    """`gen_01jd…k3f9`: the prefix, and the end, which is what differs."""
    if len(value) <= 18:
        return value
    prefix, _, rest = value.rpartition("_")
    return f"{prefix}_…{rest[-6:]}" if prefix else f"{value[:8]}…{value[-4:]}"
