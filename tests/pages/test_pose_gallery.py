"""The poses form in gallery mode: tiles to tick, filters, a live price, and one start."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from pages.poses.choices import PICKED
from services.container import Services
from services.core.states import Role
from services.database.models import Slot
from services.recipes.poses.request import PoseMode
from tests.factories import finished_mascot
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices

TWO = ["pose_waving", "pose_running"]


def test_gallery_mode_comes_first_and_shows_every_pose(
    services: FakeServices, opened: Open
) -> None:
    at = opened("poses")
    tiles = _tiles(at)
    assert [tile["id"] for tile in tiles] == [pose.id for pose in services.pose_library.items]
    assert all(tile["is_drawing"] and tile["src"].startswith("/img/pose/") for tile in tiles)
    assert "0 chosen" in said(at)
    assert not at.text_area


def test_form_says_that_the_pose_is_sent_as_words(services: FakeServices, opened: Open) -> None:
    assert "The model uses the pose's description only." in said(opened("poses"))
    assert "control image" not in said(opened("poses", mode="Text"))


def test_price_follows_poses_and_pictures_of_each(services: FakeServices, opened: Open) -> None:
    at = _chosen(opened, TWO)
    assert "**2 pictures** · 60 credits · about \\$0.10" in said(at)
    at.segmented_control(key="pose_batch").set_value(3).run()
    assert "**6 pictures** · 180 credits" in said(at)
    assert _button(at, "Make 6 pictures")
    assert "2 chosen" in said(at)


def test_start_sends_the_choice_in_the_order_of_choosing(
    services: FakeServices, opened: Open
) -> None:
    at = _chosen(opened, TWO[::-1])
    at.text_input(key="pose_extra").set_value("in the rain").run()
    _button(at, "Make 2 pictures").click().run()
    request, _ = services.poses.starts[0]
    assert (request.mode, request.pose_ids) == (PoseMode.GALLERY, tuple(TWO[::-1]))
    assert (request.prompt, request.batch_size) == ("in the rain", 1)
    assert "gen_new" in said(at)


def test_click_without_a_pose_says_what_is_missing(services: FakeServices, opened: Open) -> None:
    at = opened("poses")
    assert "**0 pictures** · 0 credits" in said(at)
    assert not at.error
    _button(at, "Make pictures").click().run()
    assert "No pose is chosen" in at.error[0].value
    assert not services.poses.starts


@pytest.mark.parametrize(
    ("category", "words", "expected"),
    [
        ("Sport", "", {"pose_kicking", "pose_stretching", "pose_lunging", "pose_boxing"}),
        ("All", "WAV", {"pose_waving"}),
        ("Sport", "wav", set()),
    ],
)
def test_filters_narrow_the_tiles(
    services: FakeServices, opened: Open, category: str, words: str, expected: set[str]
) -> None:
    at = opened("poses")
    at.pills(key="pose_category").set_value(category).run()
    at.text_input(key="pose_words").set_value(words).run()
    shown = {tile["id"] for tile in _tiles(at)}
    assert expected <= shown
    assert ("No results" in said(at)) is (not shown)


def test_choice_outlives_a_filter_that_hides_it_until_it_is_cleared(
    services: FakeServices, opened: Open
) -> None:
    at = _chosen(opened, TWO)
    at.pills(key="pose_category").set_value("Moving").run()
    assert "2 chosen, 1 not shown" in said(at)
    at.button(key="pose_picked_clear").click().run()
    assert "0 chosen" in said(at)
    assert at.button(key="pose_picked_clear").disabled


def test_archived_pose_leaves_the_choice(services: FakeServices, opened: Open) -> None:
    at = _chosen(opened, [*TWO, "pose_gone"])
    assert at.session_state[PICKED] == TWO


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("mode", ["Gallery", "Text"])
def test_both_modes_open_for_every_role_and_a_viewer_may_not_start(
    services: FakeServices, opened: Open, role: Role, mode: str
) -> None:
    services.people.role = role
    at = opened("poses", mode=mode)
    assert not at.exception
    assert not at.error
    label = "Make pictures" if mode == "Gallery" else "Make 4 poses"
    assert _button(at, label).disabled is (role is Role.VIEWER)


def test_words_and_choice_survive_a_change_of_mode(services: FakeServices, opened: Open) -> None:
    at = _chosen(opened, TWO)
    at.segmented_control(key="mode").set_value("Text").run()
    at.text_area(key="pose_prompt").set_value("waving").run()
    at.segmented_control(key="mode").set_value("Gallery").run()
    assert "2 chosen" in said(at)
    at.segmented_control(key="mode").set_value("Text").run()
    assert at.text_area(key="pose_prompt").value == "waving"


def test_picture_page_names_the_pose(services: FakeServices, opened: Open) -> None:
    facts = [_data(element) for element in drawn(opened("picture", id="ast_7"))]
    groups = [group for fact in facts for group in fact.get("groups", [])]
    rows = [row for group in groups for row in group["rows"]]
    pose = next(row for row in rows if row["label"] == "Pose")
    assert [element["text"] for element in pose["cells"][0]] == ["Waving"]


def test_start_on_the_real_services_fills_the_batch_with_named_slots(
    real_services: Services, opened: Open
) -> None:
    finished_mascot(real_services)
    at = _chosen(opened, TWO)
    assert "uses the pose's description only" in said(at)
    at.segmented_control(key="pose_batch").set_value(2).run()
    _button(at, "Make 4 pictures").click().run()
    assert not at.error
    text = said(at)
    assert "Fennel: 2 poses \\u00d7 2" in text
    assert "Waving \\u00b7 2" in text
    with real_services.database.transaction() as session:
        started = select(Slot.pose_id).where(Slot.pose_id.is_not(None)).order_by(Slot.position)
        assert session.scalars(started).all() == [pose for pose in TWO for _ in range(2)]


def _chosen(opened: Open, poses: list[str]) -> AppTest:
    at = opened("poses")
    at.session_state[PICKED] = poses
    return at.run()


def _tiles(at: AppTest) -> list[dict[str, Any]]:
    grid = next(data for data in map(_data, drawn(at)) if data.get("label") == "Poses")
    return [tile for section in grid["sections"] for tile in section["tiles"]]


def _data(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(element.proto.json or element.proto.mixed.json)
    return found


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
