"""Whether a generation's credits add up: charged = consumed + refunded + held."""

from collections.abc import Iterator

from services.core.states import GenerationState
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import Case
from services.diagnosis.findings import Evidence, Finding
from services.remedies.base import RemedyOffer

UNDELIVERED = frozenset({GenerationState.PARTIAL, GenerationState.FAILED, GenerationState.CANCELED})


def money_findings(case: Case) -> Iterator[Finding]:
    """Refunds that are missing, or too much that went back; and a quota that is used up."""
    money, generation = case.money, case.generation
    settle = (RemedyOffer("settle_refund", generation.id),)
    told = (
        f"Charged {money.charged}, used {money.consumed}, given back {money.refunded}, held"
        f" {money.held}."
    )
    evidence = (Evidence("database", told),)
    if money.unrefunded_slots:
        count = len(money.unrefunded_slots)
        yield Finding(
            Cause.REFUND_MISSING,
            Severity.ACT,
            f"{_pictures(count)} ended without arriving, and {_credits(-money.surplus)} never given"
            " back. Settle it: the ledger gets the missing entry.",
            evidence,
            settle,
            since=generation.finished_at,
        )
    elif money.surplus < 0:
        yield Finding(
            Cause.REFUND_MISSING,
            Severity.ACT,
            f"{_credits(-money.surplus)} charged and neither used, held nor given back.",
            evidence,
            settle,
            since=generation.finished_at,
        )
    if money.surplus > 0:
        yield Finding(
            Cause.REFUND_DOUBLED,
            Severity.ACT,
            f"{_credits(money.surplus)} given back more than was charged. Settle it: one entry takes"
            " the surplus back.",
            evidence,
            settle,
            since=generation.finished_at,
        )
    if generation.quota_left == 0 and generation.state in UNDELIVERED:
        yield Finding(
            Cause.QUOTA_REACHED,
            Severity.WAIT,
            f"What is missing cannot be made again today: {generation.account_name} has used up"
            " today's quota. It begins anew at its midnight.",
            (Evidence("database", "Today's quota has 0 left."),),
        )


def _pictures(count: int) -> str:
    return "One picture" if count == 1 else f"{count} pictures"


def _credits(count: int) -> str:
    return f"{count} credit was" if count == 1 else f"{count} credits were"
