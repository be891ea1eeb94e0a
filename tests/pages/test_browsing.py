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


def test_gallery_is_turned_page_by_page_and_back(services: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    assert "130 pictures" in said(at)
    pages = [_ids(at)]
    while not at.button(key="gallery_older").disabled:
        at.button(key="gallery_older").click().run()
        pages.append(_ids(at))
    assert [len(page) for page in pages] == [60, 60, 10]
    assert len({tile for page in pages for tile in page}) == 130
    at.button(key="gallery_newer").click().run()
    assert _ids(at) == pages[1]
    at.button(key="gallery_newer").click().run()
    assert _ids(at) == pages[0] and "after" not in at.query_params


def test_gallery_page_is_in_the_address_and_only_for_its_filter(
    services: FakeServices, opened: Open
) -> None:
    at = opened("gallery")
    at.button(key="gallery_older").click().run()
    address = at.query_params["after"]
    assert _ids(opened("gallery", after=address)) == _ids(at)
    assert _ids(opened("gallery", after=address, kind="Poses")) != _ids(at)


def test_filter_without_pictures_says_so(services: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    at.selectbox(key="mascot").set_value("none").run()
    assert "No results" in said(at)


def test_filter_is_in_the_address(
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


def test_unknown_picture_is_explained(services: FakeServices, opened: Open) -> None:
    for query in ({"id": "nonsense"}, {}):
        at = opened("picture", **query)
        assert "No such picture" in said(at)
        assert not at.error


def _ids(at: AppTest) -> list[str]:
    return [tile["id"] for tile in _tiles(at, "gallery_grid")]


def _tiles(at: AppTest, key: str) -> list[dict[str, Any]]:
    grid = next(element for element in drawn(at) if element.key == key)
    tiles = json.loads(grid.proto.json or grid.proto.mixed.json)["sections"][0]["tiles"]
    return list(tiles)
