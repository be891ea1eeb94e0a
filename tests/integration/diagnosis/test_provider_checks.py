"""What the doctor says of tokens, models and pauses; the far end is the simulator."""

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.database.engine import Database
from services.database.models import Audit, ProviderState
from services.health.check import CheckStatus
from services.health.runner import questions_of
from services.health.system_under_check import House
from services.pipeline.rate_limits import register_tokens
from services.providers.base import FailureClass
from tests.integration.diagnosis.conftest import (
    GEMINI_KEY,
    GOOD_TOKEN,
    HUGGINGFACE_KEY,
    MakeHouse,
    check,
)

WRONG_TOKEN = "r8_" + "w" * 37


def test_a_simulated_provider_says_so(house: House) -> None:
    for label in ("Replicate", "Gemini", "Hugging Face"):
        answered = check(house, f"{label}'s account")
        assert answered.status is CheckStatus.OK
        assert answered.finding.startswith("Simulated:")


def test_a_real_token_is_told_with_its_account(make_house: MakeHouse) -> None:
    house = make_house(ATELIER_SIMULATOR_URL=None)
    answered = check(house, "Replicate's account")
    assert answered.status is CheckStatus.OK
    assert (
        answered.finding
        == "REPLICATE_API_TOKEN r8_…gg belongs to atelier-simulator (organization)."
    )


def test_one_real_provider_beside_a_simulated_one_is_a_warning(make_house: MakeHouse) -> None:
    house = make_house(GEMINI_BASE_URL="http://127.0.0.1:1")
    answered = check(house, "Replicate's account")
    assert answered.status is CheckStatus.WARNING
    assert "REPLICATE_API_TOKEN" in str(answered.fix)


def test_a_wrong_token_fails_and_is_not_shown(make_house: MakeHouse) -> None:
    house = make_house(REPLICATE_API_TOKEN=WRONG_TOKEN)
    answered = check(house, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "401" in answered.finding and WRONG_TOKEN not in answered.finding
    assert "Set REPLICATE_API_TOKEN" in str(answered.fix)
    assert check(house, "Replicate's model").status is CheckStatus.UNKNOWN


def test_a_wrong_key_of_gemini_fails(make_house: MakeHouse) -> None:
    answered = check(make_house(GEMINI_API_KEY="bad" + GEMINI_KEY), "Gemini's account")
    assert answered.status is CheckStatus.FAILED
    assert "Set GEMINI_API_KEY" in str(answered.fix)
    assert GEMINI_KEY not in answered.finding


def test_a_wrong_key_of_hugging_face_fails(make_house: MakeHouse) -> None:
    answered = check(
        make_house(HUGGINGFACE_API_KEY="bad" + HUGGINGFACE_KEY), "Hugging Face's account"
    )
    assert answered.status is CheckStatus.FAILED
    assert "Set HUGGINGFACE_API_KEY" in str(answered.fix)
    assert HUGGINGFACE_KEY not in answered.finding


def test_hugging_face_may_be_left_out(make_house: MakeHouse) -> None:
    house = make_house(HUGGINGFACE_API_KEY=None, HUGGINGFACE_BASE_URL=None)
    about = [question.name for question in questions_of(house) if "Hugging" in question.name]
    assert about == ["Hugging Face's account"]
    assert check(house, "Hugging Face's account").status is CheckStatus.OK


def test_no_token_and_no_simulator_fail(make_house: MakeHouse) -> None:
    house = make_house(REPLICATE_API_TOKEN=None, REPLICATE_BASE_URL=None)
    answered = check(house, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "start ./run" in str(answered.fix)
    assert check(house, "Replicate's model").status is CheckStatus.UNKNOWN


def test_a_provider_that_is_away_fails(make_house: MakeHouse) -> None:
    house = make_house(REPLICATE_BASE_URL="http://127.0.0.1:1")
    answered = check(house, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "REPLICATE_BASE_URL" in str(answered.fix)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("throttle", CheckStatus.WARNING), ("server_error", CheckStatus.FAILED)],
)
def test_a_provider_that_refuses_for_now_is_told(
    house: House, simulator: str, fault: str, status: CheckStatus
) -> None:
    rule = {"fault": fault, "match": {"provider": "replicate"}, "times": 1}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()
    assert check(house, "Replicate's account").status is status


def test_the_models_are_there_with_their_versions(house: House) -> None:
    assert "version 9c77a3c2f884" in check(house, "Replicate's model").finding
    assert check(house, "Gemini's model").status is CheckStatus.OK
    assert check(house, "Hugging Face's model").status is CheckStatus.OK


@pytest.mark.parametrize(
    ("setting", "value", "name"),
    [
        ("REPLICATE_POSE_MODEL", "nobody/nothing", "Replicate's model"),
        ("REPLICATE_POSE_MODEL", "fofr/consistent-character:" + "0" * 64, "Replicate's model"),
        ("GEMINI_IMAGE_MODEL", "gemini-0", "Gemini's model"),
        ("HUGGINGFACE_POSE_MODEL", "nobody/nothing", "Hugging Face's model"),
    ],
)
def test_a_model_that_is_not_there_fails(
    make_house: MakeHouse, setting: str, value: str, name: str
) -> None:
    answered = check(make_house(**{setting: value}), name)
    assert answered.status is CheckStatus.FAILED
    assert setting in str(answered.fix)


def test_a_provider_that_no_dispatcher_knows_is_unknown(house: House) -> None:
    assert check(house, "Calls to Replicate").status is CheckStatus.UNKNOWN


def test_a_paused_provider_fails_with_its_reason(house: House, database: Database) -> None:
    with database.transaction() as session:
        register_tokens(session, house.fingerprints)
    assert check(house, "Calls to Replicate").status is CheckStatus.OK
    with database.transaction() as session:
        state = session.get_one(ProviderState, "replicate")
        state.paused_at, state.paused_reason = state.bucket_at, "It refused the token."
    answered = check(house, "Calls to Replicate")
    assert answered.status is CheckStatus.FAILED
    assert "It refused the token." in answered.finding and "Overview" in str(answered.fix)


def test_a_dispatcher_with_another_token_is_a_warning(house: House, database: Database) -> None:
    with database.transaction() as session:
        register_tokens(session, {"replicate": "another"})
    answered = check(house, "Calls to Replicate")
    assert answered.status is CheckStatus.WARNING
    assert GOOD_TOKEN not in answered.finding


@pytest.mark.parametrize(
    ("failure", "is_resumed"),
    [(FailureClass.CONFIGURATION, True), (FailureClass.FUNDS, False)],
)
def test_a_pause_ends_by_itself_when_a_refused_token_works_again(
    house: House, failure: FailureClass, is_resumed: bool
) -> None:
    paused = {
        "paused_at": func.now(),
        "paused_reason": "Replicate said no",
        "paused_failure": failure.value,
    }
    resumes = select(func.count()).where(Audit.action == "provider.resume")
    with house.transaction() as session:
        session.execute(
            insert(ProviderState)
            .values(provider="replicate", **paused)
            .on_conflict_do_update(index_elements=[ProviderState.provider], set_=paused)
        )
        resumed_before = session.scalars(resumes).one()
    answered = check(house, "Calls to Replicate")
    assert (answered.status is CheckStatus.OK) is is_resumed
    assert "Replicate said no" in answered.finding
    with house.transaction() as session:
        state = session.get_one(ProviderState, "replicate")
        resumed = session.scalars(resumes).one() - resumed_before
    assert (state.paused_at is None) is is_resumed
    assert resumed == int(is_resumed)
