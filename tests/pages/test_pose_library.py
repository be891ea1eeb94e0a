"""The pose library's page: found by words, edited in a dialog, every change with its reason."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from services.pose_library.editing import EditablePose
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices

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


def pose(services: FakeServices, pose_id: str) -> EditablePose:
    actor = services.people.local()
    return next(found for found in services.pose_editor.poses(actor) if found.card.id == pose_id)


def test_search_and_state_narrow_the_tiles(services: FakeServices, opened: Open) -> None:
    at = opened("pose_library")
    assert len(names(at)) == len(services.pose_library.items) - 1
    at.text_input(key="library_words").set_value("WAVING").run()
    assert "pose_waving" in names(at)
    assert "pose_running" not in names(at)
    at.text_input(key="library_words").set_value("")
    at.segmented_control(key="library_state").set_value("Archived").run()
    assert names(at) == {"pose_bowing"}
    assert "1 archived" in said(at)


def test_change_reaches_the_service_with_its_reason(services: FakeServices) -> None:
    at = dialog("pose_waving")
    before = pose(services, "pose_waving")
    at.text_input(key="name_pose_waving").set_value("Waving high")
    at.button(key="pose_waving_save").click().run()
    assert "Give a reason" in at.error[0].value
    assert not services.pose_editor.changes
    at.text_input(key="pose_waving_reason").set_value("clearer")
    at.button(key="pose_waving_save").click().run()
    ((what, pose_id, draft, reason),) = services.pose_editor.changes
    assert (what, pose_id, reason) == ("change", "pose_waving", "clearer")
    assert draft is not None
    assert (draft.name, draft.prompt) == ("Waving high", before.card.prompt)
    assert draft.position == before.position


def test_pose_is_archived_and_restored(services: FakeServices) -> None:
    for pose_id, label in (("pose_waving", "Archive"), ("pose_bowing", "Restore")):
        services.pose_library.items = [
            card if card.id != pose_id else _in_greeting(card)
            for card in services.pose_library.items
        ]
        at = dialog(pose_id)
        assert label in [button.label for button in at.button]
        at.text_input(key=f"{pose_id}_reason").set_value("why not")
        at.button(key=f"{pose_id}_other").click().run()
    assert [change[0] for change in services.pose_editor.changes] == ["archive", "restore"]


def test_new_pose_takes_keypoints_and_shows_them(services: FakeServices) -> None:
    at = dialog()
    at.text_input(key="name_new").set_value("Star")
    at.text_area(key="prompt_new").set_value("arms and legs spread like a star")
    at.segmented_control(key="new_source").set_value("Keypoints").run()
    at.text_area(key="new_keypoints").set_value("[[0.5, 0.5]]").run()
    assert "no skeleton" in at.error[0].value
    keypoints = json.dumps([[0.5, 0.5]] * 18)
    at.text_area(key="new_keypoints").set_value(keypoints).run()
    assert not at.error
    at.text_input(key="new_reason").set_value("wanted")
    at.button(key="new_save").click().run()
    assert services.pose_editor.changes[0][:2] == ("add", keypoints)


def test_new_pose_copies_a_skeleton(services: FakeServices) -> None:
    at = dialog()
    at.text_input(key="name_new").set_value("Star")
    at.selectbox(key="new_copied").set_value("pose_running").run()
    at.text_input(key="new_reason").set_value("wanted")
    at.button(key="new_save").click().run()
    assert services.pose_editor.changes[0][:2] == ("add", "pose_running")


def _in_greeting(card: Any) -> Any:
    return type(card)(card.id, card.name, "Greeting", card.prompt, card.skeleton)
