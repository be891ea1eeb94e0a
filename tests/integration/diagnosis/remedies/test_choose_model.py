"""Another model for slots whose model is gone: nothing is sent elsewhere before a person says so."""

import httpx
import pytest
from sqlalchemy import update

from services.core.states import GenerationState
from services.database.models import Slot
from services.diagnosis.cause import Severity
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup

SDXL = "stability-ai/sdxl"


def gone(setup: RemedySetup, count: int = 2) -> str:
    """A batch of poses whose model the provider no longer has."""
    faults = f"{setup.by_hand.studio.simulator_url}/_simulator/faults"
    match = {"provider": "replicate", "operation": "create"}
    rule = {"fault": "server_error", "status": 404, "times": None, "match": match}
    httpx.post(faults, json=[rule]).raise_for_status()
    generation = setup.by_hand.studio.start_poses(setup.mascot, count, "gone").generation_id
    assert setup.by_hand.finish(generation) is GenerationState.FAILED
    httpx.delete(faults).raise_for_status()
    return generation


def test_what_a_retired_model_owes_is_made_by_another_one(setup: RemedySetup) -> None:
    before = setup.by_hand.balance()
    generation = gone(setup)
    assert setup.by_hand.balance() == before
    slots = setup.by_hand.slots(generation)
    assert {slot.failure for slot in slots} == {"model_retired"}
    outcome = setup.apply_once("choose_model", slots[0].id, SDXL)
    assert outcome.after["model"] == SDXL
    assert setup.by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert {slot.model for slot in setup.by_hand.slots(generation)} == {SDXL}
    assert {run.model for run in setup.by_hand.runs(generation)[2:]} == {SDXL}
    assert setup.by_hand.balance() == before - 60
    setup.by_hand.studio.assert_sound(generation)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (None, "Name the model"),
        (" ", "Name the model"),
        ("fofr/consistent-character", "Name another one"),
        ("nobody/nothing", "has no nobody/nothing"),
        ("meta/sam-2", None),
        ("zsxkib/ic-light-background", None),
    ],
)
def test_a_model_that_is_of_no_use_is_refused(
    setup: RemedySetup, model: str | None, problem: str | None
) -> None:
    slot = setup.by_hand.slots(gone(setup))[0]
    dry_run = setup.dry_run("choose_model", slot.id, model)
    assert (dry_run.problem is None) is (problem is None)
    assert problem is None or problem in (dry_run.problem or "")


def test_a_slot_that_failed_for_another_reason_is_not_offered_it(setup: RemedySetup) -> None:
    slot = setup.by_hand.slots(gone(setup))[0]
    with setup.by_hand.context.database.transaction() as session:
        session.execute(update(Slot).values(failure="platform"))
    assert "not gone" in (setup.dry_run("choose_model", slot.id, SDXL).problem or "")


def test_the_verdict_names_model_setting_and_replacement(setup: RemedySetup) -> None:
    generation = gone(setup)
    seen = setup.services.diagnoses.diagnose(setup.actor, generation)
    finding = seen.verdict
    assert (finding.cause, finding.severity) == ("model_retired", Severity.ACT)
    assert "REPLICATE_POSE_MODEL" in finding.sentence
    assert "nothing was sent to another model" in finding.sentence
    assert finding.remedies[0].remedy_id == "choose_model"
