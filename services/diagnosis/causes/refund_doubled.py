"""More credits were refunded than were charged."""

from services.core.humanize import count_of
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import CaseFacts


class RefundDoubled(Cause):
    id = "refund_doubled"
    title = "More was refunded than was charged"
    scope = Scope.CREDITS
    precedence = 300
    severities = (Severity.ACT,)
    remedies = ("settle_refund",)
    reply = "More credits were refunded than had been charged."
    reply_next = "We will correct that and tell you when it is done."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find refunds and uses beyond the charge."""
        if case.credits.surplus > 0:
            yield self.finding(
                f"{count_of(case.credits.surplus, 'credit')} refunded beyond the charge. Settle the"
                " refund: one entry takes the surplus back.",
                Evidence("database", case.credits.summary),
                offers=offers(case.generation.id, "settle_refund"),
                since=case.generation.finished_at,
            )

    def of_listed(self, generation_id: str, credits: int) -> Finding:
        """Report a generation in the list of stalled ones, by its sum alone."""
        return self.finding(
            f"{count_of(credits, 'credit')} refunded beyond the charge.",
            Evidence("database", f"Its credits differ by {credits}."),
            offers=offers(generation_id, "settle_refund"),
        )
