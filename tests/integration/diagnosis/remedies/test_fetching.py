"""Fetch again: a lost file comes back byte for byte, or the remedy says that it cannot."""

from datetime import timedelta

from sqlalchemy import func, update

from services.core.states import GenerationState, MissingCause, RunState
from services.database.models import Asset
from services.remedies.base import RemedyKind
from tests.integration.diagnosis.remedies.surgery import Surgery

LATER = func.clock_timestamp() + timedelta(minutes=5)


def test_a_lost_file_is_put_back_while_the_provider_has_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    run, asset = by_hand.run(generation), surgery.lose(slot)
    content_there = surgery.services.storage.head(asset.thumbnail_key)
    surgery.services.storage.delete(asset.thumbnail_key)
    surgery.write(
        update(Asset)
        .where(Asset.id == asset.id)
        .values(missing_at=func.clock_timestamp(), missing_cause=MissingCause.GONE)
    )
    surgery.order(RemedyKind.REDOWNLOAD, run.id)
    assert content_there and surgery.has_file(asset.thumbnail_key)
    assert surgery.services.storage.head(asset.storage_key).byte_count == asset.byte_count
    found = surgery.asset_of(slot)
    assert (found.missing_at, found.missing_cause) == (None, None)
    assert by_hand.studio.state(generation) is GenerationState.SUCCEEDED
    by_hand.studio.assert_sound(generation)
    look = surgery.look(RemedyKind.REDOWNLOAD, run.id)
    assert look.problem == "Its files are all in the storage: nothing is lost."


def test_a_thumbnail_is_drawn_anew_from_its_picture_whoever_made_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.finish(generation)
    slot = by_hand.slots(generation)[0]
    run = by_hand.runs(generation)[0]
    asset = surgery.asset_of(slot)
    surgery.services.storage.delete(asset.thumbnail_key)
    surgery.order(RemedyKind.REDOWNLOAD, run.id)
    assert surgery.has_file(asset.thumbnail_key)
    surgery.lose(slot)
    # A synchronous answer has no address to come from once more.
    problem = surgery.look(RemedyKind.REDOWNLOAD, run.id).problem
    assert problem and "no longer has it" in problem


def test_what_is_not_fetched_yet_is_fetched_at_once(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    run = by_hand.until_run(surgery.pose(), RunState.INGESTING)
    by_hand.change_run(run.id, due_at=LATER)
    surgery.order(RemedyKind.REDOWNLOAD, run.id)
    (ring,) = by_hand.tick()
    assert (ring.step, ring.seq) == ("ingest", run.seq)
