"""Targets on real servers for the check-up, and a way to run one check."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, make_url

from services.container import build_check_up_targets
from services.core.settings_loader import load_settings
from services.database.engine import Database
from services.diagnosis.search.search import Locator
from services.health.check import CheckResult, CheckUpTargets, run_checks
from services.health.check_up import checks_for
from services.providers.registry import LazyProviders
from tests.conftest import SECRET_KEY
from tests.integration.diagnosis.box import Box
from tests.simulator_process import running_simulator

GOOD_TOKEN = "r8_" + "g" * 37
GEMINI_KEY = "AIza" + "k" * 35
HUGGINGFACE_KEY = "hf_" + "h" * 34

MakeTargets = Callable[..., CheckUpTargets]


@pytest.fixture(scope="session")
def strict_simulator() -> Iterator[str]:
    """A simulator that knows one token of Replicate."""
    with running_simulator("--token", GOOD_TOKEN) as url:
        yield url


@pytest.fixture
def simulator(strict_simulator: str) -> str:
    """The simulator without anybody's faults."""
    httpx.post(f"{strict_simulator}/_simulator/reset").raise_for_status()
    return strict_simulator


@pytest.fixture(scope="session")
def shared_database_url(postgres_url: str, template_database: str) -> str:
    """One prepared database for every test that writes none of its own rows."""
    plain = make_url(postgres_url)
    with psycopg.connect(plain.set(drivername="postgresql").render_as_string(False)) as connection:
        connection.autocommit = True
        connection.execute(
            sql.SQL("CREATE DATABASE diagnosis TEMPLATE {}").format(
                sql.Identifier(template_database)
            )
        )
    return plain.set(database="diagnosis").render_as_string(False)


@pytest.fixture
def make_targets(
    request: pytest.FixtureRequest,
    shared_database_url: str,
    redis_url: str,
    simulator: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MakeTargets]:
    """Build targets from the default settings with some changes; None leaves one out.

    Its database is the test's own where the test asks for one.
    """
    made: list[CheckUpTargets] = []
    has_own = "database_url" in request.fixturenames
    database_url = request.getfixturevalue("database_url") if has_own else shared_database_url

    def make(**changes: str | None) -> CheckUpTargets:
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "ATELIER_HOME": str(tmp_path),
            "ATELIER_PORT": "9",
            "ATELIER_SIMULATOR_URL": simulator,
            "REPLICATE_BASE_URL": simulator,
            "GEMINI_BASE_URL": simulator,
            "HUGGINGFACE_BASE_URL": simulator,
            "REPLICATE_API_TOKEN": GOOD_TOKEN,
            "GEMINI_API_KEY": GEMINI_KEY,
            "HUGGINGFACE_API_KEY": HUGGINGFACE_KEY,
            **changes,
        }
        for name, value in environment.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        settings = load_settings(None)
        made.append(build_check_up_targets(settings, LazyProviders(settings)))
        return made[-1]

    yield make
    for targets in made:
        targets.close()


@pytest.fixture
def targets(make_targets: MakeTargets) -> CheckUpTargets:
    """Targets with the default settings of these tests."""
    return make_targets()


def check(targets: CheckUpTargets, name: str) -> CheckResult:
    """Run the one check of this name."""
    named = [it for it in checks_for(targets) if it.name == name]
    (result,) = run_checks(named, targets, 10.0)
    return result


@pytest.fixture
def box(database: Database) -> Iterator[Box]:
    """The one box, which counts its statements."""
    statements: list[str] = []

    def note(*called: Any) -> None:
        statements.append(called[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield Box(Locator(database), database, statements)
    event.remove(database.engine, "before_cursor_execute", note)
