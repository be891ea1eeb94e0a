"""recipes and credits"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("mascots", "poses", "simulations", "training", "studio", "edits")
ROLES = (
    *("full_body", "avatar", "square_icon", "pose", "rear_view", "side_view"),
    *("version", "weights", "studio", "background", "export"),
)
TIMESTAMP = postgresql.TIMESTAMP(timezone=True)
NOW = sa.text("clock_timestamp()")

# The quota of a day follows the ledger as the balance does, whatever the code above it does.
# Not by ON CONFLICT: a refund's row would break the check on `used` before the conflict is seen.
# The account's row, updated first, keeps two of these apart.
GUARDS = (
    """
    CREATE OR REPLACE FUNCTION app.apply_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE app.accounts SET balance = balance + NEW.amount WHERE id = NEW.account_id;
        IF NEW.quota_slots <> 0 THEN
            INSERT INTO app.quota_days (account_id, day, used)
            VALUES (NEW.account_id, NEW.quota_day, 0) ON CONFLICT DO NOTHING;
            UPDATE app.quota_days SET used = used + NEW.quota_slots
            WHERE account_id = NEW.account_id AND day = NEW.quota_day;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION app.refuse_quota_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'a quota moves by ledger entries alone';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER refuse_quota_change BEFORE INSERT OR UPDATE ON app.quota_days
    FOR EACH ROW EXECUTE FUNCTION app.refuse_quota_change()
    """,
    """
    CREATE TRIGGER refuse_quota_removal BEFORE DELETE OR TRUNCATE ON app.quota_days
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite()
    """,
)


def upgrade() -> None:
    _kinds_and_roles()
    _money()
    _pipeline()
    _simulations()
    _trainings()
    for statement in GUARDS:
        op.execute(statement)


def _kinds_and_roles() -> None:
    for table, column, constraint, values in (
        ("generations", "kind", "kind", KINDS),
        ("runs", "kind", "kind", KINDS),
        ("slots", "kind", "kind", KINDS),
        ("slots", "role", "slotrole", ROLES),
    ):
        listed = ", ".join(f"'{value}'" for value in values)
        name = op.f(f"ck_{table}_{constraint}")
        op.drop_constraint(name, table, schema="app")
        op.create_check_constraint(name, table, f"{column} IN ({listed})", schema="app")
    op.drop_constraint(op.f("ck_slots_filled_has_asset"), "slots", schema="app")
    op.create_check_constraint(
        op.f("ck_slots_filled_has_asset"),
        "slots",
        "CASE WHEN role = 'version' THEN asset_id IS NULL"
        " ELSE (state = 'filled') = (asset_id IS NOT NULL) END",
        schema="app",
    )


def _money() -> None:
    _add("accounts", sa.Column("daily_quota", sa.Integer(), server_default="200", nullable=False))
    op.create_check_constraint(
        op.f("ck_accounts_daily_quota_not_negative"), "accounts", "daily_quota >= 0", schema="app"
    )
    _add("ledger_entries", sa.Column("quota_day", sa.Date()))
    _add(
        "ledger_entries", sa.Column("quota_slots", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_ledger_entries_quota_fits_kind"),
        "ledger_entries",
        "(quota_slots = 0) = (quota_day IS NULL)"
        " AND (kind <> 'charge' OR quota_slots >= 0) AND (kind <> 'refund' OR quota_slots <= 0)",
        schema="app",
    )
    op.create_table(
        "quota_days",
        _key("account_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quota_days_used_not_negative")),
        _refers("quota_days", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_quota_days")),
        schema="app",
    )
    op.create_table(
        "provider_prices",
        _key("provider"),
        _key("model"),
        sa.Column(
            "unit",
            sa.Enum(
                *("second", "picture"),
                name="priceunit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("usd", sa.Float(), nullable=False),
        _stamp("updated_at"),
        sa.CheckConstraint("usd >= 0", name=op.f("ck_provider_prices_usd_not_negative")),
        sa.PrimaryKeyConstraint("provider", "model", name=op.f("pk_provider_prices")),
        schema="app",
    )
    op.create_table(
        "budgets",
        _key("id"),
        sa.Column("daily_usd", sa.Float()),
        sa.Column("monthly_usd", sa.Float()),
        sa.Column("warn_share", sa.Float(), server_default="0.8", nullable=False),
        sa.Column("is_stop", sa.Boolean(), server_default="true", nullable=False),
        _stamp("updated_at"),
        sa.CheckConstraint(
            "warn_share > 0 AND warn_share <= 1", name=op.f("ck_budgets_warn_share_is_a_share")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        schema="app",
    )


def _pipeline() -> None:
    _add("generations", sa.Column("cancel_requested_at", TIMESTAMP))
    op.create_index(
        "ix_generations_cancel_requested",
        "generations",
        ["cancel_requested_at"],
        schema="app",
        postgresql_where=sa.text(
            "cancel_requested_at IS NOT NULL AND state IN ('queued', 'running', 'needs_review')"
        ),
    )
    empty = sa.text("'{}'::jsonb")
    _add("slots", sa.Column("options", postgresql.JSONB(), server_default=empty, nullable=False))
    _add("runs", sa.Column("stage", sa.Text()))
    _add("attempts", sa.Column("actual_cost_usd", sa.Float()))
    _index("attempts", "created_at")
    _add("provider_states", sa.Column("paused_failure", sa.Text()))
    _add("provider_states", sa.Column("create_rate", sa.Float()))
    _add("provider_states", sa.Column("rate_lowered_at", TIMESTAMP))
    _add(
        "provider_states", sa.Column("read_tokens", sa.Float(), server_default="0", nullable=False)
    )
    _add("provider_states", _stamp("read_at"))
    for column, default in (
        ("thumbnail_key", ""),
        ("placeholder", ""),
        ("width", "0"),
        ("height", "0"),
    ):
        op.alter_column("assets", column, server_default=default, schema="app")
    op.create_check_constraint(
        op.f("ck_assets_pictures_have_pixels"),
        "assets",
        "(content_type LIKE 'image/%') = (width > 0 AND height > 0 AND thumbnail_key <> '')",
        schema="app",
    )


def _simulations() -> None:
    op.create_table(
        "scenarios",
        _key("id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _stamp("updated_at"),
        sa.Column("archived_at", TIMESTAMP),
        sa.CheckConstraint(
            "strength > 0 AND strength <= 1", name=op.f("ck_scenarios_strength_is_a_share")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        schema="app",
    )
    op.create_table(
        "consents",
        _key("id"),
        _key("account_id"),
        _key("asset_id"),
        sa.Column("wording_version", sa.Text(), nullable=False),
        _key("given_by"),
        _stamp("given_at"),
        sa.Column("withdrawn_at", TIMESTAMP),
        _refers("consents", "account_id", "accounts"),
        _refers("consents", "asset_id", "assets"),
        _refers("consents", "given_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        schema="app",
    )
    _index("consents", "asset_id")
    _index("consents", "account_id", "given_at")
    op.create_table(
        "simulations",
        _key("generation_id"),
        sa.Column("number", sa.Integer(), sa.Identity(), nullable=False),
        _key("original_asset_id"),
        _key("scenario_id"),
        sa.Column("scenario_version", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        _key("consent_id"),
        _refers("simulations", "generation_id", "generations"),
        _refers("simulations", "original_asset_id", "assets"),
        _refers("simulations", "scenario_id", "scenarios"),
        _refers("simulations", "consent_id", "consents"),
        sa.PrimaryKeyConstraint("generation_id", name=op.f("pk_simulations")),
        sa.UniqueConstraint("number", name=op.f("uq_simulations_number")),
        schema="app",
    )
    _index("simulations", "original_asset_id")


def _trainings() -> None:
    op.create_table(
        "trained_models",
        _key("id"),
        _key("account_id"),
        _key("generation_id"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text()),
        sa.Column("trigger_word", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("trainer", sa.Text(), nullable=False),
        sa.Column("destination_name", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("weights_asset_id", sa.Text()),
        sa.Column(
            "losses", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        _stamp("created_at"),
        sa.Column("ready_at", TIMESTAMP),
        sa.Column("archived_at", TIMESTAMP),
        _refers("trained_models", "account_id", "accounts"),
        _refers("trained_models", "generation_id", "generations"),
        _refers("trained_models", "weights_asset_id", "assets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trained_models")),
        sa.UniqueConstraint("generation_id", name=op.f("uq_trained_models_generation_id")),
        sa.UniqueConstraint("trigger_word", name=op.f("uq_trained_models_trigger_word")),
        schema="app",
    )
    _index("trained_models", "weights_asset_id")
    _index("trained_models", "account_id", "created_at", "id")
    op.create_table(
        "training_pictures",
        _key("trained_model_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _key("reference_id"),
        _key("asset_id"),
        sa.Column("caption", sa.Text(), server_default="", nullable=False),
        _refers("training_pictures", "trained_model_id", "trained_models"),
        _refers("training_pictures", "reference_id", "references"),
        _refers("training_pictures", "asset_id", "assets"),
        sa.PrimaryKeyConstraint("trained_model_id", "position", name=op.f("pk_training_pictures")),
        schema="app",
    )
    _index("training_pictures", "reference_id")
    _index("training_pictures", "asset_id")


def _add(table: str, column: sa.Column[Any]) -> None:
    op.add_column(table, column, schema="app")


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _stamp(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP, server_default=NOW, nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"app.{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), schema="app")


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
