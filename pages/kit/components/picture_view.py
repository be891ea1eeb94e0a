"""One picture, as large as fits; a click shows it at its full size."""

from pages.kit.components.elements import register

_view = register("picture_view")


def picture_view(
    *, key: str, src: str, picture_key: str, placeholder: str, alt: str, width: int, height: int
) -> None:
    """Draw the picture; a missing file is told, never shown as a broken image."""
    _view(
        key=key,
        data={
            "src": src,
            "key": picture_key,
            "placeholder": placeholder,
            "alt": alt,
            "width": width,
            "height": height,
        },
    )
