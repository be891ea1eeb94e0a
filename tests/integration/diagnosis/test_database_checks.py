"""What the check-up finds about a database that is unavailable, old, pooled, open or late."""

import re
import time
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from services.database.engine import Database
from services.database.prepare import prepare_database
from services.database.read_only.role import reader_role_name
from services.health.check import CheckStatus, CheckUpTargets
from services.health.checks import database as database_checks
from tests.conftest import SECRET_KEY
from tests.integration.diagnosis.conftest import MakeTargets, check

CLOSED = "postgresql://user:hidden-password@127.0.0.1:1/atelier"


def test_a_good_database_is_well(targets: CheckUpTargets) -> None:
    for name in ("PostgreSQL", "Migrations", "Session connection", "Clocks"):
        assert check(targets, name).status is CheckStatus.OK
    assert "PostgreSQL 18" in check(targets, "PostgreSQL").finding


def test_a_database_that_is_away_fails_once_and_the_rest_is_unknown(
    make_targets: MakeTargets,
) -> None:
    targets = make_targets(DATABASE_URL=CLOSED)
    away = check(targets, "PostgreSQL")
    assert away.status is CheckStatus.FAILED
    assert "127.0.0.1:1/atelier" in away.finding and "DATABASE_URL" in str(away.fix)
    assert "hidden" not in away.finding
    for name in ("Migrations", "Session connection", "Clocks", "Workers", "Calls to Replicate"):
        assert check(targets, name).status is CheckStatus.UNKNOWN


def test_without_a_database_the_fix_is_to_start_run(make_targets: MakeTargets) -> None:
    targets = make_targets(DATABASE_URL=None)
    for name in ("PostgreSQL", "Workers", "Dispatcher"):
        answered = check(targets, name)
        assert answered.status is CheckStatus.FAILED
        assert "Start ./run" in str(answered.fix)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE app.schema_version SET version_num = '0006'", "version 0006, unknown here"),
        ("UPDATE app.schema_version SET version_num = '0007'", "migrations are pending, up to"),
        ("UPDATE app.schema_version SET version_num = 'ffff'", "version ffff, unknown here"),
        ("DROP TABLE app.schema_version", "migrations are pending, up to"),
    ],
)
def test_another_version_of_the_tables_fails(
    targets: CheckUpTargets, database: Database, statement: str, finding: str
) -> None:
    with database.transaction() as session:
        session.execute(text(statement))
    answered = check(targets, "Migrations")
    assert answered.status is CheckStatus.FAILED
    assert finding in answered.finding and answered.fix


def test_a_transaction_pooler_is_recognised(
    targets: CheckUpTargets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first client comes back to another server process: the second one holds its own.
    processes = count(100)
    monkeypatch.setattr(database_checks, "_server_process", lambda connection: next(processes))
    answered = check(targets, "Session connection")
    assert answered.status is CheckStatus.FAILED
    assert "session port" in str(answered.fix)


def test_the_reader_that_cannot_sign_in_is_a_warning(targets: CheckUpTargets) -> None:
    answered = check(targets, "Reader of the SQL page")
    assert answered.status is CheckStatus.WARNING
    assert "DATABASE_READONLY_URL" in str(answered.fix)


def test_the_privileges_of_the_reader_are_checked(
    targets: CheckUpTargets, database: Database
) -> None:
    prepare_database(database.url, SECRET_KEY, 0)
    answered = check(targets, "Reader of the SQL page")
    assert answered.status is CheckStatus.OK
    assert "pg_advisory_lock(bigint)" in str(answered.fix)
    prepare_database(database.url, SECRET_KEY, 0, is_embedded=True)
    assert check(targets, "Reader of the SQL page").fix is None
    role = reader_role_name(str(database.engine.url.database))
    with database.transaction() as session:
        session.execute(text(f'GRANT USAGE ON SCHEMA app TO "{role}"'))
    answered = check(targets, "Reader of the SQL page")
    assert answered.status is CheckStatus.FAILED
    assert f"REVOKE ALL ON SCHEMA app FROM {role}" in str(answered.fix)


@pytest.mark.parametrize(
    ("ahead", "words"), [(60.0, r"(59|60|61)\.\d s ahead"), (-60.0, r"(59|60|61)\.\d s behind")]
)
def test_a_clock_that_is_off_is_a_warning(
    targets: CheckUpTargets, ahead: float, words: str
) -> None:
    answered = check(replace(targets, now=lambda: time.time() + ahead), "Clocks")
    assert answered.status is CheckStatus.WARNING
    assert re.search(f"this machine is {words}", answered.finding)
    assert "Redis agrees" in answered.finding
    assert "NTP" in str(answered.fix)
