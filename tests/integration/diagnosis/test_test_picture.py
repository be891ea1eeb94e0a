"""A test picture at each kind of provider: once, with its cost, and nothing of it stays stored."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.container import build_services
from services.core.actors import Actor
from services.core.errors import BudgetReachedError, InvalidRequestError, NotAllowedError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Attempt, Audit, Budget, LedgerEntry
from services.database.seed import LOCAL_PERSON_ID
from services.health import test_picture_run
from services.health.test_picture import ARRIVED, PictureTestDetail, PictureTests
from tests.integration.diagnosis.conftest import GOOD_TOKEN, MakeTargets
from tests.waiting import eventually

ADMIN = Actor(LOCAL_PERSON_ID, "Local operator", Role.ADMIN)
SDXL = ("replicate", "stability-ai/sdxl")
GEMINI = ("gemini", "gemini-nano-banana-2.1")
STEPS = ["Decode the picture", "Store, read back, delete"]


@pytest.fixture
def picture_tests(
    make_targets: MakeTargets, database: Database, simulator: str, monkeypatch: pytest.MonkeyPatch
) -> PictureTests:
    """Test pictures where the simulator draws at once."""
    monkeypatch.setattr(test_picture_run, "POLL_SECONDS", 0.05)
    httpx.post(f"{simulator}/_simulator/speed", json={"speed": 100}).raise_for_status()
    built = build_services(make_targets().settings)
    built.database.close()
    return built.picture_tests


def made(picture_tests: PictureTests, provider: str, model: str) -> PictureTestDetail:
    """The view of one that has ended."""
    newest = picture_tests.latest(ADMIN)
    picture_tests.begin(ADMIN, provider, model, newest.id if newest else None)
    ended = eventually(lambda: _ended(picture_tests), 20.0)
    assert ended is not None
    return ended


def _ended(picture_tests: PictureTests) -> PictureTestDetail | None:
    newest = picture_tests.latest(ADMIN)
    return newest if newest and not newest.is_running else None


def audited(database: Database) -> list[Audit]:
    with database.transaction() as session:
        return list(session.scalars(select(Audit).order_by(Audit.id)))


def fault(simulator: str, name: str, **more: Any) -> None:
    rule = {"fault": name, "times": 1, **more}
    httpx.post(f"{simulator}/_simulator/faults", json=rule).raise_for_status()


def test_each_configured_model_is_offered_with_its_price(picture_tests: PictureTests) -> None:
    offered = picture_tests.choices(ADMIN)
    assert [(choice.provider, choice.model) for choice in offered] == [
        GEMINI, SDXL, ("replicate", "fofr/consistent-character"),
        ("huggingface", "black-forest-labs/FLUX.1-dev"),
    ]  # fmt: skip
    assert all(choice.is_simulated for choice in offered)
    assert offered[0].cost_usd == pytest.approx(0.0336)


@pytest.mark.parametrize("number", range(4))
def test_a_picture_arrives_and_nothing_of_it_stays_stored(
    picture_tests: PictureTests, database: Database, tmp_path: Path, number: int
) -> None:
    choice = picture_tests.choices(ADMIN)[number]
    view = made(picture_tests, choice.provider, choice.model)
    assert view.problem == ""
    assert view.picture is not None and view.picture.startswith(b"RIFF")
    assert [step.name for step in view.steps][-2:] == STEPS
    assert all(step.seconds is not None and not step.is_failed for step in view.steps)
    stored = [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]
    assert [path for path in stored if "marks" not in path.parts] == []
    with database.transaction() as session:
        assert session.scalars(select(Attempt)).all() == []
        assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_start_and_end_are_audited_with_the_cost(
    picture_tests: PictureTests, database: Database
) -> None:
    view = made(picture_tests, *GEMINI)
    start, end = audited(database)
    assert (start.action, end.action) == ("test_picture.start", "test_picture.end")
    assert start.subject_id == end.subject_id == view.id
    assert start.after is not None and start.after["estimated_usd"] == pytest.approx(0.0336)
    assert end.after is not None and end.after["cost_usd"] == pytest.approx(0.0336)
    assert end.reason == ARRIVED and view.cost_usd == pytest.approx(0.0336)


def test_a_second_click_is_no_second_picture(
    picture_tests: PictureTests, database: Database
) -> None:
    for _ in range(3):
        picture_tests.begin(ADMIN, *GEMINI, None)
    eventually(lambda: _ended(picture_tests))
    picture_tests.begin(ADMIN, *GEMINI, None)
    assert len(audited(database)) == 2


@pytest.mark.parametrize(
    ("pair", "name", "step", "cost"),
    [
        (SDXL, "no_funds", "Send the request", 0.0),
        (SDXL, "platform_error", "Wait for the provider", None),
        (SDXL, "truncated_output", "Decode the picture", None),
        (GEMINI, "unauthorized", "Make the picture", 0.0),
    ],
)
def test_what_fails_is_named_with_its_step(
    picture_tests: PictureTests,
    database: Database,
    simulator: str,
    pair: tuple[str, str],
    name: str,
    step: str,
    cost: float | None,
) -> None:
    fault(simulator, name, match={"provider": pair[0]})
    view = made(picture_tests, *pair)
    failed = [done.name for done in view.steps if done.is_failed]
    assert failed == [step]
    assert view.problem.endswith(".")
    assert view.problem.startswith(audited(database)[-1].reason)
    assert cost is None or view.cost_usd == cost


def test_one_that_does_not_end_is_canceled_there(
    picture_tests: PictureTests, simulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_picture_run, "MAX_SECONDS", 0.0)
    fault(simulator, "stuck", match={"provider": "replicate"})
    view = made(picture_tests, *SDXL)
    assert "was canceled there" in view.problem and view.web_url
    reply = httpx.get(
        f"{simulator}/v1/predictions/{view.web_url.rpartition('/')[2]}",
        headers={"Authorization": f"Bearer {GOOD_TOKEN}"},
    )
    assert reply.json()["status"] == "canceled"


def test_a_storage_that_is_closed_is_named(picture_tests: PictureTests, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "storage", ignore_errors=True)
    (tmp_path / "storage").write_text("a file lies where the folder should be")
    view = made(picture_tests, *GEMINI)
    assert [step.name for step in view.steps if step.is_failed] == [STEPS[-1]]


def test_it_is_for_admins_for_what_is_set_up_and_inside_the_budget(
    picture_tests: PictureTests, database: Database
) -> None:
    olga = Actor("per_1", "Olga", Role.OPERATOR)
    with pytest.raises(NotAllowedError):
        picture_tests.begin(olga, *GEMINI, None)
    with pytest.raises(NotAllowedError):
        picture_tests.latest(olga)
    with pytest.raises(InvalidRequestError):
        picture_tests.begin(ADMIN, "gemini", "another-model", None)
    with database.transaction() as session:
        session.scalars(select(Budget)).one().daily_usd = 0.01
    with pytest.raises(BudgetReachedError):
        picture_tests.begin(ADMIN, *GEMINI, None)
    assert picture_tests.latest(ADMIN) is None and audited(database) == []
