"""Makes the bytes of one ordered picture: drawn from its words, or worked from a given picture."""

from simulator.drawing.edits import EDITS, edited_picture
from simulator.drawing.encoding import encode, stamp
from simulator.drawing.orders import PictureOrder
from simulator.drawing.pictures import draw_picture
from simulator.drawing.sources import opened


def make_picture(
    order: PictureOrder, source: bytes | None = None, backdrop: bytes | None = None
) -> bytes:
    """Draw, encode and stamp; without its source, an edit is drawn like any other picture."""
    if order.work in EDITS and source is not None:
        behind = None if backdrop is None else opened(backdrop)
        image = edited_picture(order, opened(source), behind)
    else:
        image = draw_picture(order)
    return stamp(encode(image, order.format, order.quality), order.format, order.digest)
