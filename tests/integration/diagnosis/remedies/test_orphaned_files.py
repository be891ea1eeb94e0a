"""AdoptObject and DeleteOrphan: an orphaned file fills a slot or is deleted, unless it is needed."""

from services.core.states import AttemptState, GenerationState, RunState, SlotState
from services.database.models import OrphanedFile
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.orphans import IN_WORK, NAMED, UNKNOWN, YOUNG
from services.storage.keys import original_key
from tests.factories import picture_bytes
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup


def test_orphaned_file_is_deleted_after_its_audit_row(setup: RemedySetup) -> None:
    key = setup.orphan(picture_bytes("navy"))
    setup.apply_once("delete_orphan", key)
    assert not setup.has_file(key)
    assert setup.dry_run("delete_orphan", key).problem == UNKNOWN


def test_entry_of_a_file_that_is_gone_is_removed(setup: RemedySetup) -> None:
    key = setup.orphan(picture_bytes("navy"))
    setup.services.storage.delete(key)
    assert "gone already" in setup.dry_run("delete_orphan", key).sentence
    setup.apply_once("delete_orphan", key)


def test_file_that_a_row_or_an_open_run_needs_is_not_deleted(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    content = picture_bytes("gold")
    named = setup.orphan(content)
    setup.services.reference_uploads.upload(setup.actor, _account(setup), "a.png", content)
    young = setup.orphan(picture_bytes("crimson"), hours=0.1)
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.until_run(generation, RunState.INGESTING)
    answered = by_hand.attempts(generation)[0].outputs[0]["storage_key"]
    asset = setup.services.storage.head(answered)
    with by_hand.context.database.transaction() as session:
        session.add(
            OrphanedFile(
                storage_key=answered, byte_count=asset.byte_count, modified_at=asset.modified_at
            )
        )
    problems = {key: setup.dry_run("delete_orphan", key).problem for key in (young, answered)}
    assert problems == {young: YOUNG, answered: IN_WORK}
    # Uploads are encoded anew, so only an output's row has these very bytes.
    generation = setup.pose()
    by_hand.finish(generation)
    stored = setup.asset_of(by_hand.slots(generation)[0])
    with by_hand.context.database.transaction() as session:
        session.add(
            OrphanedFile(
                storage_key=stored.storage_key,
                byte_count=stored.byte_count,
                modified_at=asset.modified_at,
            )
        )
    assert setup.dry_run("delete_orphan", stored.storage_key).problem == NAMED
    assert setup.has_file(named)


def _account(setup: RemedySetup) -> str:
    return str(setup.services.accounts.all(setup.actor)[0].id)


def test_refunded_slot_is_charged_for_an_adopted_file(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    before = by_hand.balance()
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = setup.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    key = setup.orphan(picture_bytes("purple"))
    assert setup.dry_run("adopt_object", key, slot.id).credits == -30
    setup.apply_once("adopt_object", key, slot.id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (filled,) = by_hand.slots(generation)
    asset = setup.asset_of(filled)
    assert (asset.storage_key, by_hand.balance()) == (key, before - 30)
    assert setup.has_file(asset.thumbnail_key)
    (listed,) = [
        item for item in setup.services.gallery.page(setup.actor).items if item.asset_id == asset.id
    ]
    assert listed.asset_id == filled.asset_id


def test_adopted_file_fills_an_open_slot_and_cancels_its_run(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.stuck()
    held, run = by_hand.balance(), by_hand.run(generation)
    (slot,) = by_hand.slots(generation)
    key = setup.orphan(picture_bytes("purple"))
    assert setup.dry_run("adopt_object", key, slot.id).credits == 0
    outcome = setup.apply_once("adopt_object", key, slot.id)
    assert "canceled at the provider" in outcome.sentence
    poll(by_hand.context, Step(run.id, run.seq), "a late poll")
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.run(generation).state is RunState.CANCELED
    assert by_hand.attempts(generation)[0].state is AttemptState.CANCELED
    assert by_hand.slots(generation)[0].state is SlotState.FILLED
    assert by_hand.balance() == held


def test_file_with_wrong_content_is_not_adopted(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    (slot,) = by_hand.slots(generation)
    key = setup.orphan(picture_bytes("teal"))
    path = setup.services.settings.home / "storage" / key
    for content, words in ((picture_bytes("red"), "does not match the hash"), (b"<html>", "")):
        path.write_bytes(content)
        problem = setup.dry_run("adopt_object", key, slot.id).problem
        assert problem and words in problem
    unknown = original_key("ab" * 32, "png")
    problem = setup.dry_run("adopt_object", unknown, slot.id).problem
    assert problem == "It is not in storage any more."
