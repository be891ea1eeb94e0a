"""A database with sample rows for every test that only reads."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.core.actors import Actor
from services.core.states import Role
from services.database.engine import Database
from services.database.prepare import prepare_database
from services.database.read_only.reader import reader_url
from services.database.read_only.role import reader_password, reader_role_name
from services.recipes.registry import item_prices
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.integration.database.conftest import owner, readable_url, server
from tests.integration.database.server import Server
from tests.integration.sql.sample_rows import add_sample_rows

__all__ = ["owner", "readable_url", "server"]

ADMIN = Actor("per_local", "Local operator", Role.ADMIN)
OPERATOR = Actor("per_operator", "Olga", Role.OPERATOR)
VIEWER = Actor("per_viewer", "Vera", Role.VIEWER)


@dataclass(frozen=True)
class SampleDatabase:
    """A database's URLs for its reader and its owner."""

    reader: str
    owner: str
    generation_id: str = "gen_xyz"


@pytest.fixture(scope="module")
def sample(server: Server, template_database: str) -> Iterator[SampleDatabase]:
    """A database with rows for every named query, and secrets in it."""
    name = f"filled_{secrets.token_hex(4)}"
    url = server.create_database(name, template=template_database)
    state = prepare_database(url, SECRET_KEY, STARTING_CREDITS, item_prices=item_prices())
    assert state.is_on, state.reason
    database = Database(url)
    generation_id = add_sample_rows(database)
    database.close()
    yield SampleDatabase(reader_url(url, reader_password(SECRET_KEY)), url, generation_id)
    server.drop_database(name)
    server.drop_role(server.url, reader_role_name(name))
