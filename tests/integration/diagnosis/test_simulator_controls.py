"""Speed and faults of the simulator from the System page, with an audit row for each change."""

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Audit
from services.health.simulator_controls import UNREACHABLE, SimulatorControls
from simulator.faults import FaultName

ADMIN = Actor("per_local", "You", Role.ADMIN)
OPERATOR = Actor("per_2", "Olga", Role.OPERATOR)


@pytest.fixture
def controls(database: Database, simulator: str) -> SimulatorControls:
    return SimulatorControls(database, simulator)


def _audit(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        return [(row.actor, row.action) for row in session.scalars(select(Audit))]


def test_every_fault_of_the_simulator_can_be_chosen(controls: SimulatorControls) -> None:
    offered = {fault.value for fault in FaultName} - UNREACHABLE
    assert set(controls.view(ADMIN).fault_names) == offered


def test_a_fault_is_ordered_audited_and_cleared(
    controls: SimulatorControls, database: Database
) -> None:
    controls.order_fault(ADMIN, "throttle", 3, "replicate")
    (ordered,) = controls.view(ADMIN).ordered
    assert (ordered.name, ordered.provider, ordered.left) == ("throttle", "replicate", 3)
    controls.clear_faults(ADMIN)
    assert controls.view(ADMIN).ordered == ()
    assert _audit(database) == [
        ("per_local", "simulator.fault"),
        ("per_local", "simulator.clear_faults"),
    ]


def test_the_speed_is_set(controls: SimulatorControls) -> None:
    controls.set_speed(ADMIN, 5.0)
    assert controls.view(ADMIN).speed == 5.0
    controls.set_speed(ADMIN, 1.0)


@pytest.mark.parametrize("times", [0, 1001])
def test_a_foolish_number_of_times_is_refused(controls: SimulatorControls, times: int) -> None:
    with pytest.raises(InvalidRequestError):
        controls.order_fault(ADMIN, "throttle", times)


def test_what_the_simulator_refuses_is_not_audited(
    controls: SimulatorControls, database: Database
) -> None:
    with pytest.raises(InvalidRequestError, match="refused"):
        controls.order_fault(ADMIN, "earthquake", 1)
    assert _audit(database) == []


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:1"])
def test_without_a_simulator_there_is_a_sentence(database: Database, url: str | None) -> None:
    with pytest.raises(InvalidRequestError):
        SimulatorControls(database, url).view(ADMIN)


def test_an_operator_may_not_change_it(controls: SimulatorControls) -> None:
    with pytest.raises(NotAllowedError):
        controls.order_fault(OPERATOR, "throttle", 1)
    with pytest.raises(NotAllowedError):
        controls.view(OPERATOR)
