"""The database was restored from an older copy: what happened after the copy is not known here."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase


class DatabaseRestored(Cause):
    id = "database_restored"
    title = "The database was restored from an older copy"
    scope = Scope.SYSTEM
    precedence = 3
    severities = (Severity.ACT,)
    reply = "We had to restore our records from a copy; we are comparing yours with it."
    reply_next = "We will write to you again when that is done."

    def find_beside(self, case: RunCase) -> Findings:
        """Find a restore that nobody has dealt with, for a run that the copy knows."""
        restore, run = case.system.restore, case.run
        if restore is None or run.created_at > restore.noticed_at:
            return
        span = f"{restore.copied_at:%Y-%m-%d %H:%M:%S} to {restore.lost_at:%H:%M:%S} UTC"
        yield self.finding(
            f"The database is an older copy: what happened from {span} is not in it. This was begun before the"
            " copy and may have been sent, finished or refunded since. ./run recovery lists what can be found"
            " and what cannot be known; deleting orphaned files is refused until it is ended.",
            Evidence(
                "storage",
                f"Its mark knows an event of {restore.lost_at:%H:%M:%S} UTC that is not here.",
            ),
            run=run,
            since=restore.noticed_at,
        )
