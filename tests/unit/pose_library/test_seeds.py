"""The library that comes with the program: complete, plausible, and each pose unlike the others."""

import math
import re
from collections import Counter

import pytest

from services.database.seed_poses import SeedPose, seed_poses
from services.media.skeleton_drawing import tile_picture
from services.media.skeletons import KEYPOINTS, LIMBS, Skeleton, skeleton_of
from simulator.drawing.prompt_reading import Facing, Framing, read_prompt

POSES = seed_poses()
FACE = {"nose", "right_eye", "left_eye", "right_ear", "left_ear"}
# As shares of the picture: a limb seen from the front is as long as this, others look shorter.
LONGEST = {"wrist": 0.135, "elbow": 0.14, "knee": 0.205, "ankle": 0.195, "hip": 0.275}


def length(skeleton: Skeleton, start: str, end: str) -> float:
    return math.dist(skeleton[start], skeleton[end])


def test_library_is_large_and_has_several_poses_in_each_category() -> None:
    assert len(POSES) >= 24
    assert len({pose.category for pose in POSES}) >= 6
    assert min(Counter(pose.category for pose in POSES).values()) >= 3


def test_ids_names_prompts_and_positions_are_unique() -> None:
    for values in (
        [pose.id for pose in POSES],
        [pose.name.lower() for pose in POSES],
        [pose.prompt for pose in POSES],
        [pose.position for pose in POSES],
    ):
        assert len(set(values)) == len(POSES)


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.id)
def test_pose_has_an_id_that_an_address_can_hold_and_a_prompt_in_words(pose: SeedPose) -> None:
    assert re.fullmatch(r"pose_[a-z_]{2,40}", pose.id)
    assert 20 <= len(pose.prompt) <= 120
    assert not pose.prompt.endswith(".")


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.id)
def test_skeleton_stands_inside_the_picture_and_no_limb_is_too_long(pose: SeedPose) -> None:
    assert len(pose.skeleton.points) == len(KEYPOINTS)
    assert all(0.02 <= number <= 0.98 for point in pose.skeleton.points for number in point)
    for start, end in LIMBS:
        joint = end.rpartition("_")[2]
        assert length(pose.skeleton, start, end) <= LONGEST.get(joint, 0.13), (start, end)


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.id)
def test_face_is_one_head_near_the_neck(pose: SeedPose) -> None:
    nose = pose.skeleton["nose"]
    assert all(math.dist(nose, pose.skeleton[part]) < 0.11 for part in FACE)
    assert 0.03 < length(pose.skeleton, "neck", "nose") < 0.17


def test_every_pose_is_drawn_differently() -> None:
    assert len({tile_picture(pose.skeleton) for pose in POSES}) == len(POSES)


def test_simulator_draws_every_pose_in_a_stance_of_its_own() -> None:
    readings = [read_prompt(pose.prompt) for pose in POSES]
    assert len({reading.stance for reading in readings}) == len(POSES)
    for reading in readings:
        # The character's looks are its own: a pose brings no colour, no animal and no other view.
        assert (reading.colour, reading.species) == (None, None)
        assert (reading.framing, reading.facing) == (Framing.FULL_BODY, Facing.FRONT)


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"keypoints": None},
        {"keypoints": [[0.5, 0.5]] * 17},
        {"keypoints": [[0.5, 1.2]] * 18},
        {"keypoints": [[0.5, float("nan")]] * 18},
        {"keypoints": [["a", 0.5]] * 18},
        {"keypoints": [[0.5]] * 18},
    ],
)
def test_what_is_no_skeleton_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"skeleton|keypoint|float|unpack"):
        skeleton_of(kept)


def test_skeleton_comes_back_from_the_database_as_it_was() -> None:
    for pose in POSES:
        assert skeleton_of(pose.skeleton.as_json()) == pose.skeleton
