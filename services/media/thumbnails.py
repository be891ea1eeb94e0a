"""The two small pictures that a gallery shows: the thumbnail and the blur-up placeholder."""

import base64
import io

from PIL import Image

THUMBNAIL_SIDE = 512
PLACEHOLDER_SIDE = 16
_PLACEHOLDER_CHARACTERS = 400


def shrunk(picture: Image.Image) -> Image.Image:
    """A copy of an RGB or RGBA picture whose longest side is 512 px at most."""
    small = picture.copy()
    # A gap of 1 lets whole factors be averaged (1 ms where plain bicubic takes 7 at 1 MP).
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=1.0)
    return small


def thumbnail_webp(small: Image.Image) -> bytes:
    """Encode what `shrunk` returned as WebP."""
    # Method 2 is 8 ms for 512×512; method 4 takes 19 for 6% fewer bytes.
    return _webp(small, quality=80, method=2)


def placeholder_uri(small: Image.Image) -> str:
    """A `data:image/webp;base64,…` picture of 16 px at most, 400 characters at most."""
    tiny = small.convert("RGB") if small.mode != "RGBA" else small.copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), reducing_gap=1.0)
    for quality in (50, 10):
        uri = "data:image/webp;base64," + base64.b64encode(_webp(tiny, quality, 4)).decode()
        if len(uri) <= _PLACEHOLDER_CHARACTERS:
            return uri
    # Only noisy transparency comes here: alpha is kept without loss.
    return placeholder_uri(tiny.convert("RGB"))


def _webp(picture: Image.Image, quality: int, method: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=method)
    return out.getvalue()
