"""Pictures drawn at the start and served for everything, so that a benchmark measures no drawing."""

import hashlib

from simulator.drawing.encoding import encode
from simulator.drawing.orders import PictureOrder
from simulator.drawing.pictures import draw_picture

_FORMATS = ("webp", "jpg", "png")
_PROMPTS = ("waving", "running", "jumping", "dancing", "pointing", "sitting")


class PicturePool:
    """`count` different pictures of 1024 × 1024, each in every format."""

    def __init__(self, count: int) -> None:
        self._by_format: dict[str, list[bytes]] = {name: [] for name in _FORMATS}
        for seed in range(count):
            prompt = f"full body {_PROMPTS[seed % len(_PROMPTS)]}"
            order = PictureOrder(prompt, seed, 1024, 1024, "png", 85, None, False, "")
            image = draw_picture(order)
            for name in _FORMATS:
                self._by_format[name].append(encode(image, name, order.quality))

    def pick(self, order: PictureOrder) -> bytes:
        """The picture that replaces `order`."""
        pictures = self._by_format[order.format]
        number = int.from_bytes(hashlib.sha256(order.digest.encode()).digest()[:4])
        return pictures[number % len(pictures)]
