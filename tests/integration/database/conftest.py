"""A prepared database whose reader role may sign in, and rows to look at."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from services.database.prepare import prepare_database
from services.database.read_only.reader import reader_url
from services.database.read_only.role import reader_password, reader_role_name
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.integration.database.server import Server


@pytest.fixture(scope="session")
def server(postgres_url: str) -> Server:
    """The server, for tests that make databases and roles of their own."""
    return Server(postgres_url)


@pytest.fixture
def readable_url(database_url: str, server: Server) -> Iterator[str]:
    """The fresh database as its reader role sees it; a copied database has no such role yet."""
    state = prepare_database(database_url, SECRET_KEY, STARTING_CREDITS)
    assert state.is_on, state.reason
    yield reader_url(database_url, reader_password(SECRET_KEY))
    server.drop_role(database_url, state.role)


@pytest.fixture(scope="session")
def guarded(server: Server, template_database: str) -> Iterator[str]:
    """A database with secrets in it that no statement may change or show; as its owner."""
    name = f"guarded_{secrets.token_hex(4)}"
    url = server.create_database(name, template=template_database)
    state = prepare_database(url, SECRET_KEY, STARTING_CREDITS)
    assert state.is_on, state.reason
    with server.connect(url) as connection:
        connection.execute(
            "INSERT INTO app.people (id, name, email, role)"
            " VALUES ('per_x', 'Hidden', 'hidden-secret@example.com', 'viewer')"
        )
        connection.execute(
            "INSERT INTO app.heartbeats (name, role, host, pid, thread_count, detail)"
            " VALUES ('w', 'worker', 'host', 1, 1, '{\"token\": \"hidden-secret\"}')"
        )
    yield url
    server.drop_database(name)
    server.drop_role(server.url, reader_role_name(name))


@pytest.fixture(scope="session")
def shared_url(guarded: str) -> str:
    """That database as its reader role sees it, for tests that only read."""
    return reader_url(guarded, reader_password(SECRET_KEY))


@pytest.fixture
def owner(database_url: str, server: Server) -> Iterator[psycopg.Connection]:
    """The fresh database as its superuser, for what needs no ORM."""
    with server.connect(database_url) as connection:
        yield connection
