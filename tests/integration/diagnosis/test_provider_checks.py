"""What the check-up finds about tokens, models and pauses; the far end is the simulator."""

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.database.engine import Database
from services.database.models import Audit, ProviderState
from services.health.check import CheckStatus, CheckUpTargets, run_checks
from services.health.check_up import checks_for
from services.pipeline.rate_limits import register_tokens
from services.providers.base import FailureClass
from tests.integration.diagnosis.conftest import (
    GEMINI_KEY,
    GOOD_TOKEN,
    HUGGINGFACE_KEY,
    MakeTargets,
    check,
)

POSES = "fofr/consistent-character"
WRONG_TOKEN = "r8_" + "w" * 37


def test_a_simulated_provider_is_reported_as_simulated(targets: CheckUpTargets) -> None:
    for label in ("Replicate", "Gemini", "Hugging Face"):
        answered = check(targets, f"{label}'s account")
        assert answered.status is CheckStatus.OK
        assert answered.finding.startswith("Simulated:")


def test_a_real_token_is_reported_with_its_account(make_targets: MakeTargets) -> None:
    targets = make_targets(ATELIER_SIMULATOR_URL=None)
    answered = check(targets, "Replicate's account")
    assert answered.status is CheckStatus.OK
    assert (
        answered.finding
        == "REPLICATE_API_TOKEN r8_…gg belongs to atelier-simulator (organization)."
    )


def test_one_real_provider_beside_a_simulated_one_is_a_warning(make_targets: MakeTargets) -> None:
    targets = make_targets(GEMINI_BASE_URL="http://127.0.0.1:1")
    answered = check(targets, "Replicate's account")
    assert answered.status is CheckStatus.WARNING
    assert "REPLICATE_API_TOKEN" in str(answered.fix)


def test_a_wrong_token_fails_and_is_not_shown(make_targets: MakeTargets) -> None:
    targets = make_targets(REPLICATE_API_TOKEN=WRONG_TOKEN)
    answered = check(targets, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "401" in answered.finding and WRONG_TOKEN not in answered.finding
    assert "Set REPLICATE_API_TOKEN" in str(answered.fix)
    assert check(targets, f"Replicate's model {POSES}").status is CheckStatus.UNKNOWN


def test_a_wrong_key_of_gemini_fails(make_targets: MakeTargets) -> None:
    answered = check(make_targets(GEMINI_API_KEY="bad" + GEMINI_KEY), "Gemini's account")
    assert answered.status is CheckStatus.FAILED
    assert "Set GEMINI_API_KEY" in str(answered.fix)
    assert GEMINI_KEY not in answered.finding


def test_a_wrong_key_of_hugging_face_fails(make_targets: MakeTargets) -> None:
    answered = check(
        make_targets(HUGGINGFACE_API_KEY="bad" + HUGGINGFACE_KEY), "Hugging Face's account"
    )
    assert answered.status is CheckStatus.FAILED
    assert "Set HUGGINGFACE_API_KEY" in str(answered.fix)
    assert HUGGINGFACE_KEY not in answered.finding


def test_hugging_face_may_be_left_out(make_targets: MakeTargets) -> None:
    targets = make_targets(HUGGINGFACE_API_KEY=None, HUGGINGFACE_BASE_URL=None)
    about = [question.name for question in checks_for(targets) if "Hugging" in question.name]
    assert about == ["Hugging Face's account"]
    assert check(targets, "Hugging Face's account").status is CheckStatus.OK


def test_no_token_and_no_simulator_fail(make_targets: MakeTargets) -> None:
    targets = make_targets(REPLICATE_API_TOKEN=None, REPLICATE_BASE_URL=None)
    answered = check(targets, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "start ./run" in str(answered.fix)
    assert check(targets, f"Replicate's model {POSES}").status is CheckStatus.UNKNOWN


def test_a_provider_that_is_away_fails(make_targets: MakeTargets) -> None:
    targets = make_targets(REPLICATE_BASE_URL="http://127.0.0.1:1")
    answered = check(targets, "Replicate's account")
    assert answered.status is CheckStatus.FAILED
    assert "REPLICATE_BASE_URL" in str(answered.fix)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("throttle", CheckStatus.WARNING), ("server_error", CheckStatus.FAILED)],
)
def test_a_temporary_refusal_by_a_provider_is_reported(
    targets: CheckUpTargets, simulator: str, fault: str, status: CheckStatus
) -> None:
    rule = {"fault": fault, "match": {"provider": "replicate"}, "times": 1}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()
    assert check(targets, "Replicate's account").status is status


def test_every_configured_model_is_asked_for(targets: CheckUpTargets) -> None:
    named = [it for it in checks_for(targets) if "'s model " in it.name]
    answers = run_checks(named, targets, 10.0)
    assert len(answers) == 7
    assert [it.name for it in answers if it.status is not CheckStatus.OK] == []
    (poses,) = [it for it in answers if it.name == f"Replicate's model {POSES}"]
    assert "version 9c77a3c2f884" in poses.finding


