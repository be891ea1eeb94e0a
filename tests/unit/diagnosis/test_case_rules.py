"""Slots, files and money of a generation, and which finding becomes the verdict."""

from dataclasses import replace

import pytest

from services.core.states import GenerationState, MissingCause, RunState, SlotState
from services.diagnosis.cause import Severity
from services.diagnosis.facts.models import CaseFacts, CreditFacts
from services.diagnosis.registry import BY_ID
from services.diagnosis.verdict import findings_of
from tests.unit.diagnosis.cases import ago, attempt, case, file, run, slot

FAILED = {"state": SlotState.FAILED, "file": None, "refunds": 1}
REFUNDED = CreditFacts(charged=10, refunded=10)


def ended(into: GenerationState = GenerationState.FAILED, /, **slot_facts: object) -> CaseFacts:
    """A generation whose one slot ended without its picture, refunded."""
    owed = case(slots=(slot(**FAILED | slot_facts),), credits=REFUNDED)
    return replace(owed, generation=replace(owed.generation, state=into))


CASES: dict[str, tuple[CaseFacts, str, Severity]] = {
    "all there": (case(), "healthy", Severity.INFO),
    "the object is gone": (
        case(slots=(slot(file=file(has_object=False)),)),
        "object_missing",
        Severity.ACT,
    ),
    "a comparison found it gone, and the storage was not checked": (
        case(
            slots=(
                slot(
                    file=file(has_object=None, missing_at=ago(60), missing_cause=MissingCause.GONE)
                ),
            )
        ),
        "object_missing",
        Severity.ACT,
    ),
    "it is back after the comparison": (
        case(slots=(slot(file=file(missing_at=ago(60), missing_cause=MissingCause.GONE)),)),
        "healthy",
        Severity.INFO,
    ),
    "the thumbnail alone is gone": (
        case(slots=(slot(file=file(has_thumbnail=False)),)),
        "object_missing",
        Severity.ACT,
    ),
    "another bucket": (
        case(slots=(slot(file=file(has_object=False, storage_uri="s3://old/x")),)),
        "wrong_bucket",
        Severity.ACT,
    ),
    "another address, and it is here": (
        case(slots=(slot(file=file(storage_uri="s3://old/x")),)),
        "healthy",
        Severity.INFO,
    ),
    "erased": (
        case(slots=(slot(file=file(has_object=False, deleted_at=ago(60))),)),
        "healthy",
        Severity.INFO,
    ),
    "refused content": (ended(failure="content_refused"), "ended_failed", Severity.INFO),
    "its parent failed": (ended(failure="parent_failed"), "parent_failed", Severity.INFO),
    "timed out": (ended(failure="timed_out"), "provider_stuck", Severity.INFO),
    "expired": (ended(failure="window_missed"), "output_expired", Severity.INFO),
    "canceled": (
        ended(GenerationState.CANCELED, state=SlotState.CANCELED, failure="canceled"),
        "canceled",
        Severity.INFO,
    ),
    "no refund": (
        replace(
            ended(failure="platform", refunds=0),
            credits=CreditFacts(10, unrefunded_slots=("slot_1",)),
        ),
        "refund_missing",
        Severity.ACT,
    ),
    "two refunds": (
        replace(ended(failure="platform"), credits=CreditFacts(charged=10, refunded=20)),
        "refund_doubled",
        Severity.ACT,
    ),
    "a refund of what was delivered": (
        case(credits=CreditFacts(charged=10, consumed=10, refunded=10)),
        "refund_doubled",
        Severity.ACT,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_follows_from_the_facts(name: str) -> None:
    it, cause, severity = CASES[name]
    found = findings_of(it)[0]
    assert (found.cause, found.severity) == (cause, severity), found.sentence
    assert "None" not in found.sentence and found.sentence.endswith(".")


def test_a_partial_batch_names_how_much_is_missing() -> None:
    owed = case(
        slots=(slot(), slot(id="slot_2", **FAILED | {"failure": "partial"})),
        credits=CreditFacts(charged=20, consumed=10, refunded=10),
    )
    partial = replace(owed, generation=replace(owed.generation, state=GenerationState.PARTIAL))
    found = findings_of(partial)
    assert found[0].cause == "partly_filled"
    assert any("1 of 2 pictures failed; 10 credits" in it.sentence for it in found)


def test_a_stored_answer_of_a_failed_picture_can_be_adopted() -> None:
    key = "originals/ab/cd/x.png"
    failed = ended(failure="transient")
    stored = replace(
        failed, runs=(run(state=RunState.FAILED, attempt=attempt(stored_keys=(key,))),)
    )
    orphan = next(it for it in findings_of(stored) if it.cause == "orphaned_file")
    offer = orphan.remedies[0]
    assert (offer.remedy_id, offer.subject_id, offer.argument) == (
        "adopt_object",
        key,
        "slot_1",
    )


def test_wrong_credits_come_before_any_other_finding() -> None:
    it = case(
        slots=(slot(file=file(has_object=False)),),
        credits=CreditFacts(charged=10, consumed=10, refunded=10),
    )
    assert [f.cause for f in findings_of(it)] == ["refund_doubled", "object_missing"]


def test_a_used_up_quota_explains_why_nothing_can_be_retried() -> None:
    it = ended(failure="platform")
    spent = replace(it, generation=replace(it.generation, quota_left=0))
    causes = [found.cause for found in findings_of(spent)]
    assert "quota_reached" in causes


@pytest.mark.parametrize("name", CASES)
def test_findings_match_what_their_cause_declares(name: str) -> None:
    for found in findings_of(CASES[name][0]):
        cause = BY_ID[found.cause]
        assert found.severity in cause.severities
        assert {offer.remedy_id for offer in found.remedies} <= set(cause.remedies)
