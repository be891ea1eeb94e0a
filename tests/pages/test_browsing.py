"""Gallery and picture: pages and filters."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import GenerationState, Kind, SlotRole, SlotState
from services.database.models import Asset, Mascot
from services.storage.keys import thumbnail_key
from tests.integration.database.rows import add_generation
from tests.pages.conftest import Open, drawn, said, spied
from tests.pages.planting import filled_slot, rows, set_rows
from tests.pages.seed import OLGA


@pytest.fixture
def long_gallery(fresh_services: Services) -> None:
    """A gallery of 130 pictures."""
    with fresh_services.database.transaction() as session:
        slots = [(SlotRole.POSE, SlotState.FILLED)] * 130
        add_generation(session, Kind.POSES, slots, GenerationState.SUCCEEDED)
    set_rows(fresh_services, Asset, thumbnail_key=thumbnail_key("ab" * 32))


def test_gallery_is_turned_page_by_page_and_back(long_gallery: None, opened: Open) -> None:
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
    long_gallery: None, opened: Open
) -> None:
    at = opened("gallery")
    at.button(key="gallery_older").click().run()
    address = at.query_params["after"]
    assert _ids(opened("gallery", after=address)) == _ids(at)
    assert _ids(opened("gallery", after=address, kind="Poses")) != _ids(at)


def test_filter_without_pictures_says_so(studio: Services, opened: Open) -> None:
    at = opened("gallery")
    stuck = rows(studio, Mascot, Mascot.name == OLGA)[0]
    at.selectbox(key="mascot").set_value(stuck.id).run()
    assert "No results" in said(at)


def test_filter_is_in_the_address(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = spied(monkeypatch, studio.gallery, "page")
    opened("gallery", kind="Poses")
    assert read[-1][-1]["kind"] is Kind.POSES


def test_picture_shows_how_it_was_made(studio: Services, opened: Open) -> None:
    text = said(opened("picture", id=str(filled_slot(studio, SlotRole.POSE).asset_id)))
    facts = ("fofr/consistent-character", "23.1 s at the provider", "https://replicate.com/p/")
    assert [fact for fact in facts if fact not in text] == []
    assert "waving with both hands" in text


def test_missing_picture_says_so_and_leads_to_diagnose(studio: Services, opened: Open) -> None:
    lost = rows(studio, Asset, Asset.missing_at.is_not(None))[0]
    at = opened("picture", id=lost.id)
    assert "Picture missing" in said(at) and not at.get("imgs")
    assert [link.proto.label for link in at.get("page_link")] == ["Open Diagnose"]


def test_unknown_picture_is_explained(studio: Services, opened: Open) -> None:
    for query in ({"id": "nonsense"}, {}):
        at = opened("picture", **query)
        assert "No such picture" in said(at)
        assert not at.error


def _ids(at: AppTest) -> list[str]:
    grid = next(element for element in drawn(at) if element.key == "gallery_grid")
    data: dict[str, Any] = json.loads(grid.proto.json or grid.proto.mixed.json)
    return [tile["id"] for tile in data["sections"][0]["tiles"]]
