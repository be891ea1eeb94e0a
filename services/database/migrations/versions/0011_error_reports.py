"""Store errors by their reference and what changed in the installation; index problem events"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NOW = sa.func.clock_timestamp()
PROBLEMS = (
    "name IN ('run.failed', 'run.step_failed', 'run.recovered', 'run.requeued', 'run.throttled',"
    " 'run.retried', 'run.needs_review', 'remedy.applied')"
)


def upgrade() -> None:
    op.create_table(
        "error_reports",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("traceback", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text),
        sa.Column("run_id", sa.Text),
        sa.Column("generation_id", sa.Text),
        sa.PrimaryKeyConstraint("reference", name="pk_error_reports"),
        schema="app",
    )
    op.create_index("ix_error_reports_at", "error_reports", ["at"], schema="app")
    op.create_index(
        "ix_error_reports_generation_id", "error_reports", ["generation_id"], schema="app"
    )
    op.create_table(
        "system_events",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_system_events"),
        schema="app",
    )
    op.create_index("ix_system_events_at", "system_events", ["at"], schema="app")
    op.create_index(
        "ix_events_problems", "events", ["at"], schema="app", postgresql_where=sa.text(PROBLEMS)
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
