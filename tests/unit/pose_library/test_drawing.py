"""The control image speaks OpenPose's colours on black; the tile is opacity alone."""

import io

from PIL import Image

from services.database.seed_poses import seed_poses
from services.media.skeletons import COLOURS, KEYPOINTS, Skeleton, control_picture, tile_picture

STANDING = seed_poses()[0].skeleton


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_control_image_is_a_square_png_on_black() -> None:
    picture = opened(control_picture(STANDING))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (1024, 1024), "RGB")
    corners = [(0, 0), (1023, 0), (0, 1023), (1023, 1023)]
    assert {picture.getpixel(corner) for corner in corners} == {(0, 0, 0)}


def test_each_keypoint_has_openpose_s_colour() -> None:
    picture = opened(control_picture(STANDING))
    for number, keypoint in enumerate(KEYPOINTS):
        x, y = STANDING[keypoint]
        assert picture.getpixel((round(x * 1024), round(y * 1024))) == COLOURS[number], keypoint


def test_limb_is_drawn_weaker_than_its_keypoint() -> None:
    picture = opened(control_picture(STANDING))
    (ax, ay), (bx, by) = STANDING["right_knee"], STANDING["right_ankle"]
    shin = picture.getpixel((round((ax + bx) * 512), round((ay + by) * 512)))
    assert shin == tuple(int(part * 0.6) for part in COLOURS[8])


def test_tile_is_drawn_in_its_opacity_alone() -> None:
    tile = opened(tile_picture(STANDING))
    assert (tile.format, tile.mode) == ("PNG", "LA")
    light, opacity = tile.split()
    assert light.getextrema() == (0, 0)
    assert opacity.getextrema() == (0, 255)


def test_small_figure_is_shown_larger_and_stays_inside_its_tile() -> None:
    low = Skeleton(tuple((0.4 + x / 5, 0.7 + y / 5) for x, y in STANDING.points))
    for skeleton in (low, STANDING):
        box = opened(tile_picture(skeleton)).getchannel("A").getbbox()
        assert box is not None
        left, top, right, bottom = box
        assert min(left, top) > 0 and max(right, bottom) < 320
        assert abs((left + right) / 2 - 160) < 24 and abs((top + bottom) / 2 - 160) < 24
