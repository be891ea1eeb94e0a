"""A pose's skeleton and its drawings: OpenPose's 18 keypoints (COCO order), 0–1, y downwards.

Right and left are the figure's own: seen from the front, its right hand is on the picture's left.
"""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

Point = tuple[float, float]

KEYPOINTS = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)
# In the order of OpenPose's colours: a limb and the keypoint of the same number share one.
LIMBS = (
    ("neck", "right_shoulder"),
    ("neck", "left_shoulder"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("neck", "right_hip"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
    ("neck", "left_hip"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("neck", "nose"),
    ("nose", "right_eye"),
    ("right_eye", "right_ear"),
    ("nose", "left_eye"),
    ("left_eye", "left_ear"),
)


@dataclass(frozen=True)
class Skeleton:
    """The 18 keypoints, in the order of `KEYPOINTS`."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) != len(KEYPOINTS):
            raise ValueError(f"a skeleton has {len(KEYPOINTS)} keypoints, not {len(self.points)}")
        if not all(0 <= number <= 1 for point in self.points for number in point):
            raise ValueError("a keypoint lies outside the picture")

    def __getitem__(self, keypoint: str) -> Point:
        return self.points[KEYPOINTS.index(keypoint)]

    def as_json(self) -> dict[str, Any]:
        """As the database stores it."""
        return {"keypoints": [list(point) for point in self.points]}


def skeleton_of(stored: Mapping[str, Any]) -> Skeleton:
    """The skeleton that `as_json` made; raises ValueError for anything else."""
    try:
        return Skeleton(tuple((float(x), float(y)) for x, y in stored["keypoints"]))
    except (KeyError, TypeError) as error:
        raise ValueError("this is no skeleton") from error


CONTROL_PIXELS = 1024
TILE_PIXELS = 320
COLOURS = (
    (255, 0, 0),
    (255, 85, 0),
    (255, 170, 0),
    (255, 255, 0),
    (170, 255, 0),
    (85, 255, 0),
    (0, 255, 0),
    (0, 255, 85),
    (0, 255, 170),
    (0, 255, 255),
    (0, 170, 255),
    (0, 85, 255),
    (0, 0, 255),
    (85, 0, 255),
    (170, 0, 255),
    (255, 0, 255),
    (255, 0, 170),
    (255, 0, 85),
)
_LIMB_STRENGTH = 0.6
_STICK = 0.0078
"""Half a limb's width, as a share of the picture's side: 4 pixels of 512, as OpenPose draws it."""
_FINER = 2
"""Drawn so many times larger and then reduced: Pillow's lines have no smooth edges of their own."""
_BONE = 0.036
_GAP = 0.012
"""The clear edge of an arm, so that it contrasts with what it crosses."""
_HEAD_RADIUS, _EYE_RADIUS = 0.066, 0.013
_MOST_ZOOM, _FILLED = 1.2, 0.9
_FAINT, _STRONG = 145, 255


def control_picture(skeleton: Skeleton) -> bytes:
    """A PNG of 1024 × 1024 for models that take an OpenPose picture."""
    side = CONTROL_PIXELS * _FINER
    picture = Image.new("RGB", (side, side), "black")
    draw = ImageDraw.Draw(picture)
    for (start, end), colour in zip(LIMBS, COLOURS, strict=False):
        dimmed = tuple(int(channel * _LIMB_STRENGTH) for channel in colour)
        draw.polygon(_spindle(skeleton[start], skeleton[end], side), fill=dimmed)
    for keypoint, colour in zip(KEYPOINTS, COLOURS, strict=True):
        draw.ellipse(_disc(skeleton[keypoint], _STICK, side), fill=colour)
    return _png(picture)


def tile_picture(skeleton: Skeleton) -> bytes:
    """A PNG whose opacity alone is the drawing, so that a page paints it in its theme's colour."""
    side = TILE_PIXELS * _FINER
    alpha = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(alpha)
    shown = _fitted(skeleton)
    centre = _between(shown["right_ear"], shown["left_ear"])
    draw.ellipse(_disc(centre, _HEAD_RADIUS, side), fill=_FAINT)
    draw.ellipse(_disc(shown["nose"], _EYE_RADIUS, side), fill=_STRONG)
    for chain, gap in _chains(shown):
        if gap:
            _line(draw, chain, _BONE + 2 * gap, side, 0)
        _line(draw, chain, _BONE, side, _FAINT)
        for joint in chain:
            draw.ellipse(_disc(joint, _BONE * 0.36, side), fill=_STRONG)
    picture = Image.new("LA", (side, side), 0)
    picture.putalpha(alpha)
    return _png(picture)


def _fitted(skeleton: Skeleton) -> Skeleton:
    """The figure in the middle of its tile; a small one is shown somewhat larger."""
    columns, rows = zip(*skeleton.points, strict=True)
    left, right = min(columns) - _HEAD_RADIUS, max(columns) + _HEAD_RADIUS
    top, bottom = min(rows) - _HEAD_RADIUS, max(rows) + _BONE
    zoom = min(_MOST_ZOOM, _FILLED / (right - left), _FILLED / (bottom - top))
    return Skeleton(
        tuple(
            (0.5 + (x - (left + right) / 2) * zoom, 0.5 + (y - (top + bottom) / 2) * zoom)
            for x, y in skeleton.points
        )
    )


def _spindle(start: Point, end: Point, side: int) -> list[Point]:
    """The long ellipse between two points."""
    (ax, ay), (bx, by) = start, end
    angle = math.atan2(by - ay, bx - ax)
    half = math.hypot(bx - ax, by - ay) / 2
    outline = []
    for degrees in range(0, 360, 6):
        along = half * math.cos(math.radians(degrees))
        across = _STICK * math.sin(math.radians(degrees))
        outline.append(
            (
                ((ax + bx) / 2 + along * math.cos(angle) - across * math.sin(angle)) * side,
                ((ay + by) / 2 + along * math.sin(angle) + across * math.cos(angle)) * side,
            )
        )
    return outline


def _chains(skeleton: Skeleton) -> list[tuple[list[Point], float]]:
    """The figure's lines, the far ones first, each with the width of its clear edge."""
    hips = _between(skeleton["right_hip"], skeleton["left_hip"])
    trunk = [skeleton["neck"], hips]
    pelvis = [skeleton["right_hip"], skeleton["left_hip"]]
    shoulders = [skeleton["right_shoulder"], skeleton["neck"], skeleton["left_shoulder"]]
    legs = [_limb(skeleton, side, "hip", "knee", "ankle") for side in ("right", "left")]
    arms = [_limb(skeleton, side, "shoulder", "elbow", "wrist") for side in ("right", "left")]
    plain = [(chain, 0.0) for chain in (trunk, pelvis, *legs)]
    return [*plain, *((arm, _GAP) for arm in arms), (shoulders, 0.0)]


def _limb(skeleton: Skeleton, side: str, *joints: str) -> list[Point]:
    return [skeleton[f"{side}_{joint}"] for joint in joints]


def _line(
    draw: ImageDraw.ImageDraw, chain: list[Point], width: float, side: int, fill: int
) -> None:
    """A line with round ends and bends through these points."""
    draw.line([(x * side, y * side) for x, y in chain], fill=fill, width=round(width * side))
    for point in chain:
        draw.ellipse(_disc(point, width / 2, side), fill=fill)


def _between(one: Point, other: Point) -> Point:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


def _disc(centre: Point, radius: float, side: int) -> tuple[float, float, float, float]:
    x, y = centre
    return (
        (x - radius) * side,
        (y - radius) * side,
        (x + radius) * side,
        (y + radius) * side,
    )


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.reduce(_FINER).save(buffer, "PNG")
    return buffer.getvalue()
