"""A stored file that no row names."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity, offer
from services.diagnosis.facts.models import CaseFacts


class OrphanedFile(Cause):
    id = "orphaned_file"
    title = "Orphaned file"
    scope = Scope.SLOT
    precedence = 260
    severities = (Severity.ACT,)
    remedies = ("adopt_object",)
    reply = "A stored file has not found its place yet."
    reply_next = "We are looking into it and will write to you again."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find outputs of a synchronous answer that were stored before the slot failed."""
        for slot in case.ended_slots:
            run = case.run_of(slot)
            keys = run.attempt.stored_keys if run and run.attempt else ()
            if not keys:
                continue
            yield self.finding(
                f"“{slot.label}” failed, and a file of its answer is stored all the same. Open it; it"
                " can become the slot's picture.",
                *(
                    Evidence("storage", f"{key} is stored and belongs to no picture.")
                    for key in keys
                ),
                run=run,
                slot=slot,
                offers=[offer("adopt_object", keys[0], slot.id)],
            )
