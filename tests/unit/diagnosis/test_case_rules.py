"""Slots, files and money of a whole generation, and which finding becomes the verdict."""

from dataclasses import replace

import pytest

from services.core.states import GenerationState, MissingCause, RunState, SlotState
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import Case, Money
from services.diagnosis.rules import findings_of
from tests.unit.diagnosis.cases import ago, attempt, case, file, run, slot

FAILED = {"state": SlotState.FAILED, "file": None, "refunds": 1}
REFUNDED = Money(charged=10, refunded=10)


def ended(into: GenerationState = GenerationState.FAILED, /, **slot_facts: object) -> Case:
    """A generation whose one slot ended without its picture, refunded."""
    whole = case(slots=(slot(**FAILED | slot_facts),), money=REFUNDED)
    return replace(whole, generation=replace(whole.generation, state=into))


CASES: dict[str, tuple[Case, Cause, Severity]] = {
    "all there": (case(), Cause.HEALTHY, Severity.TOLD),
    "the object is gone": (
        case(slots=(slot(file=file(has_object=False)),)),
        Cause.OBJECT_MISSING,
        Severity.ACT,
    ),
    "a round found it gone, and the storage was not asked": (
        case(
            slots=(
                slot(
                    file=file(has_object=None, missing_at=ago(60), missing_cause=MissingCause.GONE)
                ),
            )
        ),
        Cause.OBJECT_MISSING,
        Severity.ACT,
    ),
    "it came back after the round": (
        case(slots=(slot(file=file(missing_at=ago(60), missing_cause=MissingCause.GONE)),)),
        Cause.HEALTHY,
        Severity.TOLD,
    ),
    "the thumbnail alone is gone": (
        case(slots=(slot(file=file(has_thumbnail=False)),)),
        Cause.OBJECT_MISSING,
        Severity.ACT,
    ),
    "another bucket": (
        case(slots=(slot(file=file(has_object=False, storage_uri="s3://old/x")),)),
        Cause.WRONG_BUCKET,
        Severity.ACT,
    ),
    "another address, and it is here": (
        case(slots=(slot(file=file(storage_uri="s3://old/x")),)),
        Cause.HEALTHY,
        Severity.TOLD,
    ),
    "erased": (
        case(slots=(slot(file=file(has_object=False, deleted_at=ago(60))),)),
        Cause.HEALTHY,
        Severity.TOLD,
    ),
    "refused content": (ended(failure="content_refused"), Cause.ENDED_FAILED, Severity.TOLD),
    "its parent failed": (ended(failure="parent_failed"), Cause.PARENT_FAILED, Severity.TOLD),
    "timed out": (ended(failure="timed_out"), Cause.PROVIDER_STUCK, Severity.TOLD),
    "expired": (ended(failure="window_missed"), Cause.OUTPUT_EXPIRED, Severity.TOLD),
    "canceled": (
        ended(GenerationState.CANCELED, state=SlotState.CANCELED, failure="canceled"),
        Cause.CANCELED,
        Severity.TOLD,
    ),
    "no refund": (
        replace(
            ended(failure="platform", refunds=0), money=Money(10, unrefunded_slots=("slot_1",))
        ),
        Cause.REFUND_MISSING,
        Severity.ACT,
    ),
    "two refunds": (
        replace(ended(failure="platform"), money=Money(charged=10, refunded=20)),
        Cause.REFUND_DOUBLED,
        Severity.ACT,
    ),
    "a refund of what was delivered": (
        case(money=Money(charged=10, consumed=10, refunded=10)),
        Cause.REFUND_DOUBLED,
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
    whole = case(
        slots=(slot(), slot(id="slot_2", **FAILED | {"failure": "partial"})),
        money=Money(charged=20, consumed=10, refunded=10),
    )
    partial = replace(whole, generation=replace(whole.generation, state=GenerationState.PARTIAL))
    found = findings_of(partial)
    assert found[0].cause is Cause.PARTLY_FILLED
    assert any("1 of 2 pictures arrived; 10 credits" in it.sentence for it in found)


def test_a_stored_answer_of_a_failed_picture_can_be_adopted() -> None:
    key = "originals/ab/cd/x.png"
    failed = ended(failure="transient")
    whole = replace(failed, runs=(run(state=RunState.FAILED, attempt=attempt(stored_keys=(key,))),))
    orphan = next(it for it in findings_of(whole) if it.cause is Cause.ORPHANED_FILE)
    offer = orphan.remedies[0]
    assert (offer.remedy_id, offer.subject_id, offer.argument) == (
        "adopt_object",
        key,
        "slot_1",
    )


def test_money_that_is_wrong_is_told_before_anything_else() -> None:
    it = case(
        slots=(slot(file=file(has_object=False)),),
        money=Money(charged=10, consumed=10, refunded=10),
    )
    assert [f.cause for f in findings_of(it)] == [Cause.REFUND_DOUBLED, Cause.OBJECT_MISSING]


def test_a_used_up_quota_says_why_nothing_can_be_made_again() -> None:
    it = ended(failure="platform")
    spent = replace(it, generation=replace(it.generation, quota_left=0))
    causes = [found.cause for found in findings_of(spent)]
    assert Cause.QUOTA_REACHED in causes
