"""References: verdicts, search, tags, undo, the bin, and what each role may do."""

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from PIL import ImageOps
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.errors import StorageError
from services.core.states import Role
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.gallery.picture import PictureDetail
from services.references.summaries import ReferenceQuery, Sort, Use
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices
from tests.unit.media.drawn import encoded, scene


def test_each_upload_gets_its_verdict(real_services: Services, opened: Open) -> None:
    at = opened("references")
    at.file_uploader[0].set_value(
        [
            ("front.png", encoded(scene(1), "PNG"), "image/png"),
            ("again.png", encoded(scene(1), "PNG"), "image/png"),
            ("turned.jpg", encoded(ImageOps.mirror(scene(1)), "JPEG"), "image/jpeg"),
            ("text.jpg", b"just words", "image/jpeg"),
        ]
    )
    at.run()
    text = said(at)
    assert [word in text for word in ("Saved", "Duplicate", "Refused")] == [True, True, True]
    assert "Similar to front.png, mirrored" in text
    assert "2 references" in text
    actor = real_services.people.local()
    assert real_services.references.page(actor, DEFAULT_ACCOUNT_ID).total == 2


def test_only_the_number_of_plain_uploads_is_shown(services: FakeServices, opened: Open) -> None:
    at = opened("references")
    files = [(f"{number}.png", b"picture", "image/png") for number in range(30)]
    at.file_uploader[0].set_value([*files, ("words.png", b"%PDF", "image/png")]).run()
    lines = _data(at, "verdicts")["groups"][0]["rows"]
    assert len(lines) == 5
    assert lines[0]["cells"][0][0]["text"] == "Refused"
    assert lines[-1]["cells"][0][0]["text"] == "and 27 more files: 27 saved"


def test_every_failed_upload_is_shown_with_its_reason(services: FakeServices, opened: Open) -> None:
    at = opened("references")
    good = [(f"{number}.png", b"picture", "image/png") for number in range(3)]
    bad = [(f"words{number}.pdf", b"%PDF", "application/pdf") for number in range(30)]
    at.file_uploader[0].set_value([*good, *bad]).run()
    cells = [line["cells"][0] for line in _data(at, "verdicts")["groups"][0]["rows"]]
    refused = [cell for cell in cells if cell[0]["text"] == "Refused"]
    assert len(refused) == 30 and all(cell[2]["text"] for cell in refused)


