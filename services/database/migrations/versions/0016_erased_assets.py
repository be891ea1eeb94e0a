"""Index erased assets, which the gallery's total leaves out"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    erased = sa.text("deleted_at IS NOT NULL")
    op.create_index("ix_assets_erased", "assets", ["id"], schema="app", postgresql_where=erased)


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
