"""Whether the token sees what this desk ordered: ours, another account's, deleted, simulated."""

import secrets

import httpx
import pytest
from sqlalchemy import select, update

from services.core.states import Kind
from services.database.engine import Database
from services.database.models import Attempt, Run
from services.health.check import CheckStatus
from services.health.system_under_check import House
from services.providers.base import PictureRequest, PredictionProvider
from tests.integration.credits.attempt_rows import add_attempt
from tests.integration.diagnosis.conftest import MakeHouse, check

NAME = "Replicate's newest predictions"


@pytest.fixture
def house(make_house: MakeHouse, database: Database) -> House:
    """Its provider is not known to be the simulator."""
    return make_house(ATELIER_SIMULATOR_URL=None)


def order(
    house: House, *, is_known: bool, fingerprint: str | None = None, kind: Kind = Kind.POSES
) -> None:
    """One prediction of this desk, that the provider knows or does not."""
    prediction_id = _created(house) if is_known else secrets.token_hex(13)
    with house.transaction() as session:
        made = add_attempt(session, kind, estimated=0.04)
        runs = select(Run.id).where(Run.generation_id == made.id)
        told = {"prediction_id": prediction_id, "token_fingerprint": fingerprint}
        session.execute(update(Attempt).where(Attempt.run_id.in_(runs)).values(told))


def _created(house: House) -> str:
    provider = house.providers["replicate"]
    assert isinstance(provider, PredictionProvider)
    request = PictureRequest("stability-ai/sdxl", "a fox", 7)
    return provider.create(provider.prepare(request)).id


def test_nothing_ordered_is_well(house: House) -> None:
    assert check(house, NAME).status is CheckStatus.OK


def test_predictions_that_the_token_sees_are_well(house: House) -> None:
    order(house, is_known=False)
    for _ in range(2):
        order(house, is_known=True)
    assert check(house, NAME).finding == "The token sees the newest 2 of this desk's predictions."


@pytest.mark.parametrize(
    ("made_with", "reason"),
    [
        (None, "another account's token was set."),
        ("another", "They were ordered with a token that is not set now."),
        ("ours", "so they were deleted there."),
    ],
)
def test_predictions_of_another_account_fail_with_whose_the_token_is(
    house: House, made_with: str | None, reason: str
) -> None:
    fingerprint = house.fingerprints["replicate"] if made_with == "ours" else made_with
    for _ in range(2):
        order(house, is_known=False, fingerprint=fingerprint)
    answered = check(house, NAME)
    assert answered.status is CheckStatus.FAILED
    assert "The token belongs to atelier-simulator" in answered.finding
    assert "are unknown to it" in answered.finding and answered.finding.endswith(reason)
    assert ("REPLICATE_API_TOKEN" in str(answered.fix)) is (made_with != "ours")


def test_a_token_changed_in_between_is_a_warning(house: House) -> None:
    order(house, is_known=False)
    order(house, is_known=True)
    assert check(house, NAME).status is CheckStatus.WARNING


def test_trainings_are_not_asked_for_as_predictions(house: House) -> None:
    order(house, is_known=False, kind=Kind.TRAINING)
    assert check(house, NAME).status is CheckStatus.OK


def test_a_simulator_that_began_anew_is_no_fault(make_house: MakeHouse, database: Database) -> None:
    house = make_house()
    order(house, is_known=False)
    assert check(house, NAME).finding.startswith("Simulated:")


def test_a_refused_token_leaves_it_unknown(house: House, simulator: str) -> None:
    order(house, is_known=True)
    rule = {"fault": "unauthorized", "match": {"provider": "replicate"}, "times": 1}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()
    assert check(house, NAME).status is CheckStatus.UNKNOWN
