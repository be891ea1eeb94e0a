"""The overview shows operators what is stuck and missing, and viewers what to decide."""

import pytest

from services.container import Services
from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.planting import audited, set_role


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_causes_are_shown_to_those_who_can_act(studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    text = said(opened())
    assert "Stuck 6" in text and "Missing 2" in text
    assert "Never enqueued" in text


def test_a_viewer_sees_what_waits_for_a_decision(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    text = said(opened())
    assert "Action required" in text
    assert "Never enqueued" not in text


@pytest.mark.parametrize(
    ("which", "expected"), [("review", "Action required"), ("failed", "Failed")]
)
def test_a_number_opens_its_list(studio: Services, opened: Open, which: str, expected: str) -> None:
    at = opened()
    at.session_state["listed"] = which
    at.run()
    assert expected in said(at)
    assert not at.exception


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_may_resume_a_provider(studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    at = opened()
    labels = [button.label for button in at.button]
    assert ("Resume Replicate" in labels) is (role is Role.ADMIN)
    if role is Role.ADMIN:
        at.button(key="resume_replicate").click().run()
        at.text_input(key="remedy_reason").set_value("funds added")
        at.button(key="remedy_save").click().run()
        assert audited(studio) == [("remedy.resume_provider", "replicate", "funds added")]
        assert "Resume Replicate" not in [button.label for button in opened().button]
