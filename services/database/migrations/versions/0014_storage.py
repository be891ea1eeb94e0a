"""Give the installation an id that its storage is marked with, and name damaged files"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of one row, which the next start fills, and the cause."""
    op.execute(
        "CREATE TABLE app.installation (id text CONSTRAINT pk_installation PRIMARY KEY,"
        " created_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    op.execute("CREATE UNIQUE INDEX uq_installation_single ON app.installation ((true))")
    op.execute("ALTER TABLE app.assets DROP CONSTRAINT ck_assets_missingcause")
    op.execute(
        "ALTER TABLE app.assets ADD CONSTRAINT ck_assets_missingcause"
        " CHECK (missing_cause IN ('gone', 'thumbnail_gone', 'wrong_bucket', 'damaged'))"
    )


def downgrade() -> None:
    """Refuse: a newer version's rows would be lost."""
    raise RuntimeError("There is no way back from here: restore the backup made before.")
