"""plain names: enqueued_at, heartbeat_at, reconciliations, orphaned_files, provider `local`"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (
    ("runs", "rung_at", "enqueued_at"),
    ("heartbeats", "beat_at", "heartbeat_at"),
    ("operations", "beat_at", "heartbeat_at"),
    ("operation_items", "told", "message"),
    ("storage_rounds", "beat_at", "heartbeat_at"),
    ("storage_rounds", "stray_count", "orphan_count"),
)
TABLES = (("storage_rounds", "reconciliations"), ("stray_objects", "orphaned_files"))
INDEXES = (
    ("ix_storage_rounds_scope_began_at", "ix_reconciliations_scope_began_at"),
    ("ix_stray_objects_found_at", "ix_orphaned_files_found_at"),
)
CONSTRAINTS = (
    ("reconciliations", "pk_storage_rounds", "pk_reconciliations"),
    ("reconciliations", "ck_storage_rounds_roundscope", "ck_reconciliations_reconciliationscope"),
    ("reconciliations", "ck_storage_rounds_roundstate", "ck_reconciliations_reconciliationstate"),
    ("orphaned_files", "pk_stray_objects", "pk_orphaned_files"),
)
EVENTS = (("run.rescued", "run.recovered"), ("run.rung_again", "run.requeued"))
REMEDIES = (
    ("ring_again", "requeue"),
    ("fetch_again", "redownload"),
    ("make_again", "regenerate"),
    ("delete_stray", "delete_orphan"),
    ("unsuspend", "resume_rq"),
)
PROVIDER_TABLES = ("slots", "runs", "attempts", "provider_states", "provider_prices")


def upgrade() -> None:
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new, schema="app")
    for old, new in TABLES:
        op.rename_table(old, new, schema="app")
    for old, new in INDEXES:
        op.execute(f"ALTER INDEX app.{old} RENAME TO {new}")
    for table, old, new in CONSTRAINTS:
        op.execute(f"ALTER TABLE app.{table} RENAME CONSTRAINT {old} TO {new}")
    _rename_events()
    _rename_remedies()
    _rename_provider()


def _rename_events() -> None:
    """Rename events in timelines that were written before; the guard against rewriting rests."""
    op.execute("ALTER TABLE app.events DISABLE TRIGGER refuse_rewrite")
    for old, new in EVENTS:
        op.execute(f"UPDATE app.events SET name = '{new}' WHERE name = '{old}'")
    for old, new in REMEDIES:
        op.execute(
            f"UPDATE app.events SET detail = jsonb_set(detail, '{{remedy}}', '\"{new}\"')"
            f" WHERE name = 'remedy.applied' AND detail ->> 'remedy' = '{old}'"
        )
    op.execute("ALTER TABLE app.events ENABLE TRIGGER refuse_rewrite")


def _rename_remedies() -> None:
    op.execute("ALTER TABLE app.audit DISABLE TRIGGER refuse_rewrite")
    for old, new in REMEDIES:
        op.execute(f"UPDATE app.audit SET action = 'remedy.{new}' WHERE action = 'remedy.{old}'")
        op.execute(f"UPDATE app.operations SET remedy = '{new}' WHERE remedy = '{old}'")
    op.execute("ALTER TABLE app.audit ENABLE TRIGGER refuse_rewrite")


def _rename_provider() -> None:
    """The provider that cuts exports in this process was called `desk`."""
    for table in PROVIDER_TABLES:
        op.execute(f"UPDATE app.{table} SET provider = 'local' WHERE provider = 'desk'")
    for table in ("slots", "runs", "attempts"):
        op.execute(f"UPDATE app.{table} SET model = 'local/export' WHERE model = 'desk/export'")


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
