"""Create schema `app` as migrations 0001 to 0007 made it"""

from pathlib import Path

from alembic import op

from services.database.engine import raw_connection

revision = "0007"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    script = Path(__file__).parent.with_name("baseline_0007.sql")
    # Through psycopg: it takes many statements at once and no % for a parameter.
    raw_connection(op.get_bind()).execute(script.read_bytes())


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
