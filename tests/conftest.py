"""What every test may ask for: a private PostgreSQL and Redis, and fresh databases in it.

The servers are the embedded ones of `./run`, one pair for each pytest process.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from redis import Redis
from sqlalchemy.engine import make_url

from services.database.engine import Database
from services.database.prepare import prepare_database
from services.providers.registry import provider_prices
from services.queue.rq_queue import connect
from services.recipes.registry import item_prices
from tests.s3_server import running_s3
from workers.local.postgres import EmbeddedPostgres
from workers.local.redis import EmbeddedRedis

# How long an example takes says something about the machine, and nothing about the code.
settings.register_profile("atelier", deadline=None)
settings.load_profile("atelier")

SECRET_KEY = "a-key-for-tests-0123456789abcdef"
STARTING_CREDITS = 10_000
ROOMY_BYTES = 4 * 1024**3
TEMPLATE = "atelier_template"


@pytest.fixture(scope="session")
def servers_home() -> Iterator[Path]:
    """A short folder: socket paths are limited to about 100 characters."""
    home = Path(tempfile.mkdtemp(prefix="atelier-", dir=_memory()))
    yield home
    shutil.rmtree(home, ignore_errors=True)


def _memory() -> Path | None:
    """A file system in memory, if there is a roomy one: a fresh database is 300 files.

    Half a second for each test on a disk, a twentieth there.
    """
    place = Path("/dev/shm")
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return None
    return place if shutil.disk_usage(place).free > ROOMY_BYTES else None


@pytest.fixture(scope="session")
def postgres_url(servers_home: Path) -> Iterator[str]:
    """The server's URL, as its superuser; `database_url` is what most tests want."""
    with EmbeddedPostgres(servers_home) as server:
        yield server.url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """A prepared database that others are copied from."""
    administer(postgres_url, f'CREATE DATABASE "{TEMPLATE}"')
    prepare_database(
        with_database(postgres_url, TEMPLATE),
        SECRET_KEY,
        STARTING_CREDITS,
        provider_prices=provider_prices(),
        item_prices=item_prices(),
    )
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A fresh prepared database: one account with 10,000 credits, one local admin."""
    with copied_database(postgres_url, template_database) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The fresh database, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def redis_server(servers_home: Path) -> Iterator[EmbeddedRedis]:
    """The queue's server."""
    with EmbeddedRedis(servers_home) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """An empty Redis."""
    connection = connect(redis_server.url)
    connection.flushall()
    connection.close()
    return redis_server.url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """The empty Redis, opened."""
    connection = connect(redis_url)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """An S3 server without buckets; tests/s3_server.py makes them."""
    with running_s3() as url:
        yield url


@contextmanager
def copied_database(postgres_url: str, template: str) -> Iterator[str]:
    """The URL of a copy of this database, which nobody may be connected to; dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield with_database(postgres_url, name)
    administer(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def with_database(url: str, name: str) -> str:
    """The same server's URL of another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def administer(url: str, statement: str) -> None:
    """Execute a statement on the server, outside of any transaction."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
