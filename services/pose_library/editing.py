"""Editing the pose library: words, order, new poses and archiving, each change in the audit trail."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.models import Pose, new_id
from services.media.skeletons import KEYPOINTS, Skeleton, control_picture, skeleton_of
from services.pose_library.library import PoseCard

MAX_NAME = 60
MAX_CATEGORY = 40
MAX_PROMPT = 300
MAX_POSITION = 9_999
MAX_KEYPOINTS = 5_000
"""Characters of JSON."""


@dataclass(frozen=True)
class EditablePose:
    """A pose as an admin sees it, chosen from or archived."""

    card: PoseCard
    position: int
    archived_at: datetime | None


@dataclass(frozen=True)
class PoseDraft:
    """What can be changed of a pose; `position` orders the library."""

    name: str
    category: str
    prompt: str
    position: int = 0

    def cleaned(self) -> "PoseDraft":
        """Return the draft with its texts as they will be stored."""
        return replace(
            self,
            name=clean(self.name).strip(),
            category=clean(self.category).strip(),
            prompt=clean(self.prompt).strip(),
        )

    def problems(self) -> list[str]:
        """Return why it cannot be stored, as sentences."""
        limits = (("name", MAX_NAME), ("category", MAX_CATEGORY), ("prompt", MAX_PROMPT))
        problems = []
        for field, limit in limits:
            words = getattr(self, field)
            if not words:
                problems.append(f"The {field} is empty.")
            if len(words) > limit:
                problems.append(
                    f"The {field} has {len(words):,} characters; {limit} at most. Shorten it."
                )
        if not 0 <= self.position <= MAX_POSITION:
            problems.append(f"Choose a position from 0 to {MAX_POSITION:,}.")
        return problems


class PoseEditor:
    """Changes poses, for admins. Nothing is deleted: pictures go on naming their pose.

    What cannot be done raises InvalidRequestError, or NotFoundError for an unknown id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def poses(self, actor: Actor) -> tuple[EditablePose, ...]:
        """Return the library in its order, archived poses as well."""
        require(actor, Role.ADMIN)
        query = select(Pose).order_by(Pose.position, Pose.id)
        with self._database.transaction() as session:
            return tuple(_editable(row) for row in session.scalars(query))

    def change(self, actor: Actor, pose_id: str, draft: PoseDraft, reason: str) -> None:
        """Change its words or position; the skeleton stays."""
        require(actor, Role.ADMIN)
        draft = _checked(draft)
        with self._database.transaction() as session:
            row = _locked(session, pose_id)
            if row.archived_at is None:
                _refuse_taken_name(session, draft.name, but=pose_id)
            before = _audited(row)
            row.name, row.category = draft.name, draft.category
            row.prompt, row.position = draft.prompt, draft.position
            _audit(session, actor, "pose.change", row, reason, before)

    def archive(self, actor: Actor, pose_id: str, reason: str) -> None:
        """Take it from the form; what it made stays."""
        require(actor, Role.ADMIN)
        with self._database.transaction() as session:
            row = _locked(session, pose_id)
            if row.archived_at is not None:
                raise InvalidRequestError(problem="This pose is archived already.")
            before = _audited(row)
            row.archived_at = session.scalars(select(func.clock_timestamp())).one()
            _audit(session, actor, "pose.archive", row, reason, before)

    def restore(self, actor: Actor, pose_id: str, reason: str) -> None:
        """Put it back into the form."""
        require(actor, Role.ADMIN)
        with self._database.transaction() as session:
            row = _locked(session, pose_id)
            if row.archived_at is None:
                raise InvalidRequestError(problem="This pose is in use already.")
            _refuse_taken_name(session, row.name, but=pose_id)
            before = _audited(row)
            row.archived_at = None
            _audit(session, actor, "pose.restore", row, reason, before)

    def add(
        self,
        actor: Actor,
        draft: PoseDraft,
        reason: str,
        *,
        copied_from: str = "",
        keypoints: str = "",
    ) -> str:
        """A new pose with the skeleton of another one, or of JSON keypoints; returns its id."""
        require(actor, Role.ADMIN)
        draft = _checked(draft)
        with self._database.transaction() as session:
            _lock(session)
            _refuse_taken_name(session, draft.name)
            if copied_from:
                skeleton = skeleton_of(_found(session, copied_from).skeleton)
            else:
                skeleton = skeleton_from_json(keypoints)
            row = Pose(id=new_id("pose"), skeleton=skeleton.as_json(), **asdict(draft))
            session.add(row)
            _audit(session, actor, "pose.add", row, reason, None)
            return row.id

    def drawn(self, actor: Actor, keypoints: str) -> bytes:
        """Draw a skeleton that is not stored yet as PNG, as models receive it."""
        require(actor, Role.ADMIN)
        return control_picture(skeleton_from_json(keypoints))


def skeleton_from_json(keypoints: str) -> Skeleton:
    """18 `[x, y]` in OpenPose's order, 0–1, alone or as `keypoints` of an object."""
    if len(keypoints) > MAX_KEYPOINTS:
        raise InvalidRequestError(problem="This is too long for 18 keypoints.")
    try:
        given = json.loads(keypoints)
        return skeleton_of(given if isinstance(given, dict) else {"keypoints": given})
    except json.JSONDecodeError as error:
        raise InvalidRequestError(
            problem=f"The keypoints are no JSON: give {len(KEYPOINTS)} pairs, [[x, y], …]."
        ) from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequestError(
            problem=f"The keypoints are no skeleton: give {len(KEYPOINTS)} pairs [x, y] from 0 to 1"
            " in OpenPose's order, nose first."
        ) from error


def _checked(draft: PoseDraft) -> PoseDraft:
    draft = draft.cleaned()
    problems = draft.problems()
    if problems:
        raise InvalidRequestError(problem=" ".join(problems))
    return draft


def _lock(session: Session) -> None:
    """One change at a time, so that two cannot take the same name. Reading and starting go on."""
    session.execute(text("LOCK TABLE app.poses IN SHARE ROW EXCLUSIVE MODE"))


def _locked(session: Session, pose_id: str) -> Pose:
    _lock(session)
    return _found(session, pose_id)


def _found(session: Session, pose_id: str) -> Pose:
    row = session.get(Pose, pose_id)
    if row is None:
        raise NotFoundError(what="pose", id=pose_id)
    return row


def _refuse_taken_name(session: Session, name: str, but: str = "") -> None:
    taken = select(Pose.id).where(
        func.lower(Pose.name) == name.lower(), Pose.archived_at.is_(None), Pose.id != but
    )
    if session.scalar(taken.limit(1)):
        raise InvalidRequestError(problem=f"Another pose is called “{name}”. Choose another name.")


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    row: Pose,
    reason: str,
    before: dict[str, Any] | None,
) -> None:
    after = _audited(row)
    if after == before:
        raise InvalidRequestError(problem="Nothing was changed.")
    record_change(session, actor, action, row.id, reason_of(reason), before=before, after=after)


def _audited(row: Pose) -> dict[str, Any]:
    """Return a pose as the audit trail stores it."""
    return {
        "name": row.name,
        "category": row.category,
        "prompt": row.prompt,
        "position": row.position,
        "is_archived": row.archived_at is not None,
    }


def _editable(row: Pose) -> EditablePose:
    card = PoseCard(row.id, row.name, row.category, row.prompt, skeleton_of(row.skeleton))
    return EditablePose(card, row.position, row.archived_at)
