"""The pose library as pages and routes read it."""

from dataclasses import dataclass

from sqlalchemy import select

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Pose
from services.media.skeletons import Skeleton, skeleton_of


@dataclass(frozen=True)
class PoseCard:
    """A pose to choose."""

    id: str
    name: str
    category: str
    prompt: str
    skeleton: Skeleton


class PoseLibrary:
    """Reads poses. An archived one cannot be chosen, yet its pictures still show it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choices(self, actor: Actor) -> tuple[PoseCard, ...]:
        """Return every pose that can be chosen, in the library's order."""
        require(actor, Role.VIEWER)
        query = select(Pose).where(Pose.archived_at.is_(None)).order_by(Pose.position, Pose.id)
        with self._database.transaction() as session:
            return tuple(
                PoseCard(row.id, row.name, row.category, row.prompt, skeleton_of(row.skeleton))
                for row in session.scalars(query)
            )

    def skeleton(self, pose_id: str) -> Skeleton:
        """Return the current skeleton, archived or not; raises NotFoundError."""
        with self._database.transaction() as session:
            row = session.get(Pose, pose_id)
            if row is None:
                raise NotFoundError(what="pose", id=pose_id)
            return skeleton_of(row.skeleton)
