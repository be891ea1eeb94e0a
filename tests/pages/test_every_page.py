"""Every page opens for every role, with busy services, with empty ones, and on the real services."""

import pytest

from services.container import Services
from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices, overview

PAGES = (
    *("overview", "mascots", "poses", "training", "studio"),
    *("gallery", "references", "credits", "picture"),
)
TITLES = {page: page.capitalize() for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_page_opens_with_everything_in_it(
    services: FakeServices, opened: Open, page: str, role: Role
) -> None:
    services.people.role = role
    at = opened(page, id="ast_7") if page == "picture" else opened(page)
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_without_anything_in_it(services: FakeServices, opened: Open, page: str) -> None:
    services.overview.value = overview(is_quiet=True)
    services.generations.items.clear()
    services.gallery.total = 0
    services.references.items.clear()
    services.mascots.mascots.clear()
    services.trained_models.items.clear()
    at = opened(page)
    assert not at.exception
    assert not at.error
    assert at.title[0].value == TITLES[page]


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_on_the_real_services(real_services: Services, opened: Open, page: str) -> None:
    at = opened(page)
    assert not at.exception
    assert not at.error
    assert at.title[0].value == TITLES[page]


def test_viewer_may_not_start_or_upload(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    for page, label in (("poses", "Make 4 poses"), ("mascots", "Make 3 variations")):
        at = opened(page, mode="Text") if page == "poses" else opened(page)
        assert next(button for button in at.button if button.label == label).disabled
        assert "Ask an admin for the operator role" in said(at)
    at = opened("references")
    assert not at.get("file_uploader")
    assert "Decide" not in said(opened("poses"))


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_may_resume_a_provider(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    at = opened()
    labels = [button.label for button in at.button]
    assert ("Resume Replicate" in labels) is (role is Role.ADMIN)
    if role is Role.ADMIN:
        at.button(key="resume_replicate").click().run()
        assert "remedy_save" in [button.key for button in at.button]


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_edits_the_pose_library(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    at = opened("pose_library")
    assert not at.exception
    assert bool(at.error) is (role is not Role.ADMIN)
    assert ("Bowing" in said(at)) is False
    assert ("Waving" in said(at)) is (role is Role.ADMIN)


def test_pose_library_opens_on_the_real_services(real_services: Services, opened: Open) -> None:
    at = opened("pose_library")
    assert not at.exception
    assert not at.error
    assert at.title[0].value == "Pose library"
    assert "Waving" in said(at)


@pytest.mark.parametrize(
    ("which", "expected"), [("review", "Action required"), ("failed", "Failed")]
)
def test_number_opens_its_list(
    services: FakeServices, opened: Open, which: str, expected: str
) -> None:
    at = opened()
    at.session_state["listed"] = which
    at.run()
    assert expected in said(at)
    assert not at.exception
