"""The system page: who sees it, the verdict, the settings and the simulator's controls."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.kit import backend
from pages.system.simulator import WORDS
from services.container import build_services
from services.core.actors import Actor, require
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.core.states import Role
from services.health.check import CheckResult, CheckStatus
from services.health.check_up import CheckUp, CheckUpProgress
from services.health.checks.settings import SettingRow
from services.health.simulator_controls import InjectedFault, SimulatorView
from services.health.test_picture import PictureTestChoice, PictureTestDetail
from services.health.test_picture_run import PictureTestStep
from simulator.faults import FaultName
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices, simulated_settings
from tests.simulator_process import running_simulator
from tests.waiting import eventually

WELL = CheckResult("PostgreSQL", "Database", CheckStatus.OK, "PostgreSQL 18 answers.", None, 0.1)
BAD = CheckResult(
    "Redis", "Queue", CheckStatus.FAILED, "Redis does not answer.", "Start Redis.", 1.0
)
SLOW = CheckResult("Clocks", "Database", CheckStatus.UNKNOWN, "No answer.", None, 10.0)


@dataclass
class FakeCheckUps:
    """A check-up that came out like this."""

    checks: tuple[CheckResult, ...] = (WELL, BAD, SLOW)
    is_running: bool = False
    again: int = 0

    def latest(self, actor: Actor) -> CheckUpProgress:
        require(actor, Role.OPERATOR)
        last = CheckUp(self.checks, datetime.now(UTC), 1.2) if self.checks else None
        return CheckUpProgress(last, self.is_running, 7, 23)

    def check_again(self, actor: Actor) -> None:
        require(actor, Role.OPERATOR)
        self.again += 1

    def settings(self, actor: Actor) -> tuple[SettingRow, ...]:
        require(actor, Role.OPERATOR)
        return (SettingRow(("REPLICATE_API_TOKEN",), "Replicate's token", "r8_…yz", True),)


@dataclass
class FakeControls:
    """A simulator that remembers its calls."""

    calls: list[tuple[object, ...]] = field(default_factory=list)
    ordered: tuple[InjectedFault, ...] = (InjectedFault("slow", "gemini", 2, 1),)

    def view(self, actor: Actor) -> SimulatorView:
        require(actor, Role.ADMIN)
        return SimulatorView(1.0, tuple(WORDS), self.ordered)

    def set_speed(self, actor: Actor, speed: float) -> None:
        self.calls.append(("speed", speed))

    def order_fault(self, actor: Actor, name: str, times: int, provider: str | None) -> None:
        self.calls.append((name, times, provider))

    def clear_faults(self, actor: Actor) -> None:
        self.calls.append(("clear",))


CHOICE = PictureTestChoice("gemini", "gemini-image", "Gemini · gemini-image", 0.039, 10.0, False)


@dataclass
class FakePictureTests:
    """Remembers what was begun; `view` is the newest test picture."""

    view: PictureTestDetail | None = None
    begun: list[tuple[str, str, str | None]] = field(default_factory=list)

    def choices(self, actor: Actor) -> tuple[PictureTestChoice, ...]:
        require(actor, Role.ADMIN)
        return (CHOICE, replace(CHOICE, label="Replicate · sdxl", cost_usd=None))

    def latest(self, actor: Actor) -> PictureTestDetail | None:
        require(actor, Role.ADMIN)
        return self.view

    def begin(self, actor: Actor, provider: str, model: str, seen_id: str | None) -> None:
        require(actor, Role.ADMIN)
        self.begun.append((provider, model, seen_id))


def picture_test(*, is_running: bool, problem: str = "") -> PictureTestDetail:
    """A test picture whose last step runs, failed, or is done."""
    last = PictureTestStep("Make the picture", None if is_running else 4.2, bool(problem))
    steps = (PictureTestStep("Prepare the request", 0.1), last)
    cost = None if is_running else 0.039
    return PictureTestDetail(
        "tst_1", CHOICE, datetime.now(UTC), 4.3, is_running, steps, None, None, cost, problem
    )


@dataclass
class SystemPage:
    """The fake services with those of this page."""

    services: FakeServices
    check_ups: FakeCheckUps = field(default_factory=FakeCheckUps)
    controls: FakeControls = field(default_factory=FakeControls)
    picture_tests: FakePictureTests = field(default_factory=FakePictureTests)


@pytest.fixture
def page(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> SystemPage:
    fakes = SystemPage(services)
    monkeypatch.setattr(services, "check_ups", fakes.check_ups, raising=False)
    monkeypatch.setattr(services, "simulator_controls", fakes.controls, raising=False)
    monkeypatch.setattr(services, "picture_tests", fakes.picture_tests, raising=False)
    return fakes


def test_a_viewer_is_refused_even_by_deep_link(page: SystemPage, opened: Open) -> None:
    page.services.people.role = Role.VIEWER
    at = opened("system")
    assert "Your role" in at.error[0].value
    assert not at.title
    assert "Redis" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_the_verdict_comes_first_and_each_fix_is_shown(
    page: SystemPage, opened: Open, role: Role
) -> None:
    page.services.people.role = role
    at = opened("system")
    assert not at.exception and not at.error
    text = said(at)
    assert "1 failed" in text and "1 unknown" in text
    assert "Start Redis." in text
    assert text.index("Problems") < text.index("PostgreSQL 18 answers.")
    assert "r8_\\u2026yz" in text or "r8_…yz" in text


def test_without_problems_it_says_so(page: SystemPage, opened: Open) -> None:
    page.check_ups.checks = (WELL,)
    text = said(opened("system"))
    assert "All checks passed" in text
    assert "Problems" not in text


def test_a_running_check_up_shows_progress_and_the_rest_of_the_page(
    page: SystemPage, opened: Open
) -> None:
    page.check_ups.is_running, page.check_ups.checks = True, ()
    at = opened("system")
    assert not at.exception
    assert at.button(key="check_again").disabled
    assert any("Settings: 1 of 1" in expander.label for expander in at.expander)


def test_check_again_starts_a_check_up(page: SystemPage, opened: Open) -> None:
    at = opened("system")
    at.button(key="check_again").click().run()
    assert page.check_ups.again == 1


@pytest.mark.parametrize(("role", "is_shown"), [(Role.OPERATOR, False), (Role.ADMIN, True)])
def test_only_an_admin_has_the_simulators_controls(
    page: SystemPage, opened: Open, role: Role, is_shown: bool
) -> None:
    page.services.people.role = role
    assert _has_controls(opened("system")) is is_shown


def test_with_real_providers_there_are_no_controls(page: SystemPage, opened: Open) -> None:
    page.services.settings = simulated_settings("http://127.0.0.1:2")
    assert not _has_controls(opened("system"))


def test_a_fault_is_injected_and_all_are_cleared(page: SystemPage, opened: Open) -> None:
    at = opened("system")
    at.selectbox(key="simulator_fault").set_value("throttle")
    at.selectbox(key="simulator_provider").set_value("replicate")
    at.number_input(key="simulator_times").set_value(3)
    at.button(key="simulator_go").click().run()
    at.select_slider(key="simulator_speed_1").set_value(5.0).run()
    at.button(key="simulator_clear").click().run()
    assert page.controls.calls == [("throttle", 3, "replicate"), ("speed", 5.0), ("clear",)]
    assert not at.exception


@pytest.mark.parametrize(("role", "is_shown"), [(Role.OPERATOR, False), (Role.ADMIN, True)])
def test_only_an_admin_sends_a_test_picture_and_sees_its_price_first(
    page: SystemPage, opened: Open, role: Role, is_shown: bool
) -> None:
    page.services.people.role = role
    at = opened("system")
    labels = [button.label for button in at.button]
    assert ("Send test · about \\$0.04" in labels) is is_shown
    assert ("no credits; takes about 10 s" in said(at).replace("\\", "")) is is_shown
    if is_shown:
        at.button(key="test_picture_begin").click().run()
        assert page.picture_tests.begun == [("gemini", "gemini-image", None)]


def test_a_running_test_picture_shows_its_steps_and_blocks_another(
    page: SystemPage, opened: Open
) -> None:
    page.picture_tests.view = picture_test(is_running=True)
    at = opened("system")
    assert not at.exception
    assert "Make the picture" in said(at)
    assert at.button(key="test_picture_begin").disabled


@pytest.mark.parametrize(
    ("problem", "text"), [("", "Passed"), ("Gemini answered 401.", "Gemini answered 401.")]
)
def test_a_finished_test_picture_shows_result_and_cost(
    page: SystemPage, opened: Open, problem: str, text: str
) -> None:
    page.picture_tests.view = picture_test(is_running=False, problem=problem)
    at = opened("system")
    assert text in said(at) and "cost $0.04" in said(at)
    at.button(key="test_picture_begin").click().run()
    assert page.picture_tests.begun == [("gemini", "gemini-image", "tst_1")]


def test_words_are_only_of_faults_that_exist() -> None:
    assert set(WORDS) <= {fault.value for fault in FaultName}


def test_the_real_services_are_checked_in_the_background(
    real_settings: Settings, tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_simulator() as simulator:
        for name in ("REPLICATE_BASE_URL", "GEMINI_BASE_URL", "ATELIER_SIMULATOR_URL"):
            monkeypatch.setenv(name, simulator)
        monkeypatch.setenv("ATELIER_PORT", "1")
        settings = load_settings(None)
        built = build_services(settings)
        monkeypatch.setattr(backend, "load_settings", lambda: settings)
        monkeypatch.setattr(backend, "build_services", lambda settings: built)
        at = opened("system")
        text = eventually(lambda: _verdict(at))
        assert not at.exception and not at.error
        assert "No worker is alive." in text and "Simulated:" in text
        built.database.close()


def _verdict(at: AppTest) -> str:
    text = said(at.run())
    return text if "Problems" in text else ""


def _has_controls(at: AppTest) -> bool:
    return any("Simulator" in expander.label for expander in at.expander)
