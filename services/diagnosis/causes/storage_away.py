"""The storage cannot be read, so that nobody knows whether the files of a generation are there."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import CaseFacts


class StorageAway(Cause):
    id = "storage_away"
    title = "The storage cannot be used"
    scope = Scope.SYSTEM
    precedence = 235
    severities = (Severity.ACT,)
    reply = "Your pictures are made, but our storage cannot show them at the moment."
    reply_next = "We are putting that right; nothing has to be regenerated."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find a storage that refuses, does not answer, or is not the one that the files were stored in."""
        problem, files = case.system.storage_problem, case.files
        if problem is None or not files:
            return
        yield self.finding(
            f"Whether its {len(files)} stored files are there cannot be checked: {problem.rstrip('.')}.",
            Evidence("storage", problem),
        )
