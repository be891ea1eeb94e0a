"""Gallery, picture and references: pages, filters, verdicts."""

import io
import json
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from services.actors import Actor
from services.container import Services
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.gallery import GalleryPage
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices


def test_gallery_grows_page_by_page(desk: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    counts = [len(_tiles(at, "gallery_grid"))]
    while any(button.key == "load_older" for button in at.button):
        at.button(key="load_older").click().run()
        counts.append(len(_tiles(at, "gallery_grid")))
    assert counts == [60, 120, 130]
    assert "130 pictures" in said(at)


def test_gallery_shows_each_picture_once_when_new_ones_arrive(
    desk: FakeServices, opened: Open
) -> None:
    at = opened("gallery")
    at.button(key="load_older").click().run()
    ids = [tile["id"] for tile in _tiles(at, "gallery_grid")]
    assert len(ids) == len(set(ids)) == 120


def test_filter_without_pictures_says_so(desk: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    at.selectbox(key="mascot").set_value("none").run()
    assert "Nothing matches" in said(at)


def test_filter_stands_in_the_address(
    desk: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    page = desk.gallery.page

    def watched(actor: Actor, **named: Any) -> GalleryPage:
        asked.append(named)
        return page(actor, **named)

    monkeypatch.setattr(desk.gallery, "page", watched)
    opened("gallery", kind="Poses")
    assert asked[-1]["kind"].value == "poses"


def test_picture_tells_how_it_was_made(desk: FakeServices, opened: Open) -> None:
    told = said(opened("picture", id="ast_7"))
    for fact in ("4071223", "fofr/consistent-character", "27.8 s", "https://replicate.com/p/"):
        assert fact in told


def test_unknown_picture_is_told(desk: FakeServices, opened: Open) -> None:
    for query in ({"id": "nonsense"}, {}):
        at = opened("picture", **query)
        assert "There is no such picture" in said(at)
        assert not at.error


def test_uploads_get_a_verdict_each(real_desk: Services, opened: Open) -> None:
    at = opened("references")
    at.file_uploader[0].set_value(
        [
            ("red.png", _png("red"), "image/png"),
            ("again.png", _png("red"), "image/png"),
            ("text.jpg", b"just words", "image/jpeg"),
        ]
    )
    at.run()
    told = said(at)
    assert [word in told for word in ("Kept", "Known", "Refused")] == [True, True, True]
    assert "1 reference" in told
    actor = real_desk.people.local()
    assert real_desk.references.page(actor, DEFAULT_ACCOUNT_ID).total == 1


def test_chosen_references_are_deleted_after_a_question(desk: FakeServices, opened: Open) -> None:
    at = opened("references")
    doomed = [desk.references.items[0].id, desk.references.items[3].id]
    at.toggle(key="selecting").set_value(True)
    at.session_state["picked_references"] = doomed
    at.run()
    at.button(key="delete_picked").click().run()
    assert len(desk.references.items) == 11
    at.button(key="confirm_delete").click().run()
    assert len(desk.references.items) == 9
    assert not {card.id for card in desk.references.items} & set(doomed)


def _tiles(at: AppTest, key: str) -> list[dict[str, Any]]:
    grid = next(element for element in drawn(at) if element.key == key)
    tiles = json.loads(grid.proto.json or grid.proto.mixed.json)["sections"][0]["tiles"]
    return list(tiles)


def _png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 640), colour).save(out, "PNG")
    return out.getvalue()
