"""Overview: stuck and missing for operators, decisions for viewers."""

import pytest

from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_causes_are_listed_for_those_who_can_act(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    text = said(opened())
    assert "Stuck" in text and "Missing" in text
    assert "Redis lost the job" in text


def test_a_viewer_sees_what_waits_for_a_decision(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    text = said(opened())
    assert "Action required" in text
    assert "Redis lost the job" not in text
