"""PostgreSQL answers, and does not take what we write: it is read-only, or rows are locked."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase


class DatabaseReadOnly(Cause):
    """The server is a standby, or set to read-only: what is read here may be old as well."""

    id = "database_read_only"
    title = "PostgreSQL takes no writes"
    scope = Scope.SYSTEM
    precedence = 2
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "It resumes by itself as soon as that is put right."

    def find_here(self, case: RunCase) -> Findings:
        """Find a database that refuses every write."""
        if case.system.is_database_read_only:
            yield self.finding(
                "PostgreSQL takes no writes: the server is a standby or set to read-only, so that nothing"
                " is started, polled or stored. Let DATABASE_URL name the primary server (or all servers with"
                " target_session_attrs=read-write), or set default_transaction_read_only to off there.",
                Evidence("database", "A transaction there is read-only."),
            )


class DatabaseLocked(Cause):
    """Another session of PostgreSQL holds rows or tables that this run's step needs."""

    id = "database_locked"
    title = "Another database session blocks it"
    scope = Scope.SYSTEM
    precedence = 4
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "It resumes by itself as soon as that is put right."

    def find_here(self, case: RunCase) -> Findings:
        """Find a long transaction on our tables, for a step that should go on and does not."""
        found = case.system.blockers
        if not found or not (is_held_up(case) or case.system.is_dispatcher_failing):
            return
        first = found[0]
        more = f" {len(found) - 1} more sessions do the same." if len(found) > 1 else ""
        yield self.finding(
            f"{first.sentence} {first.fix}{more}",
            *(Evidence("database", it.sentence, it.since) for it in found),
            since=first.since,
        )


def is_held_up(case: RunCase) -> bool:
    """Whether a step is due, enqueued or held for longer than its machinery needs."""
    run, settling = case.run, case.limits.settling
    if run.lease_until is not None:
        return case.seconds_since(run.enqueued_at or run.due_at) > case.limits.slow_step
    if run.enqueued_at is not None:
        return case.seconds_since(run.enqueued_at) > settling
    return (case.late_seconds or 0.0) > settling
