"""What the benchmarks write past the services holds what the services hold."""

from pathlib import Path

from redis import Redis
from sqlalchemy import text

from bench.filling import Filling, fill
from bench.history import uri_prefix
from bench.open_runs import live_on, plant, stalled_count
from bench.rig import read_settings
from services.actors import SYSTEM
from services.container import Services, build_services
from services.database.engine import Database
from services.diagnosis.causes import Cause, Severity
from tests.conftest import SECRET_KEY

GENERATIONS = 100


def test_a_filled_history_adds_up_and_alarms_of_missing_files_alone(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    services = _services(database.url, redis_url, tmp_path)
    fill(database.url, Filling(GENERATIONS, uri_prefix(services)))
    assert all(it.adds_up for it in services.credits.totals(SYSTEM).values())
    with database.transaction() as session:
        ids = session.scalars(text("SELECT id FROM app.generations")).all()
    assert len(ids) == GENERATIONS
    diagnose = services.diagnoses.diagnose
    verdicts = [diagnose(SYSTEM, one, is_live=False).verdict for one in ids[:20]]
    alarms = {it.cause for it in verdicts if it.severity is Severity.ACT}
    assert alarms == {Cause.OBJECT_MISSING}
    services.database.close()


def test_of_the_open_runs_exactly_the_stalled_ones_are_listed(
    database: Database, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    services = _services(database.url, redis_url, tmp_path)
    fill(database.url, Filling(GENERATIONS, uri_prefix(services)))
    live_on(database)
    plant(database, redis)
    groups = services.diagnoses.stalled(SYSTEM).groups
    assert sum(group.count for group in groups) == stalled_count()
    services.database.close()


def _services(database_url: str, redis_url: str, home: Path) -> Services:
    return build_services(
        read_settings(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "ATELIER_HOME": str(home),
                "SECRET_KEY": SECRET_KEY,
                "REPLICATE_API_TOKEN": "r8_" + "simulated0" * 4,
            }
        )
    )
