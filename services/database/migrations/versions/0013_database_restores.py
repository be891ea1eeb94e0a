"""Remember that the database was restored from an older copy, until a person has dealt with it"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "database_restores",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("noticed_at", TIME, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("copied_at", TIME, nullable=False),
        sa.Column("lost_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_database_restores"),
        schema="app",
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
