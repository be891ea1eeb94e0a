"""References: verdicts, search, tags, undo, deleted ones, and what each role may do."""

import json
import re
import unicodedata
from typing import Any

import pytest
from PIL import ImageOps
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.errors import StorageError
from services.core.states import Role, SlotRole
from services.database.models import Asset, Reference
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.references.summaries import ReferenceQuery, Sort, Use
from tests.pages.conftest import Open, drawn, said, spied
from tests.pages.planting import audited, filled_slot, rows, set_role
from tests.pages.seed import FILES
from tests.unit.media.drawn import encoded, scene


def test_each_upload_gets_its_verdict(fresh_services: Services, opened: Open) -> None:
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
    # Files are stored side by side: either of the two is the first.
    assert re.search(r"Similar to (front|again)\.png, mirrored", text)
    assert "2 references" in text
    assert len(rows(fresh_services, Reference)) == 2


def test_plain_uploads_are_counted_below_the_refused_ones(
    fresh_services: Services, opened: Open
) -> None:
    at = opened("references")
    files = [(f"{n}.png", encoded(scene(n, 160, 120), "PNG"), "image/png") for n in range(9)]
    at.file_uploader[0].set_value([*files, ("words.png", b"%PDF", "image/png")]).run()
    lines = _data(at, "verdicts")["groups"][0]["rows"]
    assert len(lines) == 5
    assert lines[0]["cells"][0][0]["text"] == "Refused"
    assert lines[-1]["cells"][0][0]["text"] == "and 6 more files: 6 saved"


def test_every_failed_upload_is_shown_with_its_reason(
    fresh_services: Services, opened: Open
) -> None:
    at = opened("references")
    good = [
        (f"{number}.png", encoded(scene(number, 160, 120), "PNG"), "image/png")
        for number in range(3)
    ]
    bad = [(f"words{number}.pdf", b"%PDF", "application/pdf") for number in range(30)]
    at.file_uploader[0].set_value([*good, *bad]).run()
    cells = [line["cells"][0] for line in _data(at, "verdicts")["groups"][0]["rows"]]
    refused = [cell for cell in cells if cell[0]["text"] == "Refused"]
    assert len(refused) == 30 and all(cell[2]["text"] for cell in refused)


