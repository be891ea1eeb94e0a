"""Credits of a generation that do not add up."""

from datetime import datetime

from services.core.humanize import count_of
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import CaseFacts


class RefundMissing(Cause):
    """Credits were charged and neither used, held nor refunded."""

    id = "refund_missing"
    title = "A refund is missing"
    scope = Scope.CREDITS
    precedence = 290
    severities = (Severity.ACT,)
    remedies = ("settle_refund",)
    reply = "Credits that are yours have not been refunded."
    reply_next = "We are putting that right."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find ended slots without a refund, or a charge that is not accounted for."""
        credits = case.credits
        if not credits.unrefunded_slots and credits.surplus >= 0:
            return
        count, missing = len(credits.unrefunded_slots), count_of(-credits.surplus, "credit")
        sentence = (
            f"{count_of(count, 'picture')} failed without a refund: {missing}."
            if count
            else f"{missing} charged and neither used, held nor refunded."
        )
        yield self.finding(
            f"{sentence} Settle the refund: the ledger gets the missing entry.",
            Evidence("database", credits.summary),
            offers=offers(case.generation.id, "settle_refund"),
            since=case.generation.finished_at,
        )

    def of_listed(self, generation_id: str, credits: int, since: datetime) -> Finding:
        """Report a generation in the list of stalled ones, by its sum alone."""
        return self.finding(
            f"{count_of(credits, 'credit')} never refunded.",
            Evidence("database", f"Its credits differ by {credits}."),
            offers=offers(generation_id, "settle_refund"),
            since=since,
        )


class RefundDoubled(Cause):
    """More credits were refunded than were charged."""

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

    def of_listed(self, generation_id: str, credits: int, since: datetime) -> Finding:
        """Report a generation in the list of stalled ones, by its sum alone."""
        return self.finding(
            f"{count_of(credits, 'credit')} refunded beyond the charge.",
            Evidence("database", f"Its credits differ by {credits}."),
            offers=offers(generation_id, "settle_refund"),
            since=since,
        )
