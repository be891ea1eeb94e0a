"""The base class of causes, and the finding that one holds for a run, slot or generation now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from services.diagnosis.facts.models import CaseFacts, RunCase, RunFacts, SlotFacts
from services.pipeline.events import EventName
from services.providers.base import FailureClass
from services.providers.registry import provider_label
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE
from services.remedies.base import RemedyOffer

FINISHES = "The prediction finishes with all its outputs before its deadline."
ANSWERS = "A request is answered with a prediction, or with an error that explains what to change."
QUEUED = "Your order is safe with us and has not begun yet."
RESUMES = "It resumes by itself within a few minutes; you need not start it again."
RETRY = ("edit_prompt", "retry", "regenerate")
"""What a cause may offer for slots that ended."""
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
    until: datetime | None = None
    """Of one that waits: when it requires action after all, because nothing resumed by itself."""


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
    events: ClassVar[frozenset[str]] = frozenset()
    """Signs of it in timelines beside these failures: an event's name, with `:` and its part or failure."""
    reply: ClassVar[str]
    """To the customer: the state, in a sentence without internals and without blame."""
    reply_next: ClassVar[str]
    """To the customer: what happens next."""
    expected: ClassVar[str] = FINISHES
    """To the provider: what it should have done."""
    is_quiet: ClassVar[bool] = False
    """Normal operation: not listed among stalled generations."""
    is_overdue: ClassVar[bool] = False
    """It takes much longer than usual: shown on the overview although nobody must act yet."""
    has_estimate: ClassVar[bool] = False
    """The reply names the time that is left by the median."""
    has_deadline: ClassVar[bool] = False
    """The reply names the time until the deadline."""

    @property
    def signs(self) -> frozenset[str]:
        """Every sign of it in timelines."""
        return self.events | {f"{EventName.RUN_FAILED}:{failure}" for failure in self.failures}

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

    def find_ended(self, case: CaseFacts, slots: Sequence[SlotFacts]) -> Finding:
        """Report slots that ended because of this cause, all for the same reason."""
        message = FAILURE_SENTENCES.get(slots[0].failure or "", UNKNOWN_FAILURE)
        if slots[0].failure_detail:
            message = f"{message} {slots[0].failure_detail.rstrip('.')}."
        return self.ended(case, slots, message)

    def ended(self, case: CaseFacts, slots: Sequence[SlotFacts], message: str) -> Finding:
        """Build the finding of ended slots, with their credits and, after the batch, the offers to retry."""
        slot, run = slots[0], case.run_of(slots[0])
        fact = slot.failure_detail or FAILURE_SENTENCES.get(slot.failure or "", UNKNOWN_FAILURE)
        many = f"{len(slots)} of {len(case.slots)} pictures: " if len(slots) > 1 else ""
        return self.finding(
            f"{many}{message} {_refund(slots)}",
            Evidence(provider_label(slot.provider), fact),
            severity=Severity.INFO,
            run=run,
            slot=slot,
            offers=retry_offers(case, slots),
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
        until: datetime | None = None,
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
            until=until,
        )


def offers(subject_id: str, *remedies: str) -> tuple[RemedyOffer, ...]:
    """Offer remedies for one subject, the safest first."""
    return tuple(RemedyOffer(remedy, subject_id) for remedy in remedies)


def retry_offers(case: CaseFacts, slots: Sequence[SlotFacts]) -> tuple[RemedyOffer, ...]:
    """Offer to retry ended slots once the batch has ended: one button, whatever their number."""
    if case.generation.finished_at is None:
        return ()
    all_missing = case.ended_slots
    if len(all_missing) > 1 and len(slots) + len(case.skipped_slots) == len(all_missing):
        again = [RemedyOffer("retry", case.generation.id, count=len(all_missing))]
    else:
        again = [RemedyOffer("regenerate", slot.id) for slot in slots]
    refused = next((it for it in slots if it.failure == FailureClass.CONTENT_REFUSED), None)
    if refused is not None and len({it.prompt for it in slots}) == 1:
        again.insert(0, RemedyOffer("edit_prompt", refused.id, suggestion=refused.prompt))
    return tuple(again)


def _refund(slots: Sequence[SlotFacts]) -> str:
    refunded = sum(it.price_credits for it in slots if it.refunds)
    kept = sum(it.price_credits for it in slots if not it.refunds)
    if not refunded and not kept:
        return "It was free of charge." if len(slots) == 1 else "They were free of charge."
    parts = [f"{refunded} credits were refunded"] if refunded else []
    parts += [f"{kept} credits were not refunded"] if kept else []
    return f"{', '.join(parts)}."
