"""The check-up: its limits, roles and intervals, and that it shows no secret."""

import socket
from collections.abc import Iterator

import pytest

from services.core.actors import SYSTEM, Actor
from services.core.errors import NotAllowedError
from services.core.states import Role
from services.health import check_up as check_up_module
from services.health.check import Answer, Check, CheckStatus, CheckUpTargets
from services.health.check_up import CheckUps
from tests.conftest import SECRET_KEY
from tests.integration.diagnosis.conftest import (
    GEMINI_KEY,
    GOOD_TOKEN,
    HUGGINGFACE_KEY,
    MakeTargets,
)
from tests.waiting import eventually

VIEWER = Actor("per_1", "Vera", Role.VIEWER)
OPERATOR = Actor("per_2", "Olga", Role.OPERATOR)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_every_check_answers_and_every_failure_has_a_fix(targets: CheckUpTargets) -> None:
    check_up = CheckUps(targets).run(SYSTEM)
    assert len(check_up.checks) == len(check_up_module.checks_for(targets))
    assert not check_up.is_ok
    for check in check_up.checks:
        assert check.finding.endswith("."), check
        if check.status in (CheckStatus.FAILED, CheckStatus.WARNING):
            assert check.fix, check


def test_no_secret_is_shown(targets: CheckUpTargets, database_url: str) -> None:
    check_ups = CheckUps(targets)
    shown = repr(check_ups.run(SYSTEM)) + repr(check_ups.settings(SYSTEM))
    password = database_url.split("@")[0].rpartition(":")[2]
    for secret in (GOOD_TOKEN, GEMINI_KEY, HUGGINGFACE_KEY, SECRET_KEY, password):
        assert secret not in shown
    assert all(fingerprint not in shown for fingerprint in targets.fingerprints.values())


def test_what_hangs_is_unknown_when_the_limit_is_over(
    make_targets: MakeTargets, silent_server: str
) -> None:
    targets = make_targets(REPLICATE_BASE_URL=silent_server)
    check_up = CheckUps(targets, limit_seconds=2.0).run(SYSTEM)
    checks = {check.name: check for check in check_up.checks}
    assert check_up.seconds < 4.0
    assert checks["Replicate's account"].status is CheckStatus.UNKNOWN
    assert "within 2 seconds" in checks["Replicate's account"].finding
    assert checks["PostgreSQL"].status is CheckStatus.OK


def test_viewers_are_refused(targets: CheckUpTargets) -> None:
    check_ups = CheckUps(targets)
    for ask in (check_ups.run, check_ups.latest, check_ups.check_again, check_ups.settings):
        with pytest.raises(NotAllowedError):
            ask(VIEWER)


def test_pages_start_one_check_up_a_minute(
    targets: CheckUpTargets, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_ups = CheckUps(targets)
    first = check_ups.latest(OPERATOR)
    assert first.is_running and first.last is None
    finished = eventually(lambda: check_ups.latest(OPERATOR).last)
    assert eventually(lambda: not check_ups.latest(OPERATOR).is_running)
    assert check_ups.latest(OPERATOR).last is finished
    check_ups.check_again(OPERATOR)
    assert eventually(lambda: check_ups.latest(OPERATOR).last is not finished)
    assert eventually(lambda: not check_ups.latest(OPERATOR).is_running)
    monkeypatch.setattr(check_up_module, "FRESH_SECONDS", 0.0)
    assert check_ups.latest(OPERATOR).is_running


def test_a_check_that_breaks_is_unknown_and_logged(
    targets: CheckUpTargets, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(asked: CheckUpTargets) -> Answer:
        raise KeyError("postgresql://user:hidden@host")

    one = Check("Broken", "Group", broken)
    monkeypatch.setattr(check_up_module, "checks_for", lambda targets: [one])
    (check,) = CheckUps(targets).run(SYSTEM).checks
    assert check.status is CheckStatus.UNKNOWN
    assert "KeyError" in check.finding and "hidden" not in check.finding
    assert "check_up.check_failed Broken" in caplog.text
