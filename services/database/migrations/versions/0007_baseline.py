"""Create schema `app` as migrations 0001 to 0007 made it"""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    script = Path(__file__).parent.with_name("baseline_0007.sql")
    # Through psycopg: it takes many statements at once and no % for a parameter.
    op.get_bind().connection.driver_connection.execute(script.read_bytes())


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
