"""Slots, files and money of a generation, and which finding becomes the verdict."""

from dataclasses import replace

import pytest

from services.core.states import GenerationState, MissingCause, RunState, SlotState
from services.diagnosis.cause import Severity
from services.diagnosis.facts.models import CaseFacts, CreditFacts
from services.diagnosis.registry import BY_ID
from services.diagnosis.verdict import findings_of
from tests.unit.diagnosis.cases import ago, attempt, case, file, provider, run, slot, system

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
    "the object is cut in half": (
        case(slots=(slot(file=file(stored_bytes=500)),)),
        "object_damaged",
        Severity.ACT,
    ),
    "the object is empty": (
        case(slots=(slot(file=file(stored_bytes=0)),)),
        "object_damaged",
        Severity.ACT,
    ),
    "a comparison read other bytes of the right size": (
        case(slots=(slot(file=file(missing_at=ago(9), missing_cause=MissingCause.DAMAGED)),)),
        "object_damaged",
        Severity.ACT,
    ),
    "the storage cannot be read": (
        case(system=system(storage_problem="The storage has no mark of this installation.")),
        "storage_away",
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


def mascot(failure: str, **provider_facts: object) -> CaseFacts:
    """A full body that failed, and the two pictures that were to be made from it."""
    skipped = FAILED | {"failure": "parent_failed", "parent_slot_id": "slot_1"}
    owed = case(
        system=system(providers={"replicate": provider(**provider_facts)}),
        slots=(
            slot(**FAILED | {"failure": failure, "prompt": "a fox"}),
            slot(id="slot_2", label="Avatar", **skipped),
            slot(id="slot_3", label="Icon", **skipped),
        ),
        credits=CreditFacts(charged=30, refunded=30),
    )
    return replace(owed, generation=replace(owed.generation, state=GenerationState.FAILED))


def test_the_root_cause_comes_before_what_depends_on_it_with_one_retry_for_all() -> None:
    found = findings_of(mascot("platform"))
    assert [it.cause for it in found] == ["ended_failed", "parent_failed"]
    assert [(it.remedy_id, it.subject_id, it.count) for it in found[0].remedies] == [
        ("retry", "gen_1", 3)
    ]
    assert found[1].remedies == () and "“Avatar”, “Icon”" in found[1].sentence


@pytest.mark.parametrize(
    ("failure", "cause"), [("funds", "provider_paused"), ("configuration", "token")]
)
def test_a_pause_that_still_holds_is_the_verdict_of_what_it_ended(failure: str, cause: str) -> None:
    paused = {"paused_at": ago(60), "paused_reason": "402: no funds", "paused_failure": failure}
    first = findings_of(mascot(failure, **paused))[0]
    assert (first.cause, first.severity) == (cause, Severity.ACT)
    assert [it.remedy_id for it in first.remedies] == ["resume_provider"]
    resumed = findings_of(mascot(failure))[0]
    assert (resumed.cause, resumed.severity) == (cause, Severity.INFO)


def test_pictures_that_failed_for_one_reason_are_one_finding() -> None:
    failed = [slot(id=f"slot_{n}", **FAILED | {"failure": "platform"}) for n in range(6)]
    other = slot(id="slot_9", **FAILED | {"failure": "too_big"})
    owed = case(slots=(*failed, other), credits=CreditFacts(charged=70, refunded=70))
    found = findings_of(
        replace(owed, generation=replace(owed.generation, state=GenerationState.FAILED))
    )
    assert len(found) == 2 and "6 of 7 pictures" in found[0].sentence
    assert {it.remedy_id for it in found[0].remedies} == {"regenerate"}
    assert len(found[0].remedies) == 6 and len(found[1].remedies) == 1


def test_refused_words_can_be_edited_before_the_retry() -> None:
    first = findings_of(mascot("content_refused"))[0].remedies[0]
    assert (first.remedy_id, first.subject_id, first.suggestion) == (
        "edit_prompt",
        "slot_1",
        "a fox",
    )
    assert "edit_prompt" not in {it.remedy_id for it in findings_of(mascot("platform"))[0].remedies}


def test_credits_that_were_charged_again_are_not_returned() -> None:
    assert CreditFacts(charged=90, refunded=60, charged_again=30).returned == 30
