"""Redownload restores a missing file byte for byte, or refuses."""

from datetime import timedelta

from sqlalchemy import func, update

from services.core.states import GenerationState, MissingCause, RunState
from services.database.models import Asset
from services.remedies.subjects import ALL_THERE
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup

LATER = func.clock_timestamp() + timedelta(minutes=5)


def test_missing_file_is_restored_from_the_provider(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    run, asset = by_hand.run(generation), setup.lose(slot)
    content_there = setup.services.storage.head(asset.thumbnail_key)
    setup.services.storage.delete(asset.thumbnail_key)
    setup.write(
        update(Asset)
        .where(Asset.id == asset.id)
        .values(missing_at=func.clock_timestamp(), missing_cause=MissingCause.GONE)
    )
    setup.apply_once("redownload", run.id)
    assert content_there and setup.has_file(asset.thumbnail_key)
    assert setup.services.storage.head(asset.storage_key).byte_count == asset.byte_count
    found = setup.asset_of(slot)
    assert (found.missing_at, found.missing_cause) == (None, None)
    assert by_hand.studio.state(generation) is GenerationState.SUCCEEDED
    by_hand.studio.assert_sound(generation)
    dry_run = setup.dry_run("redownload", run.id)
    assert dry_run.problem == ALL_THERE


def test_missing_thumbnail_is_restored_from_its_original(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.finish(generation)
    slot = by_hand.slots(generation)[0]
    run = by_hand.runs(generation)[0]
    asset = setup.asset_of(slot)
    setup.services.storage.delete(asset.thumbnail_key)
    setup.apply_once("redownload", run.id)
    assert setup.has_file(asset.thumbnail_key)
    setup.lose(slot)
    # A synchronous answer has no address to come from once more.
    problem = setup.dry_run("redownload", run.id).problem
    assert problem and "no longer has it" in problem


def test_ingest_that_is_scheduled_later_becomes_due(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    run = by_hand.until_run(setup.pose(), RunState.INGESTING)
    by_hand.change_run(run.id, due_at=LATER)
    setup.apply_once("redownload", run.id)
    (job,) = by_hand.tick()
    assert (job.step, job.seq) == ("ingest", run.seq)
