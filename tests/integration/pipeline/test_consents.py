"""Withdrawn consents: what they erase, what stays, and what they wait for."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError, StorageError
from services.database.models import (
    Asset,
    Audit,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.simulated import (
    asset_of,
    consents,
    has_files,
    made_from,
    request_for,
    start,
    viewer_of,
)


def test_withdrawn_consent_erases_all_that_was_made_and_keeps_the_photograph(
    by_hand: ManualPipeline, simulation: str
) -> None:
    studio = by_hand.studio
    slots = by_hand.slots(simulation)
    child = asset_of(studio, made_from(studio, slots[1]))
    pictures = [asset_of(studio, slot.asset_id) for slot in slots] + [child]
    (consent,) = consents(studio)
    assert all(has_files(studio, picture) for picture in pictures)
    assert studio.services.consents.withdraw(studio.actor, consent.id, "She asked us to") == 3
    assert not any(has_files(studio, picture) for picture in pictures)
    assert all(asset_of(studio, picture.id).deleted_at for picture in pictures)
    assert has_files(studio, asset_of(studio, consent.asset_id))
    with pytest.raises(NotFoundError):
        studio.services.gallery.picture(studio.actor, pictures[0].id)
    card = studio.services.generations.card(studio.actor, simulation)
    assert card.title == "Consent withdrawn · Level 2"
    assert card.slots[0].failure == "This picture was erased."
    (view,) = studio.services.consents.of_account(studio.actor, DEFAULT_ACCOUNT_ID)
    assert (view.pictures, view.withdrawn_at is not None, view.filename) == (0, True, "teal.png")
    with studio.services.database.transaction() as session:
        audit = session.scalars(select(Audit).where(Audit.subject_id == consent.id)).one()
    assert (audit.action, audit.reason) == ("consent.withdraw", "She asked us to")
    with pytest.raises(InvalidRequestError, match="withdrawn already"):
        studio.services.consents.withdraw(studio.actor, consent.id, "again")


def test_withdrawal_covers_every_consent_to_the_same_photograph(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    request = request_for(studio)
    for key, level in (("a", "projection-level-1"), ("b", "projection-level-2")):
        by_hand.finish(start(studio, replace(request, scenario_id=level), key))
    first, _ = consents(studio)
    assert studio.services.consents.withdraw(studio.actor, first.id, "asked") == 4
    assert all(consent.withdrawn_at for consent in consents(studio))
    assert studio.services.simulations.quote(studio.actor, request).existing is None


def test_file_that_another_row_shares_stays(by_hand: ManualPipeline, simulation: str) -> None:
    studio = by_hand.studio
    rear = asset_of(studio, by_hand.slots(simulation)[0].asset_id)
    with studio.services.database.transaction() as session:
        copied = {column.key: getattr(rear, column.key) for column in Asset.__table__.columns}
        session.add(Asset(**copied | {"id": new_id("ast")}))
    (consent,) = consents(studio)
    studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert has_files(studio, rear)
    assert asset_of(studio, rear.id).deleted_at


def test_withdrawal_waits_for_a_running_simulation_and_needs_a_reason(
    by_hand: ManualPipeline,
) -> None:
    studio = by_hand.studio
    generation = start(studio)
    (consent,) = consents(studio)
    with pytest.raises(InvalidRequestError, match="still runs"):
        studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    by_hand.finish(generation)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        studio.services.consents.withdraw(studio.actor, consent.id, " ")
    with pytest.raises(NotAllowedError):
        studio.services.consents.withdraw(viewer_of(studio), consent.id, "asked")
    with pytest.raises(NotFoundError):
        studio.services.consents.withdraw(studio.actor, "con_nobody", "asked")
    assert consents(studio)[0].withdrawn_at is None


def test_withdrawal_can_be_repeated_after_a_storage_failure(
    by_hand: ManualPipeline, simulation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = by_hand.studio
    (consent,) = consents(studio)
    rear = asset_of(studio, by_hand.slots(simulation)[0].asset_id)

    def fails(key: str) -> None:
        raise StorageError(reason="the disk is full", key=key)

    with monkeypatch.context() as broken:
        broken.setattr(studio.services.storage, "delete", fails)
        with pytest.raises(InvalidRequestError, match="the disk is full"):
            studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert consents(studio)[0].withdrawn_at is None
    studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert not has_files(studio, rear)


def test_nothing_is_retried_after_the_consent_is_withdrawn(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = start(studio, request_for(studio), "partial")
    by_hand.finish(generation)
    (consent,) = consents(studio)
    studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    quote = studio.services.retry.quote(studio.actor, generation)
    assert "withdrawn" in quote.problems[0]
    with pytest.raises(InvalidRequestError, match="withdrawn"):
        studio.services.retry.start(studio.actor, generation)
