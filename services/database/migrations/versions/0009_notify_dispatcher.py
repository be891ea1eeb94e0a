"""Notify the dispatcher when a run, a provider, a queue or a cancel request needs it"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The payload is a delay: the dispatcher then sleeps on until a run is due, without a statement.
RUN_FUNCTION = """
CREATE FUNCTION app.notify_due_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(
    'atelier_dispatch',
    greatest(0, ceil(extract(epoch FROM NEW.due_at - clock_timestamp()) * 1000))::bigint::text
  );
  RETURN NULL;
END
$$
"""
RUN_TRIGGER = """
CREATE TRIGGER notify_due
AFTER INSERT OR UPDATE OF state, due_at, enqueued_at, lease_until ON app.runs
FOR EACH ROW WHEN (
  NEW.lease_until IS NULL AND NEW.enqueued_at IS NULL
  AND NEW.state IN ('queued', 'submitting', 'waiting', 'ingesting')
)
EXECUTE FUNCTION app.notify_due_run()
"""
NOW_FUNCTION = """
CREATE FUNCTION app.notify_dispatcher() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('atelier_dispatch', '0');
  RETURN NULL;
END
$$
"""
NOW_TRIGGERS = (
    ("provider_states", "INSERT OR UPDATE OF paused_at, blocked_until"),
    ("queue_states", "INSERT OR UPDATE OR DELETE"),
    ("generations", "UPDATE OF cancel_requested_at"),
)


def upgrade() -> None:
    op.execute(RUN_FUNCTION)
    op.execute(RUN_TRIGGER)
    op.execute(NOW_FUNCTION)
    for table, changes in NOW_TRIGGERS:
        op.execute(
            f"CREATE TRIGGER notify_dispatcher AFTER {changes} ON app.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION app.notify_dispatcher()"
        )


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
