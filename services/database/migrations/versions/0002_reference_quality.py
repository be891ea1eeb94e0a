"""reference quality"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# One place for all recipes, now and later: whoever inserts a slot tells what it began from. One row
# at a time in one order, so that two starts never wait for each other.
MARK_USED = (
    """
    CREATE FUNCTION app.mark_references_used() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE used_asset_id text;
    BEGIN
        FOR used_asset_id IN
            SELECT DISTINCT jsonb_array_elements_text(input_asset_ids) FROM added
            WHERE parent_slot_id IS NULL AND kind <> 'poses' ORDER BY 1
        LOOP
            UPDATE app.references SET used_at = clock_timestamp()
            WHERE asset_id = used_asset_id AND used_at IS NULL;
        END LOOP;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER mark_references_used AFTER INSERT ON app.slots
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.mark_references_used()
    """,
    """
    UPDATE app.references SET used_at = uses.first_at
    FROM (
        SELECT jsonb_array_elements_text(input_asset_ids) AS asset_id, min(created_at) AS first_at
        FROM app.slots WHERE parent_slot_id IS NULL AND kind <> 'poses' GROUP BY 1
    ) AS uses
    WHERE uses.asset_id = app.references.asset_id
    """,
)

LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    _measures()
    _orders()
    _left_out_before()
    op.create_table(
        "reference_tags",
        sa.Column("reference_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_reference_tags_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["reference_id"],
            ["app.references.id"],
            name=op.f("fk_reference_tags_reference_id_references"),
        ),
        sa.PrimaryKeyConstraint("reference_id", "tag", name=op.f("pk_reference_tags")),
        schema="app",
    )
    op.create_index(
        "ix_reference_tags_account_id_tag_reference_id",
        "reference_tags",
        ["account_id", "tag", "reference_id"],
        schema="app",
    )
    op.create_index(
        "ix_slots_from_uploads",
        "slots",
        ["account_id"],
        schema="app",
        postgresql_where=sa.text(
            "parent_slot_id IS NULL AND kind <> 'poses' AND input_asset_ids <> '[]'::jsonb"
        ),
    )
    for statement in MARK_USED:
        op.execute(statement)


def _measures() -> None:
    op.add_column(
        "references",
        sa.Column("sharpness", sa.Double(), server_default="-1", nullable=False),
        schema="app",
    )
    op.add_column("references", sa.Column("pixel_count", sa.BigInteger()), schema="app")
    op.execute(
        """
        UPDATE app.references SET pixel_count = assets.width::bigint * assets.height
        FROM app.assets WHERE assets.id = app.references.asset_id
        """
    )
    op.alter_column("references", "pixel_count", nullable=False, schema="app")
    op.add_column("references", sa.Column("phash", sa.BigInteger()), schema="app")
    op.add_column("references", sa.Column("phash_mirrored", sa.BigInteger()), schema="app")
    op.add_column("references", sa.Column("erased_at", sa.TIMESTAMP(timezone=True)), schema="app")
    op.add_column("references", sa.Column("used_at", sa.TIMESTAMP(timezone=True)), schema="app")
    op.create_index(op.f("ix_references_asset_id"), "references", ["asset_id"], schema="app")


def _orders() -> None:
    for column in ("sharpness", "pixel_count"):
        op.create_index(
            f"ix_references_account_id_{column}_id",
            "references",
            ["account_id", column, "id"],
            schema="app",
            postgresql_where=LIVE,
        )
    op.create_index(
        "ix_references_account_id_deleted_at_id",
        "references",
        ["account_id", "deleted_at", "id"],
        schema="app",
        postgresql_where=sa.text("deleted_at IS NOT NULL AND erased_at IS NULL"),
    )
    op.create_index(
        "ix_references_alike",
        "references",
        ["account_id"],
        schema="app",
        postgresql_include=["phash", "id"],
        postgresql_where=sa.text("deleted_at IS NULL AND phash IS NOT NULL"),
    )


def _left_out_before() -> None:
    """The two keys that close a circle of tables: `create_table` leaves out a `use_alter` one."""
    for table, column, other in (
        ("generations", "mascot_id", "mascots"),
        ("slots", "charge_id", "ledger_entries"),
    ):
        op.create_foreign_key(
            op.f(f"fk_{table}_{column}_{other}"),
            table,
            other,
            [column],
            ["id"],
            source_schema="app",
            referent_schema="app",
        )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
