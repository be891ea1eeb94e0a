"""Every statement that a runbook prints runs as printed."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.database.engine import Database
from services.diagnosis.runbooks import FOLDERS

STATEMENT = re.compile(r'\./run sql "([^"]+)"')


def test_every_printed_statement_runs(database: Database) -> None:
    found = [
        (path.stem, statement)
        for folder in FOLDERS
        for path in sorted(folder.glob("*.md"))
        for statement in STATEMENT.findall(path.read_text())
    ]
    assert len(found) > 10
    for page, statement in found:
        with database.transaction() as session:
            session.execute(text("SET LOCAL search_path = diagnostics"))
            try:
                session.connection().exec_driver_sql(statement.replace("%", "%%"))
            except DBAPIError as error:
                pytest.fail(f"{page}: {error}")
