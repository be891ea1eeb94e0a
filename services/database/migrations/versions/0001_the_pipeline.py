"""the pipeline"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Balances follow the ledger, and the ledger, the timeline and the audit are never rewritten:
# the database itself holds both, whatever the code above it does.
GUARDS = (
    """
    CREATE FUNCTION app.apply_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE app.accounts SET balance = balance + NEW.amount WHERE id = NEW.account_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER apply_ledger_entry AFTER INSERT ON app.ledger_entries
    FOR EACH ROW EXECUTE FUNCTION app.apply_ledger_entry()
    """,
    """
    CREATE FUNCTION app.refuse_balance_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'a balance moves by ledger entries alone';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER refuse_balance_change BEFORE UPDATE OF balance ON app.accounts
    FOR EACH ROW EXECUTE FUNCTION app.refuse_balance_change()
    """,
    """
    CREATE FUNCTION app.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER refuse_rewrite BEFORE UPDATE OR DELETE OR TRUNCATE ON app.{table}
        FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite()
        """
        for table in ("ledger_entries", "events", "audit")
    ),
)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum(
                "free",
                "pro",
                "unlimited",
                name="tier",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_accounts_balance_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        schema="app",
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="app",
    )
    op.create_index(
        op.f("ix_audit_subject_id"), "audit", ["subject_id"], unique=False, schema="app"
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("thread_count", sa.Integer(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "started_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "beat_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
        schema="app",
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "operator",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("disabled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        schema="app",
    )
    op.create_table(
        "prices",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_prices_credits_not_negative")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_prices")),
        schema="app",
    )
    op.create_table(
        "provider_states",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("paused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("token_fingerprint", sa.Text(), nullable=True),
        sa.Column("blocked_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("bucket_tokens", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "bucket_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_states")),
        schema="app",
    )
    op.create_table(
        "queue_states",
        sa.Column(
            "queue",
            sa.Enum(
                "high",
                "default",
                "low",
                name="queuename",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("paused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_states")),
        schema="app",
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("storage_uri", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("placeholder", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("missing_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_assets_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        schema="app",
    )
    op.create_index(op.f("ix_assets_sha256"), "assets", ["sha256"], unique=False, schema="app")
    op.create_table(
        "generations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mascots",
                "poses",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("mascot_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "partial",
                "failed",
                "canceled",
                "needs_review",
                name="generationstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("price_credits", sa.Integer(), nullable=False),
        sa.Column("estimated_cost_usd", sa.Double(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_generations_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["mascot_id"],
            ["app.mascots.id"],
            name=op.f("fk_generations_mascot_id_mascots"),
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["app.people.id"], name=op.f("fk_generations_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
        sa.UniqueConstraint(
            "account_id", "idempotency_key", name=op.f("uq_generations_account_id_idempotency_key")
        ),
        schema="app",
    )
    op.create_index(
        "ix_generations_created_at_id",
        "generations",
        ["created_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        op.f("ix_generations_fingerprint"),
        "generations",
        ["fingerprint"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_generations_kind_created_at_id",
        "generations",
        ["kind", "created_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        op.f("ix_generations_mascot_id"), "generations", ["mascot_id"], unique=False, schema="app"
    )
    op.create_index(
        "ix_generations_state_created_at_id",
        "generations",
        ["state", "created_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "asset_parents",
        sa.Column("child_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["app.assets.id"], name=op.f("fk_asset_parents_child_id_assets")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["app.assets.id"], name=op.f("fk_asset_parents_parent_id_assets")
        ),
        sa.PrimaryKeyConstraint("child_id", "parent_id", name=op.f("pk_asset_parents")),
        schema="app",
    )
    op.create_index(
        op.f("ix_asset_parents_parent_id"),
        "asset_parents",
        ["parent_id"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "mascots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("variation", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_mascots_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["app.generations.id"],
            name=op.f("fk_mascots_generation_id_generations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mascots")),
        schema="app",
    )
    op.create_index(
        "ix_mascots_account_id_created_at",
        "mascots",
        ["account_id", "created_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        op.f("ix_mascots_generation_id"), "mascots", ["generation_id"], unique=False, schema="app"
    )
    op.create_table(
        "references",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("source_format", sa.Text(), nullable=False),
        sa.Column("source_bytes", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_references_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["app.assets.id"], name=op.f("fk_references_asset_id_assets")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["app.people.id"], name=op.f("fk_references_uploaded_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_references")),
        schema="app",
    )
    op.create_index(
        "ix_references_account_id_created_at_id",
        "references",
        ["account_id", "created_at", "id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "uq_references_account_id_sha256_live",
        "references",
        ["account_id", "sha256"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mascots",
                "poses",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "submitting",
                "waiting",
                "ingesting",
                "succeeded",
                "failed",
                "canceled",
                "needs_review",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "due_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("rung_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lease_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("provider_status", sa.Text(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=True),
        sa.Column("deadline_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["app.generations.id"],
            name=op.f("fk_runs_generation_id_generations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        schema="app",
    )
    op.create_index(
        "ix_runs_due_at",
        "runs",
        ["due_at"],
        unique=False,
        schema="app",
        postgresql_where=sa.text(
            "lease_until IS NULL AND state IN ('queued', 'submitting', 'waiting', 'ingesting')"
        ),
    )
    op.create_index(
        op.f("ix_runs_generation_id"), "runs", ["generation_id"], unique=False, schema="app"
    )
    op.create_index(
        "ix_runs_to_submit",
        "runs",
        ["provider", sa.literal_column("priority DESC"), "created_at"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("state = 'queued' AND rung_at IS NULL AND lease_until IS NULL"),
    )
    op.create_index(
        "ix_runs_lease_until",
        "runs",
        ["lease_until"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index("ix_runs_state", "runs", ["state", "finished_at"], unique=False, schema="app")
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitting",
                "not_sent",
                "unknown",
                "running",
                "succeeded",
                "failed",
                "canceled",
                "lost",
                name="attemptstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("prediction_id", sa.Text(), nullable=True),
        sa.Column("web_url", sa.Text(), nullable=True),
        sa.Column("outputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("logs", sa.Text(), server_default="", nullable=False),
        sa.Column("predict_seconds", sa.Double(), nullable=True),
        sa.Column("estimated_cost_usd", sa.Double(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["app.runs.id"], name=op.f("fk_attempts_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "provider", "prediction_id", name=op.f("uq_attempts_provider_prediction_id")
        ),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_attempts_run_id_number")),
        schema="app",
    )
    op.create_index(
        "ix_attempts_provider_model_finished_at",
        "attempts",
        ["provider", "model", "finished_at"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["app.generations.id"],
            name=op.f("fk_events_generation_id_generations"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["app.runs.id"], name=op.f("fk_events_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="app",
    )
    op.create_index(
        "ix_events_generation_id_id", "events", ["generation_id", "id"], unique=False, schema="app"
    )
    op.create_index(op.f("ix_events_run_id"), "events", ["run_id"], unique=False, schema="app")
    op.create_table(
        "slots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mascots",
                "poses",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "full_body",
                "avatar",
                "square_icon",
                "pose",
                name="slotrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("run_group", sa.Integer(), nullable=False),
        sa.Column("mascot_id", sa.Text(), nullable=True),
        sa.Column("parent_slot_id", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("aspect_ratio", sa.Text(), nullable=True),
        sa.Column("input_asset_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("price_credits", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "blocked",
                "pending",
                "filled",
                "failed",
                "canceled",
                name="slotstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asset_id", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("filled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'filled') = (asset_id IS NOT NULL)", name=op.f("ck_slots_filled_has_asset")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_slots_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["app.assets.id"], name=op.f("fk_slots_asset_id_assets")
        ),
        sa.ForeignKeyConstraint(
            ["charge_id"],
            ["app.ledger_entries.id"],
            name=op.f("fk_slots_charge_id_ledger_entries"),
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["app.generations.id"],
            name=op.f("fk_slots_generation_id_generations"),
        ),
        sa.ForeignKeyConstraint(
            ["mascot_id"], ["app.mascots.id"], name=op.f("fk_slots_mascot_id_mascots")
        ),
        sa.ForeignKeyConstraint(
            ["parent_slot_id"], ["app.slots.id"], name=op.f("fk_slots_parent_slot_id_slots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "generation_id", "position", name=op.f("uq_slots_generation_id_position")
        ),
        schema="app",
    )
    op.create_index(op.f("ix_slots_asset_id"), "slots", ["asset_id"], unique=False, schema="app")
    op.create_index(
        "ix_slots_filled",
        "slots",
        ["filled_at", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("state = 'filled'"),
    )
    op.create_index(
        "ix_slots_kind_filled",
        "slots",
        ["kind", "filled_at", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("state = 'filled'"),
    )
    op.create_index(
        "ix_slots_mascot_filled",
        "slots",
        ["mascot_id", "filled_at", "id"],
        unique=False,
        schema="app",
        postgresql_where=sa.text("state = 'filled'"),
    )
    op.create_index(
        op.f("ix_slots_parent_slot_id"), "slots", ["parent_slot_id"], unique=False, schema="app"
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "grant",
                "charge",
                "refund",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Text(), nullable=True),
        sa.Column("slot_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind = 'charge' AND amount <= 0) OR (kind = 'refund' AND amount >= 0) OR kind = 'grant'",
            name=op.f("ck_ledger_entries_sign_fits_kind"),
        ),
        sa.CheckConstraint(
            "kind <> 'refund' OR (slot_id IS NOT NULL AND charge_id IS NOT NULL)",
            name=op.f("ck_ledger_entries_refund_names_slot_and_charge"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["app.accounts.id"], name=op.f("fk_ledger_entries_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["charge_id"],
            ["app.ledger_entries.id"],
            name=op.f("fk_ledger_entries_charge_id_ledger_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["app.generations.id"],
            name=op.f("fk_ledger_entries_generation_id_generations"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["app.slots.id"], name=op.f("fk_ledger_entries_slot_id_slots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entries_idempotency_key")),
        schema="app",
    )
    op.create_index(
        "ix_ledger_entries_account_id_created_at",
        "ledger_entries",
        ["account_id", "created_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        op.f("ix_ledger_entries_generation_id"),
        "ledger_entries",
        ["generation_id"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "uq_ledger_entries_refund_once",
        "ledger_entries",
        ["slot_id", "charge_id"],
        unique=True,
        schema="app",
        postgresql_where=sa.text("kind = 'refund'"),
    )
    op.create_table(
        "run_slots",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("output_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["app.runs.id"], name=op.f("fk_run_slots_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["app.slots.id"], name=op.f("fk_run_slots_slot_id_slots")
        ),
        sa.PrimaryKeyConstraint("run_id", "slot_id", name=op.f("pk_run_slots")),
        schema="app",
    )
    op.create_index(
        op.f("ix_run_slots_slot_id"), "run_slots", ["slot_id"], unique=False, schema="app"
    )

    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("The first version has nothing before it: drop the database instead.")
