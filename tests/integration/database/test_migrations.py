"""The migrations and the models agree; a database of an unknown version is refused."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from services.core.errors import DatabaseVersionError
from services.database.engine import MIGRATIONS, Database
from services.database.models import Base
from services.database.prepare import prepare_database
from tests.conftest import SECRET_KEY, STARTING_CREDITS


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [file.name[:4] for file in sorted((MIGRATIONS / "versions").glob("*.py"))]
    assert numbers == [f"{number:04}" for number in range(7, 7 + len(numbers))]


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


@pytest.mark.parametrize(
    ("version", "fix"), [("0006", "commit acfdfcb"), ("9999", "update this program")]
)
def test_a_database_of_an_unknown_version_is_refused_and_stays_as_it_is(
    database: Database, version: str, fix: str
) -> None:
    _set_version(database, version)

    with pytest.raises(DatabaseVersionError, match=version) as refused:
        prepare_database(database.url, SECRET_KEY, STARTING_CREDITS)

    assert fix in refused.value.sentence
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM diagnostics.accounts")) == 1


def _set_version(database: Database, version: str) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE app.schema_version SET version_num = :v"), {"v": version})


def _only_app(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "schema" or name == "app"
