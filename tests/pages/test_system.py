"""The system page: who sees it, the verdict, the settings and the simulator's controls."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from pages.system.simulator import WORDS
from services.container import Services
from services.core.states import Role
from services.health import check_up
from services.health.check import Answer, Check, CheckStatus, CheckUpTargets, failed, ok
from services.health.test_picture import PictureTestDetail
from services.health.test_picture_run import PictureTestStep
from simulator.faults import FaultName
from tests.pages.conftest import Open, built_services, said
from tests.pages.planting import audited, set_role
from tests.simulator_process import running_simulator
from tests.waiting import eventually

FAULTS = "/_simulator/faults"


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """A simulator at a hundred times the usual speed."""
    with running_simulator("--speed", "100") as url:
        yield url


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """What a check-up of this test checks: one is right, one has failed, one is unknown."""
    unknown = Answer(CheckStatus.UNKNOWN, "No answer.")
    listed = [
        Check("PostgreSQL", "Database", lambda targets: ok("PostgreSQL 18 answers.")),
        Check("Redis", "Queue", lambda targets: failed("Redis does not answer.", "Start Redis.")),
        Check("Clocks", "Database", lambda targets: unknown),
    ]
    monkeypatch.setattr(check_up, "checks_for", lambda targets: listed)
    return listed


@pytest.fixture
def checked(checks: list[Check], studio: Services) -> Services:
    """The studio with these checks."""
    return studio


@pytest.fixture
def simulated(
    checked: Services, simulator: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """The studio with a simulator that answers."""
    httpx.post(f"{simulator}/_simulator/reset").raise_for_status()
    names = ("simulator_url", "replicate_base_url", "gemini_base_url")
    settings = checked.settings.model_copy(update=dict.fromkeys(names, simulator))
    with built_services(settings, monkeypatch) as built:
        yield built


def page_after_check_up(studio: Services, opened: Open) -> AppTest:
    """The page once a check-up has ended."""
    actor = replace(studio.people.local(), role=Role.ADMIN)
    eventually(lambda: not studio.check_ups.latest(actor).is_running)
    return opened("system")


def test_a_viewer_is_refused_even_by_deep_link(checked: Services, opened: Open) -> None:
    set_role(checked, Role.VIEWER)
    at = opened("system")
    assert "Your role" in at.error[0].value
    assert not at.title
    assert "Redis" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_the_verdict_comes_first_and_each_fix_is_shown(
    checked: Services, opened: Open, role: Role
) -> None:
    set_role(checked, role)
    at = page_after_check_up(checked, opened)
    assert not at.exception
    text = said(at)
    assert "1 failed" in text and "1 unknown" in text
    assert "Start Redis." in text
    assert text.index("Problems") < text.index("PostgreSQL 18 answers.")


def test_settings_are_shown_without_their_secrets(checked: Services, opened: Open) -> None:
    token = checked.settings.replicate_api_token
    text = said(opened("system"))
    assert "REPLICATE_API_TOKEN" in text and "r8_" in text
    assert token is not None and token.get_secret_value() not in text


def test_without_problems_it_says_so(checks: list[Check], checked: Services, opened: Open) -> None:
    del checks[1:]
    text = said(page_after_check_up(checked, opened))
    assert "All checks passed" in text
    assert "Problems" not in text


def test_a_running_check_up_shows_progress_and_the_rest_of_the_page(
    checks: list[Check], checked: Services, opened: Open
) -> None:
    may_end = threading.Event()

    def wait(targets: CheckUpTargets) -> Answer:
        may_end.wait(30)
        return ok("Done.")

    checks[:] = [Check("Slow", "Database", wait)]
    at = opened("system")
    assert not at.exception
    assert at.button(key="check_again").disabled
    assert any(expander.label.startswith("Settings: ") for expander in at.expander)
    may_end.set()
    assert "All checks passed" in said(page_after_check_up(checked, opened))


def test_check_again_starts_a_check_up(
    checks: list[Check], checked: Services, opened: Open
) -> None:
    times: list[str] = []

    def count(targets: CheckUpTargets) -> Answer:
        times.append("checked")
        return ok("Done.")

    checks[:] = [Check("Counted", "Database", count)]
    at = page_after_check_up(checked, opened)
    at.button(key="check_again").click().run()
    eventually(lambda: len(times) == 2)


@pytest.mark.parametrize(("role", "is_shown"), [(Role.OPERATOR, False), (Role.ADMIN, True)])
def test_only_an_admin_has_the_simulators_controls(
    checked: Services, opened: Open, role: Role, is_shown: bool
) -> None:
    set_role(checked, role)
    assert _has_controls(opened("system")) is is_shown


def test_with_real_providers_there_are_no_controls(
    checks: list[Check], fresh_services: Services, opened: Open
) -> None:
    assert not _has_controls(opened("system"))


def test_a_fault_is_injected_and_all_are_cleared(simulated: Services, opened: Open) -> None:
    at = opened("system")
    at.selectbox(key="simulator_fault").set_value("throttle")
    at.selectbox(key="simulator_provider").set_value("replicate")
    at.number_input(key="simulator_times").set_value(3)
    at.button(key="simulator_go").click().run()
    (fault,) = httpx.get(f"{simulated.settings.simulator_url}{FAULTS}").json()
    assert (fault["fault"], fault["times"]) == ("throttle", 3)
    at.select_slider(key="simulator_speed_100").set_value(5.0).run()
    at.button(key="simulator_clear").click().run()
    assert not at.exception and not at.error
    assert httpx.get(f"{simulated.settings.simulator_url}{FAULTS}").json() == []
    assert [action for action, *_ in audited(simulated)] == [
        "simulator.fault",
        "simulator.speed",
        "simulator.clear_faults",
    ]


@pytest.mark.parametrize(("role", "is_shown"), [(Role.OPERATOR, False), (Role.ADMIN, True)])
def test_only_an_admin_sends_a_test_picture_and_sees_its_price_first(
    checked: Services, opened: Open, role: Role, is_shown: bool
) -> None:
    set_role(checked, role)
    at = opened("system")
    labels = [button.label for button in at.button]
    assert any(label.startswith("Send test · about \\$") for label in labels) is is_shown
    assert ("no credits; takes about" in said(at)) is is_shown


@pytest.mark.parametrize(("fault", "text"), [("", "Passed"), ("unauthorized", "Failed")])
def test_a_test_picture_is_sent_and_shows_result_and_cost(
    simulated: Services, opened: Open, fault: str, text: str
) -> None:
    actor = simulated.people.local()
    if fault:
        simulated.simulator_controls.order_fault(actor, fault, 1)
    at = opened("system")
    at.button(key="test_picture_begin").click().run()
    newest = eventually(lambda: _ended(simulated))
    assert newest and bool(newest.problem) is bool(fault)
    shown = said(opened("system"))
    assert text in shown and "cost $" in shown
    assert [it for it, *_ in audited(simulated) if it.startswith("test_picture")] == [
        "test_picture.start",
        "test_picture.end",
    ]


def test_a_running_test_picture_shows_its_steps_and_blocks_another(
    checked: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = checked.picture_tests.choices(checked.people.local())[0]
    steps = (PictureTestStep("Prepare the request", 0.1), PictureTestStep("Make it", None, False))
    running = PictureTestDetail(
        "tst_1", choice, datetime.now(UTC), 4.3, True, steps, None, None, None, ""
    )
    monkeypatch.setattr(checked.picture_tests, "latest", lambda actor: running)
    at = opened("system")
    assert not at.exception
    assert "Make it" in said(at)
    assert at.button(key="test_picture_begin").disabled


def test_words_are_only_of_faults_that_exist() -> None:
    assert set(WORDS) <= {fault.value for fault in FaultName}


def test_every_component_is_checked_in_the_background(
    studio: Services, simulator: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("simulator_url", "replicate_base_url", "gemini_base_url")
    changes = dict.fromkeys(names, simulator) | {"port": 1}
    with built_services(studio.settings.model_copy(update=changes), monkeypatch) as built:
        at = page_after_check_up(built, opened)
        assert not at.exception and not at.error
        text = said(at)
        assert "Problems" in text and "Simulated:" in text


def _ended(studio: Services) -> PictureTestDetail | None:
    newest = studio.picture_tests.latest(studio.people.local())
    return None if newest is None or newest.is_running else newest


def _has_controls(at: AppTest) -> bool:
    return any("Simulator" in expander.label for expander in at.expander)
