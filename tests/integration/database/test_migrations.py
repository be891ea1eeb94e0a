"""The migrations and the models say the same, and rows that were there before come along."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from services.database.engine import MIGRATIONS, Database
from services.database.models import Base
from tests.integration.database.server import Server

OLD_ROWS = (
    "INSERT INTO app.accounts (id, name, tier) VALUES ('acc_1', 'Studio', 'free')",
    "INSERT INTO app.people (id, name, role) VALUES ('per_1', 'Ada', 'admin')",
    """
    INSERT INTO app.assets (id, account_id, sha256, storage_key, storage_uri, thumbnail_key,
        content_type, byte_count, width, height, placeholder)
    VALUES ('ast_1', 'acc_1', 'ab', 'k', 'file:///k', 't', 'image/jpeg', 9, 4096, 3000, '')
    """,
    """
    INSERT INTO app.references (id, account_id, asset_id, sha256, filename, source_format,
        source_bytes, uploaded_by)
    VALUES ('ref_1', 'acc_1', 'ast_1', 'ab', 'a.jpg', 'JPEG', 9, 'per_1')
    """,
)


@pytest.fixture
def empty(server: Server) -> Iterator[Database]:
    """A database with nothing but an empty schema `app`."""
    name = f"empty_{secrets.token_hex(4)}"
    opened = Database(server.create_database(name))
    with opened.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA app"))
    yield opened
    opened.close()
    server.drop_database(name)


def test_migrated_database_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": _only_app,
                "compare_server_default": True,
                "version_table": "schema_version",
                "version_table_schema": "app",
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_references_of_the_first_version_get_their_size_and_no_measure(empty: Database) -> None:
    _upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    _upgrade(empty, "head")
    with empty.engine.connect() as connection:
        row = connection.execute(
            text("SELECT pixel_count, sharpness, phash, used_at FROM app.references")
        ).one()
    assert tuple(row) == (4096 * 3000, -1.0, None, None)


def _upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _only_app(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "schema" or name == "app"
