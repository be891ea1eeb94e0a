"""Preparing a database again adds the poses that are missing and touches no other."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from services.core.states import Kind, SlotRole, SlotState
from services.database.engine import Database
from services.database.models import Pose, Slot
from services.database.prepare import prepare_database
from services.database.seed_poses import seed_poses
from tests.conftest import SECRET_KEY
from tests.integration.database.rows import add_generation


@pytest.fixture
def prepared(database_url: str) -> Iterator[Database]:
    """A prepared database, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


def prepare_again(database: Database) -> None:
    prepare_database(database.url, SECRET_KEY, 10_000)


def test_new_database_holds_the_whole_library(prepared: Database) -> None:
    with prepared.transaction() as session:
        rows = session.scalars(select(Pose).order_by(Pose.position)).all()
    assert [row.id for row in rows] == [pose.id for pose in seed_poses()]
    assert all(row.skeleton and row.prompt and not row.archived_at for row in rows)


def test_edited_and_archived_poses_stay_so_and_missing_ones_come_back(prepared: Database) -> None:
    edited, archived, missing = (pose.id for pose in seed_poses()[:3])
    with prepared.transaction() as session:
        session.execute(
            update(Pose).where(Pose.id == edited).values(name="At rest", prompt="resting")
        )
        session.execute(
            update(Pose).where(Pose.id == archived).values(archived_at=func.clock_timestamp())
        )
        session.execute(delete(Pose).where(Pose.id == missing))
    prepare_again(prepared)
    prepare_again(prepared)
    with prepared.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Pose)) == len(seed_poses())
        kept = session.get_one(Pose, edited)
        assert (kept.name, kept.prompt) == ("At rest", "resting")
        assert session.get_one(Pose, archived).archived_at is not None


def test_pose_of_the_person_s_own_is_left_alone(prepared: Database) -> None:
    skeleton = seed_poses()[0].skeleton.as_json()
    own = {"id": "pose_own", "name": "Own", "category": "Own", "prompt": "p", "skeleton": skeleton}
    with prepared.transaction() as session:
        session.add(Pose(**own))
    prepare_again(prepared)
    with prepared.transaction() as session:
        assert session.get_one(Pose, "pose_own").name == "Own"


def test_pose_that_a_picture_shows_cannot_be_deleted(prepared: Database) -> None:
    pose_id = seed_poses()[0].id
    with prepared.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
        session.execute(update(Slot).where(Slot.id == made.slots[0].id).values(pose_id=pose_id))
    with pytest.raises(IntegrityError), prepared.transaction() as session:
        session.execute(delete(Pose).where(Pose.id == pose_id))
