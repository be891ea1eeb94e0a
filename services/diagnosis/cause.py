"""The base class of causes, and the finding that one holds for a run, slot or generation now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from services.diagnosis.facts.models import CaseFacts, RunCase, RunFacts, SlotFacts
from services.providers.registry import provider_label
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE
from services.remedies.base import RemedyOffer

FINISHES = "The prediction finishes with all its outputs before its deadline."
ANSWERS = "A request is answered with a prediction, or with an error that explains what to change."
QUEUED = "Your order is safe with us and has not begun yet."
RESUMES = "It resumes by itself within a few minutes; you need not start it again."
RETRIES = "If you like, we make what is missing once more."


class Severity(StrEnum):
    """Whether a person must act, must wait, or is informed of an end; the most severe first."""

    ACT = "act"
    WAIT = "wait"
    INFO = "info"


class Scope(StrEnum):
    """What a cause is about; one of the system explains many generations at once."""

    SYSTEM = "system"
    RUN = "run"
    SLOT = "slot"
    CREDITS = "credits"


@dataclass(frozen=True)
class Evidence:
    """One fact that was checked, and where it was read."""

    source: str
    """`database`, `queue`, `storage`, or a provider's label."""
    fact: str
    at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One cause that holds for one subject now."""

    cause: str
    """The cause's id."""
    title: str
    severity: Severity
    sentence: str
    """What happened and what it means, with the facts filled in."""
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[RemedyOffer, ...] = ()
    """The safest first."""
    run_id: str | None = None
    slot_id: str | None = None
    since: datetime | None = None
    """When it began, as far as that is known."""
    is_healing: bool = False
    """The pipeline repairs it within seconds."""


Findings = Iterable[Finding]


class Cause:
    """One reason why something does not go on, is missing, or ended as it did.

    A subclass sets the class attributes and overrides the methods that can find it. `find_here` and
    `find_at_provider` run in the order of `precedence` until one cause finds something; the results of
    every `find_beside` and `find_in_generation` count. All are pure.
    """

    id: ClassVar[str]
    """Also the name of its runbook, a Markdown file beside the causes."""
    title: ClassVar[str]
    """A short clause without a full stop."""
    scope: ClassVar[Scope] = Scope.RUN
    precedence: ClassVar[int]
    """The lowest is tried first."""
    rank: ClassVar[int] = 0
    """Among findings of equal severity: -1 comes first, 1 comes last."""
    severities: ClassVar[tuple[Severity, ...]]
    """Those that its findings may have."""
    remedies: ClassVar[tuple[str, ...]] = ()
    """Those that it may offer, by id."""
    failures: ClassVar[frozenset[str]] = frozenset()
    """Failure classes of a slot that ended because of it."""
    reply: ClassVar[str]
    """To the customer: the state, in a sentence without internals and without blame."""
    reply_next: ClassVar[str]
    """To the customer: what happens next."""
    expected: ClassVar[str] = FINISHES
    """To the provider: what it should have done."""
    is_quiet: ClassVar[bool] = False
    """Normal operation: not listed among stalled generations."""
    has_estimate: ClassVar[bool] = False
    """The reply names the time that is left by the median."""
    has_deadline: ClassVar[bool] = False
    """The reply names the time until the deadline."""

    def find_here(self, case: RunCase) -> Findings:
        """Find it as the reason why this run does not go on here."""
        return ()

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find it in what the provider, or the transfer of its output, does with this run."""
        return ()

    def find_beside(self, case: RunCase) -> Findings:
        """Find what holds for an open run whatever else is found."""
        return ()

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find what holds for slots, files or credits of the generation."""
        return ()

    def find_ended(self, case: CaseFacts, slot: SlotFacts) -> Finding:
        """Report a slot that ended because of this cause."""
        message = FAILURE_SENTENCES.get(slot.failure or "", UNKNOWN_FAILURE)
        if slot.failure_detail:
            message = f"{message} {slot.failure_detail.rstrip('.')}."
        return self.ended(case, slot, message)

    def ended(self, case: CaseFacts, slot: SlotFacts, message: str) -> Finding:
        """Build the finding of an ended slot, with its credits and, after the batch, the offer to retry."""
        run = case.run_of(slot)
        has_ended = case.generation.finished_at is not None
        fact = slot.failure_detail or FAILURE_SENTENCES.get(slot.failure or "", UNKNOWN_FAILURE)
        return self.finding(
            f"{message} {_refund(slot)}",
            Evidence(provider_label(slot.provider), fact),
            severity=Severity.INFO,
            run=run,
            slot=slot,
            offers=offers(slot.id, "regenerate") if has_ended else (),
            since=run.finished_at if run else None,
        )

    def finding(
        self,
        sentence: str,
        *evidence: Evidence,
        severity: Severity | None = None,
        run: RunFacts | None = None,
        slot: SlotFacts | None = None,
        offers: Iterable[RemedyOffer] = (),
        since: datetime | None = None,
        is_healing: bool = False,
    ) -> Finding:
        """Build a finding; by default one waits while it heals, else it is as severe as declared."""
        worst = next(it for it in Severity if it in self.severities)
        return Finding(
            cause=self.id,
            title=self.title,
            severity=severity or (Severity.WAIT if is_healing else worst),
            sentence=sentence,
            evidence=evidence,
            remedies=tuple(offers),
            run_id=run.id if run else None,
            slot_id=slot.id if slot else None,
            since=since,
            is_healing=is_healing,
        )


def offers(subject_id: str, *remedies: str) -> tuple[RemedyOffer, ...]:
    """Offer remedies for one subject, the safest first."""
    return tuple(RemedyOffer(remedy, subject_id) for remedy in remedies)


def _refund(slot: SlotFacts) -> str:
    if not slot.price_credits:
        return "It was free of charge."
    if slot.refunds:
        return f"{slot.price_credits} credits were refunded."
    return f"Its {slot.price_credits} credits were not refunded."
