"""Stray objects: one is the picture that a slot owes, another is deleted; none that is needed."""

from services.core.states import AttemptState, GenerationState, RunState, SlotState
from services.database.models import OrphanedFile
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.base import RemedyKind
from services.remedies.delete_orphan import IN_WORK, NAMED, UNKNOWN, YOUNG
from services.storage.keys import original_key
from tests.factories import picture_bytes
from tests.integration.diagnosis.remedies.surgery import Surgery


def test_a_stray_object_is_deleted_after_its_audit(surgery: Surgery) -> None:
    key = surgery.orphan(picture_bytes("navy"))
    surgery.order(RemedyKind.DELETE_ORPHAN, key)
    assert not surgery.has_file(key)
    assert surgery.look(RemedyKind.DELETE_ORPHAN, key).problem == UNKNOWN


def test_a_note_of_an_object_that_is_gone_is_cleared(surgery: Surgery) -> None:
    key = surgery.orphan(picture_bytes("navy"))
    surgery.services.storage.delete(key)
    assert "gone already" in surgery.look(RemedyKind.DELETE_ORPHAN, key).sentence
    surgery.order(RemedyKind.DELETE_ORPHAN, key)


def test_what_a_row_or_work_in_progress_needs_is_not_deleted(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    content = picture_bytes("gold")
    named = surgery.orphan(content)
    surgery.services.references.upload(surgery.actor, _account(surgery), "a.png", content)
    young = surgery.orphan(picture_bytes("crimson"), hours=0.1)
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.until_run(generation, RunState.INGESTING)
    answered = by_hand.attempts(generation)[0].outputs[0]["storage_key"]
    asset = surgery.services.storage.head(answered)
    with by_hand.parts.database.transaction() as session:
        session.add(
            OrphanedFile(
                storage_key=answered, byte_count=asset.byte_count, modified_at=asset.modified_at
            )
        )
    problems = {
        key: surgery.look(RemedyKind.DELETE_ORPHAN, key).problem for key in (young, answered)
    }
    assert problems == {young: YOUNG, answered: IN_WORK}
    # Uploads are encoded anew, so only an output's row has these very bytes.
    generation = surgery.pose()
    by_hand.finish(generation)
    kept = surgery.asset_of(by_hand.slots(generation)[0])
    with by_hand.parts.database.transaction() as session:
        session.add(
            OrphanedFile(
                storage_key=kept.storage_key,
                byte_count=kept.byte_count,
                modified_at=asset.modified_at,
            )
        )
    assert surgery.look(RemedyKind.DELETE_ORPHAN, kept.storage_key).problem == NAMED
    assert surgery.has_file(named)


def _account(surgery: Surgery) -> str:
    return str(surgery.services.accounts.all(surgery.actor)[0].id)


def test_a_refunded_slot_gets_the_picture_that_was_found_and_pays_for_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    before = by_hand.balance()
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = surgery.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    key = surgery.orphan(picture_bytes("purple"))
    assert surgery.look(RemedyKind.ADOPT_OBJECT, key, slot.id).credits == -30
    surgery.order(RemedyKind.ADOPT_OBJECT, key, slot.id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (filled,) = by_hand.slots(generation)
    asset = surgery.asset_of(filled)
    assert (asset.storage_key, by_hand.balance()) == (key, before - 30)
    assert surgery.has_file(asset.thumbnail_key)
    (listed,) = [
        item
        for item in surgery.services.gallery.page(surgery.actor).items
        if item.asset_id == asset.id
    ]
    assert listed.asset_id == filled.asset_id


def test_an_open_slot_gets_it_and_what_was_to_make_it_ends(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.stuck()
    held, run = by_hand.balance(), by_hand.run(generation)
    (slot,) = by_hand.slots(generation)
    key = surgery.orphan(picture_bytes("purple"))
    assert surgery.look(RemedyKind.ADOPT_OBJECT, key, slot.id).credits == 0
    outcome = surgery.order(RemedyKind.ADOPT_OBJECT, key, slot.id)
    assert "canceled at the provider" in outcome.sentence
    poll(by_hand.parts, Step(run.id, run.seq), "a late look")
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.run(generation).state is RunState.CANCELED
    assert by_hand.attempts(generation)[0].state is AttemptState.CANCELED
    assert by_hand.slots(generation)[0].state is SlotState.FILLED
    assert by_hand.balance() == held


def test_only_a_sound_picture_with_its_own_name_is_adopted(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    (slot,) = by_hand.slots(generation)
    key = surgery.orphan(picture_bytes("teal"))
    path = surgery.services.settings.home / "storage" / key
    for content, words in ((picture_bytes("red"), "not those that its key"), (b"<html>", "")):
        path.write_bytes(content)
        problem = surgery.look(RemedyKind.ADOPT_OBJECT, key, slot.id).problem
        assert problem and words in problem
    unknown = original_key("ab" * 32, "png")
    problem = surgery.look(RemedyKind.ADOPT_OBJECT, unknown, slot.id).problem
    assert problem == "The storage does not hold it any more."
