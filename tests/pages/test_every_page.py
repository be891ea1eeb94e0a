"""Every page opens for every role on a studio in use, and before anything was made."""

import pytest

from services.container import Services
from services.core.states import Role, SlotRole
from tests.pages.conftest import Open, said
from tests.pages.planting import filled_slot, set_role

PAGES = (
    *("overview", "mascots", "poses", "training", "studio"),
    *("gallery", "references", "credits", "picture"),
)
TITLES = {page: page.capitalize() for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_page_opens_on_a_studio_in_use(
    studio: Services, opened: Open, page: str, role: Role
) -> None:
    set_role(studio, role)
    asset_id = str(filled_slot(studio, SlotRole.POSE).asset_id)
    at = opened(page, id=asset_id) if page == "picture" else opened(page)
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_before_anything_was_made(
    fresh_services: Services, opened: Open, page: str
) -> None:
    at = opened(page)
    assert not at.exception
    assert not at.error
    assert at.title[0].value == TITLES[page]


def test_viewer_may_not_start_or_upload(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    for page, label in (("poses", "Make 4 poses"), ("mascots", "Make 3 variations")):
        at = opened(page, mode="Text") if page == "poses" else opened(page)
        assert next(button for button in at.button if button.label == label).disabled
        assert "Ask an admin for the operator role" in said(at)
    at = opened("references")
    assert not at.get("file_uploader")
    assert "Decide" not in said(opened("poses"))
