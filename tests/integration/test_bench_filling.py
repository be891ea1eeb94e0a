"""What the benchmarks write past the services holds what the services hold."""

from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from bench.filling import Filling, fill
from bench.history import statements_of, uri_prefix
from bench.open_runs import live_on, plant, stalled_count
from bench.rig import read_settings
from services.container import build_services
from services.core.actors import SYSTEM
from services.core.settings import Settings
from services.database.engine import Database
from services.diagnosis.cause import Severity
from tests.conftest import SECRET_KEY

GENERATIONS = 100


@pytest.fixture
def filled(database: Database, redis_url: str, tmp_path: Path) -> Settings:
    """The settings of a desk with a short history."""
    settings = read_settings(
        {
            "DATABASE_URL": database.url,
            "REDIS_URL": redis_url,
            "ATELIER_HOME": str(tmp_path),
            "SECRET_KEY": SECRET_KEY,
            "REPLICATE_API_TOKEN": "r8_" + "simulated0" * 4,
        }
    )
    services = build_services(settings)
    fill(database.url, Filling(GENERATIONS, uri_prefix(services)))
    services.database.close()
    return settings


def test_a_filled_history_adds_up_and_alarms_of_missing_files_alone(
    filled: Settings, database: Database
) -> None:
    services = build_services(filled)
    assert all(it.adds_up for it in services.ledger.totals(SYSTEM).values())
    with database.transaction() as session:
        ids = session.scalars(text("SELECT id FROM app.generations")).all()
    assert len(ids) == GENERATIONS
    diagnose = services.diagnoses.diagnose
    verdicts = [diagnose(SYSTEM, one, is_live=False).verdict for one in ids[:20]]
    alarms = {it.cause for it in verdicts if it.severity is Severity.ACT}
    assert alarms == {"object_missing"}
    services.database.close()


def test_exactly_the_stalled_ones_are_listed_in_few_statements(
    filled: Settings, database: Database, redis: Redis
) -> None:
    live_on(database)
    plant(database, redis)
    services = build_services(filled)
    groups = services.diagnoses.stalled(SYSTEM).groups
    assert sum(group.count for group in groups) == stalled_count()
    lost = next(it for it in groups if it.cause == "redis_lost_job").items[0].generation_id
    services.database.close()
    assert statements_of(filled, lambda it: it.diagnoses.stalled(SYSTEM)) <= 12
    assert (
        statements_of(filled, lambda it: it.diagnoses.diagnose(SYSTEM, lost, is_live=False)) <= 18
    )
