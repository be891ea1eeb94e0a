"""The whole check-up: limits, roles, its rhythm, and that no secret leaves it."""

import socket
from collections.abc import Iterator

import pytest

from services.core.actors import SYSTEM, Actor
from services.core.errors import NotAllowedError
from services.core.states import Role
from services.health import runner as doctor_module
from services.health.check import Answer, CheckStatus, Question
from services.health.runner import Doctor
from services.health.system_under_check import House
from tests.conftest import SECRET_KEY
from tests.integration.diagnosis.conftest import (
    GEMINI_KEY,
    GOOD_TOKEN,
    HUGGINGFACE_KEY,
    MakeHouse,
)
from tests.waiting import eventually

VIEWER = Actor("per_1", "Vera", Role.VIEWER)
OPERATOR = Actor("per_2", "Olga", Role.OPERATOR)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_each_part_is_examined_and_each_failure_has_its_fix(house: House) -> None:
    examined = Doctor(house).examine(SYSTEM)
    assert len(examined.checks) == len(doctor_module.questions_of(house))
    assert not examined.is_ok
    for check in examined.checks:
        assert check.finding.endswith("."), check
        if check.status in (CheckStatus.FAILED, CheckStatus.WARNING):
            assert check.fix, check


def test_no_secret_is_told(house: House, database_url: str) -> None:
    doctor = Doctor(house)
    told = repr(doctor.examine(SYSTEM)) + repr(doctor.settings(SYSTEM))
    password = database_url.split("@")[0].rpartition(":")[2]
    for secret in (GOOD_TOKEN, GEMINI_KEY, HUGGINGFACE_KEY, SECRET_KEY, password):
        assert secret not in told
    assert all(fingerprint not in told for fingerprint in house.fingerprints.values())


def test_what_hangs_is_unknown_when_the_limit_is_over(
    make_house: MakeHouse, silent_server: str
) -> None:
    house = make_house(REPLICATE_BASE_URL=silent_server)
    examined = Doctor(house, limit_seconds=2.0).examine(SYSTEM)
    checks = {check.name: check for check in examined.checks}
    assert examined.seconds < 4.0
    assert checks["Replicate's account"].status is CheckStatus.UNKNOWN
    assert "within 2 seconds" in checks["Replicate's account"].finding
    assert checks["PostgreSQL"].status is CheckStatus.OK


def test_a_viewer_may_not_look(house: House) -> None:
    doctor = Doctor(house)
    for ask in (doctor.examine, doctor.latest, doctor.check_again, doctor.settings):
        with pytest.raises(NotAllowedError):
            ask(VIEWER)


def test_pages_begin_one_check_up_and_none_again_within_a_minute(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = Doctor(house)
    first = doctor.latest(OPERATOR)
    assert first.is_running and first.last is None
    finished = eventually(lambda: doctor.latest(OPERATOR).last)
    assert eventually(lambda: not doctor.latest(OPERATOR).is_running)
    assert doctor.latest(OPERATOR).last is finished
    doctor.check_again(OPERATOR)
    assert eventually(lambda: doctor.latest(OPERATOR).last is not finished)
    assert eventually(lambda: not doctor.latest(OPERATOR).is_running)
    monkeypatch.setattr(doctor_module, "FRESH_SECONDS", 0.0)
    assert doctor.latest(OPERATOR).is_running


def test_a_check_that_breaks_is_unknown_and_logged(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Answer:
        raise KeyError("postgresql://user:hidden@host")

    question = Question("Broken", "Group", broken)
    monkeypatch.setattr(doctor_module, "_QUESTIONS", (lambda house: [question],))
    (check,) = Doctor(house).examine(SYSTEM).checks
    assert check.status is CheckStatus.UNKNOWN
    assert "KeyError" in check.finding and "hidden" not in check.finding
    assert "doctor.check_failed Broken" in caplog.text
