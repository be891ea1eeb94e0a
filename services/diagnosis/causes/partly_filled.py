"""The batch ended with some of its pictures."""

from services.core.states import GenerationState
from services.diagnosis.cause import (
    RETRIES,
    RETRY,
    Cause,
    Evidence,
    Findings,
    Scope,
    Severity,
    retry_offers,
)
from services.diagnosis.facts.models import CaseFacts
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE


class PartlyFilled(Cause):
    id = "partly_filled"
    title = "Some pictures failed"
    scope = Scope.SLOT
    precedence = 270
    severities = (Severity.INFO,)
    remedies = RETRY
    rank = -1
    failures = frozenset({"partial"})
    reply = "Some of the pictures could not be made."
    reply_next = RETRIES

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find a partial batch: how many failed, why, and what was refunded."""
        if case.generation.state is not GenerationState.PARTIAL:
            return
        missing = case.ended_slots
        refunded = sum(slot.price_credits for slot in missing if slot.refunds)
        roots = [it for it in missing if it not in case.skipped_slots]
        reasons = dict.fromkeys(
            FAILURE_SENTENCES.get(it.failure or "", UNKNOWN_FAILURE) for it in roots
        )
        yield self.finding(
            f"{len(missing)} of {len(case.slots)} pictures failed; {refunded} credits were refunded."
            f" They can be retried at their price. {' '.join(reasons)}",
            Evidence("database", f"{len(missing)} slots ended without a picture."),
            offers=retry_offers(case, roots),
            since=case.generation.finished_at,
        )
