"""The overview tells support what stands still and what is missing, and others what to decide."""

import pytest

from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_causes_are_told_where_somebody_can_act(
    desk: FakeServices, opened: Open, role: Role
) -> None:
    desk.people.role = role
    told = said(opened())
    assert "Stuck" in told and "Missing" in told
    assert "Redis lost the job" in told


def test_a_viewer_is_told_what_waits_for_a_decision(desk: FakeServices, opened: Open) -> None:
    desk.people.role = Role.VIEWER
    told = said(opened())
    assert "Action required" in told
    assert "Redis lost the job" not in told
