"""A picture with the frame that a channel cuts out of it; dragging or arrow keys move the frame."""

from collections.abc import Sequence
from dataclasses import asdict

from pages.kit.components.elements import ignore_change, register
from services.media.exports import DEFAULT_FOCUS, Preset

Focus = tuple[float, float]

_preview = register("crop_preview")


def crop_preview(
    *,
    key: str,
    src: str,
    picture_key: str,
    placeholder: str,
    alt: str,
    width: int,
    height: int,
    presets: Sequence[Preset],
) -> Focus:
    """Draw the frame of one of the presets and return the focus that was chosen (0–1)."""
    result = _preview(
        key=key,
        data={
            "src": src,
            "key": picture_key,
            "placeholder": placeholder,
            "alt": alt,
            "width": width,
            "height": height,
            "presets": [asdict(preset) for preset in presets],
            "focus": list(DEFAULT_FOCUS),
        },
        on_focus_change=ignore_change,
    )
    return _checked(result.get("focus"))


def _checked(given: object) -> Focus:
    """What a browser sent, as a point of the picture."""
    if not isinstance(given, list) or len(given) != 2:
        return DEFAULT_FOCUS
    if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in given):
        return DEFAULT_FOCUS
    return float(given[0]), float(given[1])
