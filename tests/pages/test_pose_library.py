"""The pose library's page: found by words, edited in a dialog, every change with its reason."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import Role
from services.database.models import Pose
from tests.pages.conftest import Open, drawn, said
from tests.pages.planting import audited, rows, set_role, set_rows
from tests.pages.seed import ARCHIVED_POSE

DIALOG = """
from pages.pose_library.editor import add_pose, edit_pose
from pages.kit.backend import services
from pages.kit.frame import require_role
from services.core.states import Role
import streamlit as st

poses = services().pose_editor.poses(require_role(Role.ADMIN))
if st.session_state.get("shown"):
    edit_pose(next(p for p in poses if p.card.id == st.session_state["shown"]), ["Greeting"])
else:
    add_pose(poses, ["Greeting"])
"""


def names(at: AppTest) -> set[str]:
    grids = [json.loads(element.proto.json or element.proto.mixed.json) for element in drawn(at)]
    shown: set[str] = set()
    for grid in grids:
        if grid.get("label") == "Poses":
            shown |= {tile["id"] for section in grid["sections"] for tile in section["tiles"]}
    return shown


def dialog(pose_id: str = "") -> AppTest:
    at = AppTest.from_string(DIALOG, default_timeout=20)
    at.session_state["shown"] = pose_id
    return at.run()


def pose(services: Services, pose_id: str) -> Pose:
    (found,) = rows(services, Pose, Pose.id == pose_id)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_opens_it(studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    at = opened("pose_library")
    assert not at.exception
    assert bool(at.error) is (role is not Role.ADMIN)
    assert ("Waving" in said(at)) is (role is Role.ADMIN)


def test_search_and_state_narrow_the_tiles(studio: Services, opened: Open) -> None:
    at = opened("pose_library")
    assert names(at) == {it.id for it in rows(studio, Pose)} - {ARCHIVED_POSE}
    at.text_input(key="library_words").set_value("WAVING").run()
    assert "pose_waving" in names(at)
    assert "pose_running" not in names(at)
    at.text_input(key="library_words").set_value("")
    at.segmented_control(key="library_state").set_value("Archived").run()
    assert names(at) == {ARCHIVED_POSE}
    assert "1 archived" in said(at)


def test_change_is_stored_with_its_reason(studio: Services) -> None:
    at = dialog("pose_waving")
    before = pose(studio, "pose_waving")
    at.text_input(key="name_pose_waving").set_value("Waving high")
    at.button(key="pose_waving_save").click().run()
    assert "Give a reason" in at.error[0].value
    assert audited(studio) == []
    at.text_input(key="pose_waving_reason").set_value("clearer")
    at.button(key="pose_waving_save").click().run()
    assert audited(studio) == [("pose.change", "pose_waving", "clearer")]
    after = pose(studio, "pose_waving")
    assert (after.name, after.prompt) == ("Waving high", before.prompt)
    assert after.position == before.position


def test_pose_is_archived_and_restored(studio: Services) -> None:
    set_rows(studio, Pose, category="Greeting")
    for pose_id, label in (("pose_waving", "Archive"), (ARCHIVED_POSE, "Restore")):
        at = dialog(pose_id)
        assert label in [button.label for button in at.button]
        at.text_input(key=f"{pose_id}_reason").set_value("why not")
        at.button(key=f"{pose_id}_other").click().run()
    assert [it.id for it in rows(studio, Pose, Pose.archived_at.is_not(None))] == ["pose_waving"]
    assert [change[0] for change in audited(studio)] == ["pose.archive", "pose.restore"]


def test_new_pose_takes_keypoints_and_shows_them(studio: Services) -> None:
    at = dialog()
    at.text_input(key="name_new").set_value("Star")
    at.selectbox(key="category_new").set_value("Greeting")
    at.text_area(key="prompt_new").set_value("arms and legs spread like a star")
    at.segmented_control(key="new_source").set_value("Keypoints").run()
    at.text_area(key="new_keypoints").set_value("[[0.5, 0.5]]").run()
    assert "no skeleton" in at.error[0].value
    at.text_area(key="new_keypoints").set_value(json.dumps([[0.5, 0.5]] * 18)).run()
    assert not at.error
    at.text_input(key="new_reason").set_value("wanted")
    at.button(key="new_save").click().run()
    (star,) = rows(studio, Pose, Pose.name == "Star")
    assert star.skeleton != pose(studio, "pose_running").skeleton
    assert audited(studio) == [("pose.add", star.id, "wanted")]


def test_new_pose_copies_a_skeleton(studio: Services) -> None:
    at = dialog()
    at.text_input(key="name_new").set_value("Star")
    at.selectbox(key="category_new").set_value("Greeting")
    at.text_area(key="prompt_new").set_value("arms and legs spread like a star")
    at.selectbox(key="new_copied").set_value("pose_running").run()
    at.text_input(key="new_reason").set_value("wanted")
    at.button(key="new_save").click().run()
    (star,) = rows(studio, Pose, Pose.name == "Star")
    assert star.skeleton == pose(studio, "pose_running").skeleton
