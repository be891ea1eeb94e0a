"""A database that an earlier version filled is upgraded, and its unfinished work goes on.

`database_at_0007.sql` is a dump of a desk in the middle of its work: finished mascots and poses, an
export, an applied remedy, recovered runs, predictions under way and runs that wait for their submit.
"""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from services.core.states import ACTIVE_RUNS, RunState
from services.database.engine import Database
from services.database.models import (
    Asset,
    Attempt,
    Audit,
    Event,
    Generation,
    LedgerEntry,
    Run,
    Slot,
)
from services.database.prepare import prepare_database
from services.recipes.registry import item_prices
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import (
    FINISHED,
    PipelineSetup,
    drawn,
    open_pipeline_setup,
)

DUMP = Path(__file__).with_name("database_at_0007.sql")


@pytest.fixture
def upgraded_url(postgres_url: str) -> Iterator[str]:
    """The dump in a database of its own, brought to this version."""
    name = f"upgrade_{secrets.token_hex(6)}"
    server = make_url(postgres_url).set(drivername="postgresql")
    url = server.set(database=name)
    with psycopg.connect(_text(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        with psycopg.connect(_text(url), autocommit=True) as filled:
            filled.execute(DUMP.read_bytes())
        ours = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        prepare_database(ours, SECRET_KEY, STARTING_CREDITS, item_prices=item_prices())
        yield ours
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.fixture
def upgraded(
    upgraded_url: str, redis_url: str, fast_simulator: str, tmp_path: Path
) -> Iterator[ManualPipeline]:
    """The pipeline on the upgraded database; its provider knows none of the old predictions."""
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()
    with (
        open_pipeline_setup(upgraded_url, redis_url, fast_simulator, tmp_path) as studio,
        open_manual_pipeline(studio) as by_hand,
    ):
        _store_pictures(studio)
        yield by_hand


def _store_pictures(studio: PipelineSetup) -> None:
    """Put a picture under every key that a row names: the dump holds rows alone."""
    with studio.services.database.transaction() as session:
        keys = list(session.scalars(select(Asset.storage_key)))
    for key in keys:
        path = studio.logs / "storage" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn("teal"))


def test_what_is_stored_carries_the_new_names(upgraded_url: str) -> None:
    database = Database(upgraded_url)
    with database.transaction() as session:
        events = set(session.scalars(select(Event.name)))
        actions = set(session.scalars(select(Audit.action)))
        providers = set(session.scalars(select(Attempt.provider)))
        remedies = set(
            session.scalars(
                select(Event.detail["remedy"].astext).where(Event.name == "remedy.applied")
            )
        )
    database.close()
    assert "run.recovered" in events and not events & {"run.rescued", "run.rung_again"}
    assert "remedy.requeue" in actions and remedies == {"requeue"}
    assert providers == {"local", "replicate", "gemini"}


def test_an_upgraded_database_has_the_tables_of_a_new_one(
    upgraded_url: str, database_url: str
) -> None:
    assert _schema(upgraded_url) == _schema(database_url)


_SCHEMA = """
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod)
      || attnotnull::text || attidentity::text || coalesce(pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' AND attnum > 0
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'app'::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'app'
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', '', proname, prosrc FROM pg_proc WHERE pronamespace = 'app'::regnamespace
"""


def _schema(url: str) -> set[tuple[str, ...]]:
    """Tables, constraints, indexes, triggers and functions, without the casts that a dump adds."""
    plain = make_url(url).set(drivername="postgresql")
    with psycopg.connect(_text(plain)) as connection:
        rows = connection.execute(_SCHEMA).fetchall()
    casts = r"::(text\[\]|text|character varying)|ARRAY|[()\[\]\s]"
    return {(*row[:3], re.sub(casts, "", row[3])) for row in rows}


def test_the_append_only_tables_are_guarded_after_the_upgrade(upgraded_url: str) -> None:
    plain = make_url(upgraded_url).set(drivername="postgresql")
    with psycopg.connect(_text(plain)) as connection:
        for table in ("events", "audit", "ledger_entries"):
            with pytest.raises(psycopg.errors.RaiseException), connection.transaction():
                connection.execute(f"DELETE FROM app.{table}".encode())


def test_unfinished_work_goes_on_and_the_ledger_stays_even(upgraded: ManualPipeline) -> None:
    with upgraded.context.database.transaction() as session:
        before = dict(session.execute(select(Run.state, func.count()).group_by(Run.state)).all())
        entries = session.scalar(select(func.count()).select_from(LedgerEntry))
        generations = list(session.scalars(select(Generation.id)))
    assert before[RunState.QUEUED] and before[RunState.WAITING] and entries

    def is_finished() -> bool:
        with upgraded.context.database.transaction() as session:
            states = set(session.scalars(select(Generation.state)))
            return states <= FINISHED

    upgraded.until(is_finished, 60.0)

    with upgraded.context.database.transaction() as session:
        after = dict(session.execute(select(Run.state, func.count()).group_by(Run.state)).all())
        filled = session.scalar(select(func.count()).where(Slot.asset_id.is_not(None)))
    assert not ACTIVE_RUNS & after.keys()
    assert after[RunState.SUCCEEDED] == before[RunState.SUCCEEDED] + before[RunState.QUEUED]
    assert after[RunState.FAILED] == before[RunState.FAILED] + before[RunState.WAITING]
    assert filled
    for generation in generations:
        upgraded.studio.assert_sound(generation)
