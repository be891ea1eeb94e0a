"""The poses that every database starts with, read from the files in `seed_data`, one for a category."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from services.media.skeletons import Skeleton, skeleton_of

_DATA = Path(__file__).parent / "seed_data"


@dataclass(frozen=True)
class SeedPose:
    """One pose; `position` orders the library, and the id never changes once it was released."""

    id: str
    name: str
    category: str
    prompt: str
    skeleton: Skeleton
    position: int


def seed_poses() -> tuple[SeedPose, ...]:
    """The whole library in its order; raises ValueError for a skeleton that is none."""
    poses: list[SeedPose] = []
    for path in sorted(_DATA.glob("*.toml")):
        page = tomllib.loads(path.read_text("utf-8"))
        poses += [
            SeedPose(
                id=pose["id"],
                name=pose["name"],
                category=page["category"],
                prompt=pose["prompt"],
                skeleton=skeleton_of(pose),
                position=len(poses) + number,
            )
            for number, pose in enumerate(page["poses"])
        ]
    return tuple(poses)
