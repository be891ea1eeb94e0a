"""The overview tells support what stands still and what is missing, and others what to decide."""

import pytest

from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_causes_are_told_where_somebody_can_act(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    text = said(opened())
    assert "Stuck" in text and "Missing" in text
    assert "Redis lost the job" in text


def test_a_viewer_is_told_what_waits_for_a_decision(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    text = said(opened())
    assert "Action required" in text
    assert "Redis lost the job" not in text
