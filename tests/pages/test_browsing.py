"""Gallery and picture: pages and filters."""

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.core.actors import Actor
from services.gallery.gallery import GalleryPage
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices


def test_gallery_grows_page_by_page(services: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    counts = [len(_tiles(at, "gallery_grid"))]
    while any(button.key == "load_older" for button in at.button):
        at.button(key="load_older").click().run()
        counts.append(len(_tiles(at, "gallery_grid")))
    assert counts == [60, 120, 130]
    assert "130 pictures" in said(at)


def test_gallery_shows_each_picture_once_when_new_ones_arrive(
    services: FakeServices, opened: Open
) -> None:
    at = opened("gallery")
    at.button(key="load_older").click().run()
    ids = [tile["id"] for tile in _tiles(at, "gallery_grid")]
    assert len(ids) == len(set(ids)) == 120


def test_filter_without_pictures_says_so(services: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    at.selectbox(key="mascot").set_value("none").run()
    assert "No results" in said(at)


def test_filter_stands_in_the_address(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    page = services.gallery.page

    def watched(actor: Actor, **named: Any) -> GalleryPage:
        asked.append(named)
        return page(actor, **named)

    monkeypatch.setattr(services.gallery, "page", watched)
    opened("gallery", kind="Poses")
    assert asked[-1]["kind"].value == "poses"


def test_picture_tells_how_it_was_made(services: FakeServices, opened: Open) -> None:
    text = said(opened("picture", id="ast_7"))
    for fact in ("4071223", "fofr/consistent-character", "27.8 s", "https://replicate.com/p/"):
        assert fact in text


def test_missing_picture_says_so_and_leads_to_diagnose(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = services.gallery.picture
    monkeypatch.setattr(
        services.gallery,
        "picture",
        lambda actor, asset_id: replace(read(actor, asset_id), is_missing=True),
    )
    at = opened("picture", id=f"ast_{1:026d}")
    assert "Picture missing" in said(at) and not at.get("imgs")


def test_unknown_picture_is_told(services: FakeServices, opened: Open) -> None:
    for query in ({"id": "nonsense"}, {}):
        at = opened("picture", **query)
        assert "No such picture" in said(at)
        assert not at.error


def _tiles(at: AppTest, key: str) -> list[dict[str, Any]]:
    grid = next(element for element in drawn(at) if element.key == key)
    tiles = json.loads(grid.proto.json or grid.proto.mixed.json)["sections"][0]["tiles"]
    return list(tiles)
