"""Store the account that each person last worked for"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "people",
        sa.Column("account_id", sa.Text(), sa.ForeignKey("app.accounts.id"), nullable=True),
        schema="app",
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
