"""audit: its page filters by person, action, time and words of the reason"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_actor_id", "audit", ["actor", "id"], schema="app")
    op.create_index("ix_audit_action_id", "audit", ["action", "id"], schema="app")
    op.create_index("ix_audit_at", "audit", ["at"], schema="app")
    words = sa.text("to_tsvector('simple', reason)")
    op.create_index("ix_audit_reason_words", "audit", [words], schema="app", postgresql_using="gin")


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
