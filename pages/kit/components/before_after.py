"""Two pictures, one over the other, and a handle that shows more of the one or of the other."""

from dataclasses import asdict, dataclass

from pages.kit.components.elements import register

_slider = register("before_after")


@dataclass(frozen=True)
class Side:
    """One of the two pictures. `label` is drawn on it; `key` identifies it across addresses."""

    src: str
    alt: str
    label: str
    key: str = ""


def before_after(*, key: str, before: Side, after: Side) -> None:
    """Draw both with the handle in the middle; pointer, arrow keys, Home and End move it."""
    _slider(key=key, data={"before": asdict(before), "after": asdict(after)})
