"""The views of simulations: the guide's columns and words, scenarios and consents."""

import pytest
from sqlalchemy import func

from services.core.states import GenerationState, Kind, SlotRole, SlotState
from services.database.engine import Database
from services.database.models import Consent, Simulation, new_id
from services.database.read_only.reader import run_readonly
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID, SCENARIOS
from tests.integration.database.rows import add_asset, add_generation

REAR, SIDE = SlotRole.REAR_VIEW, SlotRole.SIDE_VIEW
SCENARIO = "projection-level-2"


def add_simulation(
    database: Database,
    state: GenerationState,
    side: SlotState = SlotState.FAILED,
    *,
    is_erased: bool = False,
) -> str:
    """A simulation with a filled rear view; returns its generation's id."""
    with database.transaction() as session:
        made = add_generation(
            session, Kind.SIMULATIONS, [(REAR, SlotState.FILLED), (SIDE, side)], state
        )
        original = add_asset(session, "original.png")
        original.deleted_at = func.clock_timestamp() if is_erased else None
        consent = Consent(
            id=new_id("con"),
            account_id=DEFAULT_ACCOUNT_ID,
            asset_id=original.id,
            wording_version="2026-11",
            given_by=LOCAL_PERSON_ID,
        )
        session.add(consent)
        session.flush()
        session.add(
            Simulation(
                generation_id=made.generation.id,
                original_asset_id=original.id,
                scenario_id=SCENARIO,
                scenario_version=1,
                strength=0.5,
                steps=30,
                consent_id=consent.id,
            )
        )
        return made.generation.id


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (GenerationState.QUEUED, "queued"),
        (GenerationState.RUNNING, "processing"),
        (GenerationState.NEEDS_REVIEW, "processing"),
        (GenerationState.SUCCEEDED, "completed"),
        (GenerationState.PARTIAL, "completed"),
        (GenerationState.FAILED, "failed"),
        (GenerationState.CANCELED, "failed"),
    ],
)
def test_a_job_has_the_guides_status_and_a_number(
    readable_url: str, database: Database, state: GenerationState, status: str
) -> None:
    add_simulation(database, state)
    assert run_readonly(readable_url, "select id, status from api_job").rows == [("1", status)]


def test_a_job_shows_its_photograph_and_both_views(readable_url: str, database: Database) -> None:
    generation = add_simulation(database, GenerationState.SUCCEEDED, SlotState.FILLED)
    add_simulation(database, GenerationState.PARTIAL, is_erased=True)
    result = run_readonly(
        readable_url,
        "select original_image, simulation1_url, simulation2_url, generation_id, scenario, strength"
        " from api_job order by id",
    )
    first, second = result.rows
    assert first == (
        "s3://bucket/original.png",
        "s3://bucket/rear_view.png",
        "s3://bucket/side_view.png",
        generation,
        SCENARIO,
        "0.5",
    )
    assert second[:3] == (None, "s3://bucket/rear_view.png", None)


def test_scenarios_and_consents_are_shown(readable_url: str, database: Database) -> None:
    add_simulation(database, GenerationState.SUCCEEDED)
    scenarios = run_readonly(readable_url, "select id, strength from scenarios order by position")
    assert scenarios.rows == [(id_, str(strength)) for id_, _, _, strength in SCENARIOS]
    consents = run_readonly(
        readable_url, "select wording_version, given_by, withdrawn_at, simulations from consents"
    )
    assert consents.rows == [("2026-11", LOCAL_PERSON_ID, None, "1")]
