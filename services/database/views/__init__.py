"""Schema `diagnostics`: the documented views, made anew after every migration.

Each `.sql` file beside this one creates the views of one subject; a view's comment is the question
that it answers, which the SQL page shows.
"""

from pathlib import Path

from sqlalchemy import Connection

from services.database.engine import raw_connection

SCHEMA = "diagnostics"


def create_views(connection: Connection) -> None:
    """Create schema `diagnostics` and every view in it, in the caller's transaction.

    The schema must not be there: `services.database.engine.prepare` has just dropped it.
    """
    raw = raw_connection(connection)
    raw.execute(f"CREATE SCHEMA {SCHEMA}".encode())
    for file in sorted(Path(__file__).parent.glob("*.sql")):
        raw.execute(file.read_bytes())
