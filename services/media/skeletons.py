"""A pose's skeleton: OpenPose's 18 keypoints (COCO order) in a square picture, 0–1, y downwards.

Right and left are the figure's own: seen from the front, its right hand is on the picture's left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
        """As the database keeps it."""
        return {"keypoints": [list(point) for point in self.points]}


def skeleton_of(kept: Mapping[str, Any]) -> Skeleton:
    """The skeleton that `as_json` made; raises ValueError for anything else."""
    try:
        return Skeleton(tuple((float(x), float(y)) for x, y in kept["keypoints"]))
    except (KeyError, TypeError) as error:
        raise ValueError("this is no skeleton") from error
