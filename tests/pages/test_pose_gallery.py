"""The poses form in gallery mode: tiles to tick, filters, a live price, and one start."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.poses.choices import PICKED
from services.container import Services
from services.core.states import Kind, Role, SlotRole
from services.database.models import Generation, Slot
from tests.pages.conftest import Open, drawn, said
from tests.pages.planting import filled_slot, generation_of, rows, set_role, set_rows
from tests.pages.seed import ARCHIVED_POSE, BOLD

TWO = ["pose_waving", "pose_running"]


def test_gallery_mode_comes_first_and_shows_every_pose(studio: Services, opened: Open) -> None:
    at = opened("poses")
    tiles = _tiles(at)
    assert [tile["id"] for tile in tiles] == [
        it.id for it in studio.pose_library.choices(studio.people.local())
    ]
    assert all(tile["is_drawing"] and tile["src"].startswith("/img/pose/") for tile in tiles)
    assert "0 chosen" in said(at)
    assert not at.text_area


def test_form_says_that_the_pose_is_sent_as_words(studio: Services, opened: Open) -> None:
    assert "uses the pose's description only." in said(opened("poses"))
    assert "control image" not in said(opened("poses", mode="Text"))


def test_price_follows_poses_and_pictures_of_each(studio: Services, opened: Open) -> None:
    at = _chosen(opened, TWO)
    assert "**2 pictures** · 60 credits · about \\$" in said(at)
    at.segmented_control(key="pose_batch").set_value(3).run()
    assert "**6 pictures** · 180 credits" in said(at)
    assert _button(at, "Make 6 pictures")
    assert "2 chosen" in said(at)


def test_start_makes_the_choice_in_the_order_of_choosing(studio: Services, opened: Open) -> None:
    at = _chosen(opened, TWO[::-1])
    at.text_input(key="pose_extra").set_value("in the rain").run()
    at.segmented_control(key="pose_batch").set_value(2).run()
    _button(at, "Make 4 pictures").click().run()
    assert not at.error
    started = generation_of(studio, title=f"{BOLD}: 2 poses × 2")
    text = said(at)
    assert started.id in text and "Waving \\u00b7 2" in text
    slots = rows(studio, Slot, Slot.generation_id == started.id)
    by_position = sorted(slots, key=lambda slot: slot.position)
    assert [slot.pose_id for slot in by_position] == [it for it in TWO[::-1] for _ in range(2)]
    assert all("in the rain" in slot.prompt for slot in slots)


def test_click_without_a_pose_says_what_is_missing(studio: Services, opened: Open) -> None:
    at = opened("poses")
    assert "**0 pictures** · 0 credits" in said(at)
    assert not at.error
    _button(at, "Make pictures").click().run()
    assert "No pose is chosen" in at.error[0].value
    assert len(rows(studio, Generation, Generation.kind == Kind.POSES)) == 1


@pytest.mark.parametrize(
    ("category", "words", "expected"),
    [
        ("Sport", "", {"pose_kicking", "pose_stretching", "pose_lunging", "pose_boxing"}),
        ("All", "WAV", {"pose_waving"}),
        ("Sport", "wav", set()),
    ],
)
def test_filters_narrow_the_tiles(
    studio: Services, opened: Open, category: str, words: str, expected: set[str]
) -> None:
    at = opened("poses")
    at.pills(key="pose_category").set_value(category).run()
    at.text_input(key="pose_words").set_value(words).run()
    shown = {tile["id"] for tile in _tiles(at)}
    assert expected <= shown
    assert ("No results" in said(at)) is (not shown)


def test_choice_outlives_a_filter_that_hides_it_until_it_is_cleared(
    studio: Services, opened: Open
) -> None:
    at = _chosen(opened, TWO)
    at.pills(key="pose_category").set_value("Moving").run()
    assert "2 chosen, 1 not shown" in said(at)
    at.button(key="pose_picked_clear").click().run()
    assert "0 chosen" in said(at)
    assert at.button(key="pose_picked_clear").disabled


def test_archived_pose_leaves_the_choice(studio: Services, opened: Open) -> None:
    at = _chosen(opened, [*TWO, ARCHIVED_POSE])
    assert at.session_state[PICKED] == TWO


@pytest.mark.parametrize(
    ("mode", "label"), [("Gallery", "Make pictures"), ("Text", "Make 4 poses")]
)
def test_viewer_may_not_start(studio: Services, opened: Open, mode: str, label: str) -> None:
    set_role(studio, Role.VIEWER)
    at = opened("poses", mode=mode)
    assert not at.exception and not at.error
    assert _button(at, label).disabled


def test_words_and_choice_survive_a_change_of_mode(studio: Services, opened: Open) -> None:
    at = _chosen(opened, TWO)
    at.segmented_control(key="mode").set_value("Text").run()
    at.text_area(key="pose_prompt").set_value("waving").run()
    at.segmented_control(key="mode").set_value("Gallery").run()
    assert "2 chosen" in said(at)
    at.segmented_control(key="mode").set_value("Text").run()
    assert at.text_area(key="pose_prompt").value == "waving"


def test_picture_page_names_the_pose(studio: Services, opened: Open) -> None:
    slot = filled_slot(studio, SlotRole.POSE)
    set_rows(studio, Slot, Slot.id == slot.id, pose_id="pose_waving")
    facts = [_data(element) for element in drawn(opened("picture", id=str(slot.asset_id)))]
    groups = [group for fact in facts for group in fact.get("groups", [])]
    rows_of = [row for group in groups for row in group["rows"]]
    pose = next(row for row in rows_of if row["label"] == "Pose")
    assert [element["text"] for element in pose["cells"][0]] == ["Waving"]


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
