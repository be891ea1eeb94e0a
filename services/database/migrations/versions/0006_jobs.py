"""jobs: the list of runs by time, model and failure"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index("created_at_id", ["created_at", "id"])
    _index("model_created_at_id", ["model", "created_at", "id"])
    op.create_index(
        "ix_runs_failure_created_at_id",
        "runs",
        ["failure", "created_at", "id"],
        schema="app",
        postgresql_where=sa.text("failure IS NOT NULL"),
    )


def _index(name: str, columns: list[str]) -> None:
    op.create_index(f"ix_runs_{name}", "runs", columns, schema="app")


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
