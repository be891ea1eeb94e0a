"""Mark slots whose charge is kept although they failed: a content filter refused them"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; every charge so far was refunded."""
    op.add_column(
        "slots",
        sa.Column("is_charge_kept", sa.Boolean(), nullable=False, server_default=sa.false()),
        schema="app",
    )


def downgrade() -> None:
    """Refuse: a newer version's rows would be lost."""
    raise RuntimeError("There is no way back from here: restore the backup made before.")
