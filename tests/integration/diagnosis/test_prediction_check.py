"""Whether the token sees the predictions sent from here: ours, another account's, deleted, simulated."""

import secrets

import httpx
import pytest
from sqlalchemy import select, update

from services.core.states import Kind
from services.database.engine import Database
from services.database.models import Attempt, Run
from services.health.check import CheckStatus, CheckUpTargets
from services.providers.base import PictureRequest, PredictionProvider
from tests.integration.credits.attempt_rows import add_attempt
from tests.integration.diagnosis.conftest import MakeTargets, check

NAME = "Replicate's newest predictions"


@pytest.fixture
def targets(make_targets: MakeTargets, database: Database) -> CheckUpTargets:
    """Its provider is not known to be the simulator."""
    return make_targets(ATELIER_SIMULATOR_URL=None)


def order(
    targets: CheckUpTargets,
    *,
    is_known: bool,
    fingerprint: str | None = None,
    kind: Kind = Kind.POSES,
) -> None:
    """One prediction sent from here, that the provider knows or does not."""
    prediction_id = _created(targets) if is_known else secrets.token_hex(13)
    with targets.transaction() as session:
        made = add_attempt(session, kind, estimated=0.04)
        runs = select(Run.id).where(Run.generation_id == made.id)
        recorded = {"prediction_id": prediction_id, "token_fingerprint": fingerprint}
        session.execute(update(Attempt).where(Attempt.run_id.in_(runs)).values(recorded))


def _created(targets: CheckUpTargets) -> str:
    provider = targets.providers["replicate"]
    assert isinstance(provider, PredictionProvider)
    request = PictureRequest("stability-ai/sdxl", "a fox", 7)
    return provider.create(provider.prepare(request)).id


def test_nothing_ordered_is_well(targets: CheckUpTargets) -> None:
    assert check(targets, NAME).status is CheckStatus.OK


def test_predictions_that_the_token_sees_are_well(targets: CheckUpTargets) -> None:
    order(targets, is_known=False)
    for _ in range(2):
        order(targets, is_known=True)
    assert check(targets, NAME).finding == "The token sees the newest 2 of our predictions."


@pytest.mark.parametrize(
    ("made_with", "reason"),
    [
        (None, "another account's token was set."),
        ("another", "They were created with a token that is not set now."),
        ("ours", "so they were deleted there."),
    ],
)
def test_predictions_of_another_account_fail_with_whose_the_token_is(
    targets: CheckUpTargets, made_with: str | None, reason: str
) -> None:
    fingerprint = targets.fingerprints["replicate"] if made_with == "ours" else made_with
    for _ in range(2):
        order(targets, is_known=False, fingerprint=fingerprint)
    answered = check(targets, NAME)
    assert answered.status is CheckStatus.FAILED
    assert "The token belongs to atelier-simulator" in answered.finding
    assert "are unknown to it" in answered.finding and answered.finding.endswith(reason)
    assert ("REPLICATE_API_TOKEN" in str(answered.fix)) is (made_with != "ours")


def test_a_token_changed_in_between_is_a_warning(targets: CheckUpTargets) -> None:
    order(targets, is_known=False)
    order(targets, is_known=True)
    assert check(targets, NAME).status is CheckStatus.WARNING


def test_trainings_are_not_asked_for_as_predictions(targets: CheckUpTargets) -> None:
    order(targets, is_known=False, kind=Kind.TRAINING)
    assert check(targets, NAME).status is CheckStatus.OK


def test_a_simulator_that_began_anew_is_no_fault(
    make_targets: MakeTargets, database: Database
) -> None:
    targets = make_targets()
    order(targets, is_known=False)
    assert check(targets, NAME).finding.startswith("Simulated:")


def test_a_refused_token_leaves_it_unknown(targets: CheckUpTargets, simulator: str) -> None:
    order(targets, is_known=True)
    rule = {"fault": "unauthorized", "match": {"provider": "replicate"}, "times": 1}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()
    assert check(targets, NAME).status is CheckStatus.UNKNOWN
