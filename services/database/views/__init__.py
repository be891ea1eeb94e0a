"""Schema `diagnostics`: the documented views, made anew after every migration.

Each `.sql` file beside this one creates the views of one subject; a view's comment is the question
that it answers, which the SQL page shows.
"""

from pathlib import Path

from sqlalchemy import Connection

from services.database.engine import raw_connection

SCHEMA = "diagnostics"


def create_views(connection: Connection) -> None:
    """Create every view, in the caller's transaction; `prepare` has dropped those of before."""
    raw = raw_connection(connection)
    for file in sorted(Path(__file__).parent.glob("*.sql")):
        raw.execute(file.read_bytes())