def test_upload_that_storage_does_not_take_keeps_its_verdict(
    fresh_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError(reason="the disk is full")

    monkeypatch.setattr(fresh_services.storage, "put", full)
    at = opened("references")
    files = [(f"{number}.png", encoded(scene(number), "PNG"), "image/png") for number in range(5)]
    at.file_uploader[0].set_value(files).run()
    at.run()
    text = said(at)
    assert text.count("Not stored: the storage did not take it (the disk is full)") == 5
    assert text.count("Send it again.") == 5


def test_upload_that_meets_a_fault_of_ours_keeps_its_verdict(
    fresh_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh_services.storage, "put", lambda *_: 1 / 0)
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
def test_name_in_any_script_is_kept(fresh_services: Services, opened: Open, name: str) -> None:
    at = opened("references")
    sent = unicodedata.normalize("NFD", name)
    at.file_uploader[0].set_value([(sent, encoded(scene(1), "PNG"), "")]).run()
    page = fresh_services.references.page(fresh_services.people.local(), DEFAULT_ACCOUNT_ID)
    assert [card.filename for card in page.items] == [name]


def test_camera_is_opened_only_when_it_is_chosen(studio: Services, opened: Open) -> None:
    at = opened("references")
    assert not at.get("camera_input")
    way: Any = at.get("button_group")[0]
    way.set_value("Camera").run()
    assert at.get("camera_input") and not at.get("file_uploader")


def test_filters_reach_the_service(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = spied(monkeypatch, studio.references, "page")
    studio.references.change_tags(studio.people.local(), _ids(studio)[:1], add=["front"])
    at = opened("references", use="Unused", sort="Sharpest first")
    at.text_input(key="name").set_value("front").run()
    at.selectbox(key="tag").set_value("front").run()
    query = ReferenceQuery(Sort.SHARPEST, "front", "front", Use.UNUSED)
    assert read[-1][-1]["query"] == query


def test_search_without_a_match_says_so(studio: Services, opened: Open) -> None:
    at = opened("references")
    at.text_input(key="name").set_value("no such name").run()
    assert "No results" in said(at)


def test_chosen_references_are_tagged(studio: Services, opened: Open) -> None:
    first, second = ids = _ids(studio)[:2]
    actor = studio.people.local()
    studio.references.change_tags(actor, ids, add=["old"])
    studio.references.change_tags(actor, [first], add=["one"])
    at = _selecting(opened, ids)
    assert "Some of them also have: one" in said(at)
    field = next(field for field in at.multiselect if field.label == "Tags")
    assert field.value == ["old"]
    field.set_value(["new"]).run()
    tags = {card.id: card.tags for card in studio.references.page(actor, DEFAULT_ACCOUNT_ID).items}
    assert (tags[first], tags[second]) == (("new", "one"), ("new",))


def test_deleted_references_are_restored_by_undo(studio: Services, opened: Open) -> None:
    at = _selecting(opened, _ids(studio)[1:3])
    at.button(key="delete_picked").click().run()
    assert len(_ids(studio)) == len(FILES) - 2
    assert "Deleted 2 references" in said(at)
    at.button(key="undo_delete").click().run()
    assert len(_ids(studio)) == len(FILES)
    assert "Deleted 2 references" not in said(at)


def test_undo_is_offered_for_some_minutes_only(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = _selecting(opened, _ids(studio)[:1])
    at.button(key="delete_picked").click().run()
    monkeypatch.setattr("pages.references.deleted.UNDO_SECONDS", -1.0)
    at.run()
    assert not [button for button in at.button if button.key == "undo_delete"]


def test_deleted_list_restores_what_is_chosen(studio: Services, opened: Open) -> None:
    at = _deleted(studio, opened)
    at.button(key="restore_picked").click().run()
    assert len(_ids(studio)) == len(FILES)
    assert "No deleted references" in said(at)


def test_erasing_asks_first_and_needs_a_reason(studio: Services, opened: Open) -> None:
    at = _deleted(studio, opened)
    at.button(key="erase_picked").click().run()
    assert "Not removed: " in said(at) and "pictures made from this" in said(at)
    at.button(key="confirm_erase").click().run()
    assert "Give a reason" in at.error[0].value
    assert not rows(studio, Reference, Reference.erased_at.is_not(None))
    at.button(key="erase_picked").click().run()
    at.text_input(key="erase_reason").set_value("requested by the customer")
    at.button(key="confirm_erase").click().run()
    (erased,) = rows(studio, Reference, Reference.erased_at.is_not(None))
    (asset,) = rows(studio, Asset, Asset.id == erased.asset_id)
    assert studio.storage.head(asset.storage_key) is None
    assert [reason for _, _, reason in audited(studio)][-1] == "requested by the customer"


@pytest.mark.parametrize("role", list(Role))
def test_viewer_sees_everything_and_changes_nothing(
    studio: Services, opened: Open, role: Role
) -> None:
    studio.references.delete_many(studio.people.local(), _ids(studio)[:1])
    set_role(studio, role)
    may_change = role is not Role.VIEWER
    saved, deleted = opened("references"), opened("references", show="Recently deleted")
    assert bool(saved.get("file_uploader")) is bool(saved.toggle) is may_change
    assert _tiles(saved, "reference_grid") and _tiles(deleted, "deleted_grid")
    keys = {button.key for button in deleted.button}
    assert (
        {"restore_picked", "erase_picked"} <= keys if may_change else "restore_picked" not in keys
    )


@pytest.mark.parametrize("role", list(Role))
def test_page_of_a_reference_shows_its_sharpness_and_use(
    studio: Services, opened: Open, role: Role
) -> None:
    turned = encoded(ImageOps.mirror(scene(1)), "PNG")
    person = studio.people.local()
    verdict = studio.reference_uploads.upload(person, DEFAULT_ACCOUNT_ID, "turned.png", turned)
    assert verdict.reference
    studio.references.change_tags(person, [verdict.reference.id], add=["Front"])
    set_role(studio, role)
    at = opened("picture", id=verdict.reference.asset_id)
    text = said(at)
    assert not at.exception and not at.error
    assert all(word in text for word in ("Sharp", FILES[1], "Mirrored", "Not used yet"))
    assert bool(at.multiselect) is (role is not Role.VIEWER)
    assert at.multiselect[0].value == ["front"] if at.multiselect else "Tags: front" in text


def test_erased_source_is_named_without_its_picture(studio: Services, opened: Open) -> None:
    actor, (source, *_) = studio.people.local(), _ids(studio)
    view = filled_slot(studio, SlotRole.REAR_VIEW)
    studio.references.delete_many(actor, [source])
    studio.reference_eraser.erase(actor, [source], "requested by the customer")
    at = opened("picture", id=str(view.asset_id))
    tile = _tiles(at, "parents_grid")[0]
    assert (tile["caption"], tile["src"], tile["href"]) == ("Erased reference", None, None)
    assert not at.toggle


def _selecting(opened: Open, ids: list[str]) -> AppTest:
    at = opened("references")
    at.toggle(key="selecting").set_value(True)
    at.session_state["picked_references"] = ids
    return at.run()


def _deleted(studio: Services, opened: Open) -> AppTest:
    """The deleted references, with the only one chosen, from which pictures were made."""
    gone = studio.references.delete_many(studio.people.local(), _ids(studio)[:1])
    at = opened("references", show="Recently deleted")
    at.session_state["picked_deleted"] = list(gone)
    return at.run()


def _ids(studio: Services) -> list[str]:
    """The saved references, in the order of FILES."""
    saved = rows(studio, Reference, Reference.deleted_at.is_(None))
    return [it.id for it in sorted(saved, key=lambda it: it.created_at)]


def _data(at: AppTest, key: str) -> dict[str, Any]:
    element = next(element for element in drawn(at) if element.key == key)
    return dict(json.loads(element.proto.json or element.proto.mixed.json))


def _tiles(at: AppTest, key: str) -> list[dict[str, Any]]:
    return list(_data(at, key)["sections"][0]["tiles"])
