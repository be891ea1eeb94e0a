"""Find the files in what a model returned: a text, a list, or an object of either; never raises."""

import re
from collections.abc import Iterator
from typing import Any

from services.providers.replies import as_line

MAX_DEPTH = 6
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+=*")
_BASE64_PICTURES = ("iVBORw0KGgo", "/9j/", "UklGR", "R0lGOD", "AAAA")
"""How PNG, JPEG, WebP, GIF, and AVIF or HEIC begin."""
_PATH = re.compile(r"(?:file://)?(?:/[^\s/]+)+/?|[A-Za-z]:\\\S+|\.{1,2}/\S+")


def output_addresses(output: Any) -> Iterator[str]:
    """Yield the addresses in an output, in their order.

    A picture inside the reply is a data: address, or becomes one.
    """
    for text in _texts(output):
        if text.startswith(("https://", "http://", "data:")):
            yield text
        elif text.startswith(_BASE64_PICTURES) and _BASE64.fullmatch(text[:200].strip()):
            yield f"data:;base64,{text}"


def path_problem(output: Any) -> str | None:
    """Return the sentence for a server that answers with paths on its own disk."""
    path = next((text for text in _texts(output) if _PATH.fullmatch(text)), None)
    if path is None:
        return None
    return (
        f"The server answered with a path on its own disk ({as_line(path, limit=80)}). Let it upload"
        " its outputs, or return them as data: addresses; a Cog model returns cog.Path for that."
    )


def _texts(value: Any, depth: int = MAX_DEPTH) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and depth:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item, depth - 1)