def test_upload_that_storage_does_not_take_keeps_its_verdict(
    real_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError(reason="the disk is full")

    monkeypatch.setattr(real_services.storage, "put", full)
    at = opened("references")
    files = [(f"{number}.png", encoded(scene(number), "PNG"), "image/png") for number in range(5)]
    at.file_uploader[0].set_value(files).run()
    at.run()
    text = said(at)
    assert text.count("Not stored: the storage did not take it (the disk is full)") == 5
    assert text.count("Send it again.") == 5


def test_upload_that_meets_a_fault_of_ours_keeps_its_verdict(
    real_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_services.storage, "put", lambda *_: 1 / 0)
    at = opened("references")
    at.file_uploader[0].set_value([("a.png", encoded(scene(1), "PNG"), "image/png")]).run()
    at.run()
    assert "something unexpected went wrong. Send it again." in said(at)


@pytest.mark.parametrize(
    "name",
    [
        "صورة العائلة.jpg",
        "תמונה.png",
        "👩‍👩‍👧 Ferien 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "Ä" * 120,
        "无扩展名",
        "می‌خواهم.webp",
    ],
)
def test_name_in_any_script_is_kept(real_services: Services, opened: Open, name: str) -> None:
    at = opened("references")
    sent = unicodedata.normalize("NFD", name)
    at.file_uploader[0].set_value([(sent, encoded(scene(1), "PNG"), "")]).run()
    page = real_services.references.page(real_services.people.local(), DEFAULT_ACCOUNT_ID)
    assert [card.filename for card in page.items] == [name]


def test_camera_is_asked_for_only_when_it_is_chosen(services: FakeServices, opened: Open) -> None:
    at = opened("references")
    assert not at.get("camera_input")
    way: Any = at.get("button_group")[0]
    way.set_value("Camera").run()
    assert at.get("camera_input") and not at.get("file_uploader")


def test_filters_reach_the_service(services: FakeServices, opened: Open) -> None:
    services.references.items[0] = replace(services.references.items[0], tags=("front",))
    at = opened("references", use="Unused", sort="Sharpest first")
    at.text_input(key="name").set_value("front").run()
    at.selectbox(key="tag").set_value("front").run()
    wanted = ReferenceQuery(Sort.SHARPEST, "front", "front", Use.UNUSED)
    assert services.references.asked[-1] == wanted


def test_search_without_a_hit_says_so(services: FakeServices, opened: Open) -> None:
    at = opened("references")
    at.text_input(key="name").set_value("no such name").run()
    assert "No results" in said(at)


def test_chosen_references_are_tagged(services: FakeServices, opened: Open) -> None:
    services.references.items[0] = replace(services.references.items[0], tags=("old", "one"))
    services.references.items[1] = replace(services.references.items[1], tags=("old",))
    ids = [card.id for card in services.references.items[:2]]
    at = _selecting(opened, ids)
    assert "Some of them also have: one" in said(at)
    field = next(field for field in at.multiselect if field.label == "Tags")
    assert field.value == ["old"]
    field.set_value(["new"]).run()
    assert [card.tags for card in services.references.items[:2]] == [("new", "one"), ("new",)]


def test_deleted_references_come_back_with_undo(services: FakeServices, opened: Open) -> None:
    doomed = [services.references.items[0].id, services.references.items[3].id]
    at = _selecting(opened, doomed)
    at.button(key="delete_picked").click().run()
    assert len(services.references.items) == 9
    assert "Deleted 2 references" in said(at)
    at.button(key="undo_delete").click().run()
    assert len(services.references.items) == 11
    assert "Deleted 2 references" not in said(at)


def test_undo_is_offered_for_some_minutes_only(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = _selecting(opened, [services.references.items[0].id])
    at.button(key="delete_picked").click().run()
    monkeypatch.setattr("pages.references.deleted.UNDO_SECONDS", -1.0)
    at.run()
    assert not [button for button in at.button if button.key == "undo_delete"]


def test_bin_restores_what_is_chosen(services: FakeServices, opened: Open) -> None:
    at = _bin(services, opened)
    at.button(key="restore_picked").click().run()
    assert len(services.references.items) == 11
    assert "No deleted references" in said(at)


def test_erasing_asks_first_and_wants_a_reason(services: FakeServices, opened: Open) -> None:
    at = _bin(services, opened)
    at.button(key="erase_picked").click().run()
    assert "Not removed: 3 pictures" in said(at)
    at.button(key="confirm_erase").click().run()
    assert "Give a reason" in at.error[0].value
    assert len(services.references.deleted) == 1
    at.button(key="erase_picked").click().run()
    at.text_input(key="erase_reason").set_value("asked by the customer")
    at.button(key="confirm_erase").click().run()
    assert (services.references.reasons, services.references.deleted) == (
        ["asked by the customer"],
        [],
    )


@pytest.mark.parametrize("role", list(Role))
def test_viewer_sees_everything_and_changes_nothing(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.references.delete_many(services.people.local(), [services.references.items[0].id])
    services.people.role = role
    may_change = role is not Role.VIEWER
    kept, deleted = opened("references"), opened("references", show="Recently deleted")
    assert bool(kept.get("file_uploader")) is bool(kept.toggle) is may_change
    assert _tiles(kept, "reference_grid") and _tiles(deleted, "deleted_grid")
    keys = {button.key for button in deleted.button}
    assert (
        {"restore_picked", "erase_picked"} <= keys if may_change else "restore_picked" not in keys
    )


@pytest.mark.parametrize("role", list(Role))
def test_page_of_a_reference_tells_its_sharpness_and_use(
    real_services: Services, opened: Open, role: Role
) -> None:
    person = real_services.people.local()
    for name, picture in (("front.png", scene(1)), ("turned.png", ImageOps.mirror(scene(1)))):
        verdict = real_services.reference_uploads.upload(
            person, DEFAULT_ACCOUNT_ID, name, encoded(picture, "PNG")
        )
    assert verdict.reference
    real_services.references.change_tags(person, [verdict.reference.id], add=["Front"])
    object.__setattr__(real_services.people, "local", lambda: replace(person, role=role))
    at = opened("picture", id=verdict.reference.asset_id)
    text = said(at)
    assert not at.exception and not at.error
    assert all(word in text for word in ("Sharp", "front.png", "Mirrored", "Not used yet"))
    assert bool(at.multiselect) is (role is not Role.VIEWER)
    assert at.multiselect[0].value == ["front"] if at.multiselect else "Tags: front" in text


def test_erased_parent_is_named_without_its_picture(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = services.gallery.picture(services.people.local(), "ast_7")
    parent = replace(picture.parents[0], title="Erased reference", is_erased=True)
    changed: PictureDetail = replace(picture, parents=(parent,))
    monkeypatch.setattr(services.gallery, "picture", lambda actor, asset_id: changed)
    tile = _tiles(opened("picture", id="ast_7"), "parents_grid")[0]
    assert (tile["caption"], tile["src"], tile["href"]) == ("Erased reference", None, None)


def _selecting(opened: Open, ids: list[str]) -> AppTest:
    at = opened("references")
    at.toggle(key="selecting").set_value(True)
    at.session_state["picked_references"] = ids
    return at.run()


def _bin(services: FakeServices, opened: Open) -> AppTest:
    gone = services.references.delete_many(
        services.people.local(), [services.references.items[0].id]
    )
    at = opened("references", show="Recently deleted")
    at.session_state["picked_deleted"] = list(gone)
    return at.run()


def _data(at: AppTest, key: str) -> dict[str, Any]:
    element = next(element for element in drawn(at) if element.key == key)
    return dict(json.loads(element.proto.json or element.proto.mixed.json))


def _tiles(at: AppTest, key: str) -> list[dict[str, Any]]:
    return list(_data(at, key)["sections"][0]["tiles"])
