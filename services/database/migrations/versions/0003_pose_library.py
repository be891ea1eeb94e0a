"""the pose library"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The poses, and which of them a slot shows; seeding fills the table after this."""
    timestamp = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "poses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("skeleton", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at", timestamp, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("archived_at", timestamp, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poses")),
        schema="app",
    )
    op.create_index("ix_poses_position_id", "poses", ["position", "id"], schema="app")
    op.add_column("slots", sa.Column("pose_id", sa.Text(), nullable=True), schema="app")
    op.add_column(
        "slots", sa.Column("control_skeleton", postgresql.JSONB(), nullable=True), schema="app"
    )
    op.create_foreign_key(
        op.f("fk_slots_pose_id_poses"),
        "slots",
        "poses",
        ["pose_id"],
        ["id"],
        source_schema="app",
        referent_schema="app",
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