@pytest.mark.parametrize(
    ("setting", "value", "provider"),
    [
        ("REPLICATE_POSE_MODEL", "nobody/nothing", "Replicate"),
        ("REPLICATE_POSE_MODEL", "fofr/consistent-character:" + "0" * 64, "Replicate"),
        ("REPLICATE_TRAINER_MODEL", "nobody/nothing", "Replicate"),
        ("REPLICATE_CUTOUT_MODEL", "nobody/nothing", "Replicate"),
        ("GEMINI_IMAGE_MODEL", "gemini-0", "Gemini"),
        ("GEMINI_IMAGE_MODEL", "gemini-2.5-flash-image", "Gemini"),
        ("HUGGINGFACE_POSE_MODEL", "nobody/nothing", "Hugging Face"),
    ],
)
def test_a_model_that_is_not_there_fails(
    make_targets: MakeTargets, setting: str, value: str, provider: str
) -> None:
    answered = check(make_targets(**{setting: value}), f"{provider}'s model {value}")
    assert answered.status is CheckStatus.FAILED
    assert setting in str(answered.fix)
    assert "key" not in answered.finding.lower()


def test_a_provider_that_no_dispatcher_knows_is_unknown(targets: CheckUpTargets) -> None:
    assert check(targets, "Calls to Replicate").status is CheckStatus.UNKNOWN


def test_a_paused_provider_fails_with_its_reason(
    targets: CheckUpTargets, database: Database
) -> None:
    with database.transaction() as session:
        register_tokens(session, targets.fingerprints)
    assert check(targets, "Calls to Replicate").status is CheckStatus.OK
    with database.transaction() as session:
        state = session.get_one(ProviderState, "replicate")
        state.paused_at, state.paused_reason = state.bucket_at, "It refused the token."
    answered = check(targets, "Calls to Replicate")
    assert answered.status is CheckStatus.FAILED
    assert "It refused the token." in answered.finding and "Overview" in str(answered.fix)


def test_a_dispatcher_with_another_token_is_a_warning(
    targets: CheckUpTargets, database: Database
) -> None:
    with database.transaction() as session:
        register_tokens(session, {"replicate": "another"})
    answered = check(targets, "Calls to Replicate")
    assert answered.status is CheckStatus.WARNING
    assert GOOD_TOKEN not in answered.finding


@pytest.mark.parametrize(
    ("failure", "is_resumed"),
    [
        (FailureClass.CONFIGURATION, True),
        (FailureClass.TRANSIENT, True),
        (FailureClass.FUNDS, False),
    ],
)
def test_a_pause_ends_by_itself_when_a_refused_token_works_again(
    targets: CheckUpTargets, failure: FailureClass, is_resumed: bool
) -> None:
    paused = {
        "paused_at": func.now(),
        "paused_reason": "Replicate refused it",
        "paused_failure": failure.value,
    }
    resumes = select(func.count()).where(Audit.action == "provider.resume")
    with targets.transaction() as session:
        session.execute(
            insert(ProviderState)
            .values(provider="replicate", **paused)
            .on_conflict_do_update(index_elements=[ProviderState.provider], set_=paused)
        )
        resumed_before = session.scalars(resumes).one()
    answered = check(targets, "Calls to Replicate")
    assert (answered.status is CheckStatus.OK) is is_resumed
    assert "Replicate refused it" in answered.finding
    with targets.transaction() as session:
        state = session.get_one(ProviderState, "replicate")
        resumed = session.scalars(resumes).one() - resumed_before
    assert (state.paused_at is None) is is_resumed
    assert resumed == int(is_resumed)


def test_a_server_that_is_not_set_is_not_checked(targets: CheckUpTargets) -> None:
    assert not [it for it in checks_for(targets) if it.name.startswith(("Cog", "Calls to Cog"))]


def test_a_container_is_reported_with_what_its_model_takes(
    make_targets: MakeTargets, simulator: str
) -> None:
    targets = make_targets(ATELIER_SIMULATOR_URL=None, COG_BASE_URL=simulator)
    account = check(targets, "Cog's account")
    assert account.status is CheckStatus.OK
    assert account.finding == f"COG_BASE_URL {simulator} belongs to a container with Cog 0.23.1."
    model = check(targets, "Cog's model own/poses")
    assert model.status is CheckStatus.OK
    assert "words, a picture, a pose's skeleton" in model.finding


def test_a_container_whose_setup_failed_says_why(make_targets: MakeTargets, simulator: str) -> None:
    rule = {"match": {"provider": "cog"}, "fault": "setup_failed", "times": None}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()
    answered = check(make_targets(COG_BASE_URL=simulator), "Cog's account")
    httpx.delete(f"{simulator}/_simulator/faults").raise_for_status()
    assert answered.status is CheckStatus.FAILED
    assert "FileNotFoundError: /weights/poses.safetensors" in answered.finding
