"""A page that is opened before the first preparation has ended says so."""

import secrets

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from services.core.errors import DatabaseNotReadyError
from services.database.engine import Database


def test_an_unprepared_database_is_told_from_a_fault(postgres_url: str) -> None:
    name = f"bare_{secrets.token_hex(4)}"
    plain = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(
        plain.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        bare = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        database = Database(bare, pool_size=1)
        with pytest.raises(DatabaseNotReadyError), database.transaction() as session:
            session.execute(text("SELECT * FROM app.people"))
        database.close()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
