"""Editing the library: admins alone, checked, and each change in the audit trail with its reason."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Audit
from services.pose_library.editing import PoseDraft, PoseEditor, skeleton_from_json
from services.pose_library.library import PoseLibrary

ADMIN = Actor("per_1", "Ada", Role.ADMIN)
DRAFT = PoseDraft("Star", "Sport", "arms and legs spread like a star", 40)
POINTS = [[0.5, number / 20] for number in range(18)]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A prepared database, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def editor(database: Database) -> PoseEditor:
    return PoseEditor(database)


def audits(database: Database) -> list[Audit]:
    query = select(Audit).where(Audit.action.like("pose.%")).order_by(Audit.id)
    with database.transaction() as session:
        return list(session.scalars(query))


def test_change_is_kept_with_what_was_before(database: Database, editor: PoseEditor) -> None:
    editor.change(ADMIN, "pose_waving", PoseDraft(" Hello ", "Greeting", "waving", 1), "clearer")
    pose = next(pose for pose in editor.poses(ADMIN) if pose.card.id == "pose_waving")
    assert (pose.card.name, pose.card.prompt, pose.position) == ("Hello", "waving", 1)
    (audit,) = audits(database)
    assert (audit.actor, audit.action, audit.subject_id) == ("per_1", "pose.change", "pose_waving")
    assert audit.before and audit.after
    assert (audit.before["name"], audit.after["name"], audit.reason) == (
        "Waving",
        "Hello",
        "clearer",
    )


def test_archived_pose_leaves_the_form_and_comes_back(
    database: Database, editor: PoseEditor
) -> None:
    library = PoseLibrary(database)
    editor.archive(ADMIN, "pose_waving", "not used")
    assert "pose_waving" not in {pose.id for pose in library.choices(ADMIN)}
    assert library.skeleton("pose_waving")
    with pytest.raises(InvalidRequestError, match="archived already"):
        editor.archive(ADMIN, "pose_waving", "again")
    editor.restore(ADMIN, "pose_waving", "wanted")
    assert "pose_waving" in {pose.id for pose in library.choices(ADMIN)}
    with pytest.raises(InvalidRequestError, match="in use already"):
        editor.restore(ADMIN, "pose_waving", "again")
    assert [audit.action for audit in audits(database)] == ["pose.archive", "pose.restore"]


def test_new_pose_can_be_chosen_at_once(database: Database, editor: PoseEditor) -> None:
    copied = editor.add(ADMIN, DRAFT, "wanted", copied_from="pose_waving")
    drawn = editor.add(
        ADMIN, PoseDraft("Line", "Sport", "a line", 41), "wanted", keypoints=json.dumps(POINTS)
    )
    choices = {pose.id: pose for pose in PoseLibrary(database).choices(ADMIN)}
    assert choices[copied].skeleton == choices["pose_waving"].skeleton
    assert [list(point) for point in choices[drawn].skeleton.points] == POINTS
    assert [audit.before for audit in audits(database)] == [None, None]


def test_name_is_taken_by_a_pose_in_use_alone(editor: PoseEditor) -> None:
    taken = PoseDraft("waving", "Greeting", "another wave", 5)
    with pytest.raises(InvalidRequestError, match="Another pose is called"):
        editor.add(ADMIN, taken, "wanted", copied_from="pose_bowing")
    with pytest.raises(InvalidRequestError, match="Another pose is called"):
        editor.change(ADMIN, "pose_bowing", taken, "wanted")
    editor.archive(ADMIN, "pose_waving", "replaced")
    editor.add(ADMIN, taken, "wanted", copied_from="pose_bowing")
    with pytest.raises(InvalidRequestError, match="Another pose is called"):
        editor.restore(ADMIN, "pose_waving", "wanted back")


@pytest.mark.parametrize(
    ("draft", "reason", "problem"),
    [
        (PoseDraft(" ", "Sport", "x"), "r", "name is empty"),
        (PoseDraft("x" * 61, "Sport", "x"), "r", "name has 61 characters; 60 at most"),
        (PoseDraft("x", "", "x"), "r", "category is empty"),
        (PoseDraft("x", "Sport", "x" * 301), "r", "prompt has 301 characters; 300 at most"),
        (PoseDraft("x", "Sport", "x", -1), "r", "position from 0"),
        (PoseDraft("x", "Sport", "x"), " ", "Give a reason"),
    ],
)
def test_what_cannot_be_kept_says_why(
    database: Database, editor: PoseEditor, draft: PoseDraft, reason: str, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        editor.change(ADMIN, "pose_waving", draft, reason)
    with pytest.raises(InvalidRequestError, match=problem):
        editor.add(ADMIN, draft, reason, copied_from="pose_waving")
    assert audits(database) == []


def test_change_without_a_change_is_refused(editor: PoseEditor) -> None:
    pose = editor.poses(ADMIN)[0]
    same = PoseDraft(pose.card.name, pose.card.category, pose.card.prompt, pose.position)
    with pytest.raises(InvalidRequestError, match="Nothing was changed"):
        editor.change(ADMIN, pose.card.id, same, "why not")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_read_and_change(editor: PoseEditor, role: Role) -> None:
    guest = Actor("per_2", "Guest", role)
    for call in (
        lambda: editor.poses(guest),
        lambda: editor.change(guest, "pose_waving", DRAFT, "r"),
        lambda: editor.archive(guest, "pose_waving", "r"),
        lambda: editor.restore(guest, "pose_waving", "r"),
        lambda: editor.add(guest, DRAFT, "r", copied_from="pose_waving"),
        lambda: editor.drawn(guest, json.dumps(POINTS)),
    ):
        with pytest.raises(NotAllowedError):
            call()


def test_unknown_pose_is_not_found(editor: PoseEditor) -> None:
    with pytest.raises(NotFoundError):
        editor.change(ADMIN, "pose_nobody", DRAFT, "r")
    with pytest.raises(NotFoundError):
        editor.add(ADMIN, DRAFT, "r", copied_from="pose_nobody")


@pytest.mark.parametrize(
    "keypoints",
    [
        "",
        "nose",
        "[]",
        "7",
        "{}",
        '{"keypoints": 3}',
        json.dumps(POINTS[:17]),
        json.dumps([*POINTS[:17], [0.5, 1.01]]),
        json.dumps([*POINTS[:17], [0.5]]),
        json.dumps([*POINTS[:17], [0.5, float("nan")]]),
        json.dumps([*POINTS[:17], [0.5, 10**400]]),
        "[" * 5_000,
        json.dumps(POINTS) + " " * 5_000,
    ],
)
def test_keypoints_that_are_no_skeleton_are_told(keypoints: str) -> None:
    with pytest.raises(InvalidRequestError):
        skeleton_from_json(keypoints)


def test_keypoints_may_stand_in_an_object() -> None:
    alone = skeleton_from_json(json.dumps(POINTS))
    assert skeleton_from_json(json.dumps({"keypoints": POINTS})) == alone
