"""Delete, restore and erase: nothing is lost by accident, and nothing stays that was erased."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from services.core.errors import InvalidRequestError, NotFoundError, StorageError
from services.core.states import SlotState
from services.database.models import Audit, ReferenceTag
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.gallery.gallery import Gallery
from services.references.erase import ERASED_NAME
from tests.integration.references.reference_setup import OPERATOR, VIEWER, ReferenceSetup
from tests.unit.media.drawn import scene


def test_deleted_reference_comes_back_as_it_was(setup: ReferenceSetup) -> None:
    card = setup.add(1, "front.png")
    setup.service.change_tags(OPERATOR, [card.id], add=["hero"])
    setup.delete(card)
    assert (setup.names(), setup.names(is_deleted=True)) == ([], ["front.png"])
    result = setup.service.restore(OPERATOR, [card.id, card.id])
    assert (result.restored, result.uploaded_again) == (1, 0)
    assert setup.names(tag="hero") == ["front.png"]


def test_delete_and_restore_are_in_the_audit_trail_without_the_files_name(
    setup: ReferenceSetup,
) -> None:
    card = setup.add(1, "my face.png")
    setup.delete(card)
    setup.service.delete_many(OPERATOR, [card.id])
    setup.service.restore(OPERATOR, [card.id, card.id])
    with setup.database.transaction() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.action, row.subject_id, row.actor) for row in rows] == [
        ("reference.delete", card.id, OPERATOR.id),
        ("reference.restore", card.id, OPERATOR.id),
    ]
    assert all("face" not in f"{row.before}{row.after}{row.reason}" for row in rows)


def test_latest_deletion_is_first(setup: ReferenceSetup) -> None:
    first, second = setup.add(1, "first.png"), setup.add(2, "second.png")
    setup.delete(second)
    setup.delete(first)
    assert setup.names(is_deleted=True) == ["first.png", "second.png"]


def test_second_deletion_deletes_nothing(setup: ReferenceSetup) -> None:
    card = setup.add()
    assert setup.service.delete_many(OPERATOR, [card.id]) == (card.id,)
    assert setup.service.delete_many(OPERATOR, [card.id]) == ()


def test_reuploaded_picture_is_not_restored_beside_itself(
    setup: ReferenceSetup,
) -> None:
    old = setup.add(1, "old.png")
    setup.delete(old)
    setup.add(1, "new.png")
    result = setup.service.restore(OPERATOR, [old.id])
    assert (result.restored, result.uploaded_again) == (0, 1)
    assert setup.names() == ["new.png"]


def test_of_several_deleted_uploads_the_newest_is_restored(setup: ReferenceSetup) -> None:
    cards = []
    for name in ("old.png", "new.png"):
        cards.append(setup.add(1, name))
        setup.delete(cards[-1])
    result = setup.service.restore(OPERATOR, [card.id for card in cards])
    assert (result.restored, result.uploaded_again) == (1, 1)
    assert setup.names() == ["new.png"]


def test_erased_reference_leaves_nothing_but_its_lineage(setup: ReferenceSetup) -> None:
    card, child = setup.add(1, "my face.png"), setup.add(2, "child.png")
    setup.fill(setup.batch(card), card, child)
    setup.service.change_tags(OPERATOR, [card.id], add=["me"])
    assert setup.erase(card) == 1
    reference, asset = setup.row(card)
    assert (reference.filename, reference.phash, reference.phash_mirrored) == (
        ERASED_NAME,
        None,
        None,
    )
    assert asset.deleted_at and not asset.placeholder
    assert not setup.has_files(card)
    assert setup.names(is_deleted=True) == []
    with setup.database.transaction() as session:
        assert not session.scalars(select(ReferenceTag)).all()
    parent = Gallery(setup.database).picture(VIEWER, child.asset_id)
    assert [(found.title, found.is_erased) for found in parent.parents] == [(ERASED_NAME, True)]
    with pytest.raises(NotFoundError):
        Gallery(setup.database).picture(VIEWER, card.asset_id)
    assert setup.service.restore(OPERATOR, [card.id]).restored == 0


def test_erasure_is_audited_without_the_name(setup: ReferenceSetup) -> None:
    card = setup.add(1, "my face.png")
    setup.erase(card)
    with setup.database.transaction() as session:
        audit = session.scalars(select(Audit).where(Audit.action == "reference.erase")).one()
    assert (audit.actor, audit.action, audit.reason) == (
        OPERATOR.id,
        "reference.erase",
        "a good reason",
    )
    assert audit.after == {"is_file_removed": True}
    assert "my face" not in str(audit.before)


@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_file_that_another_row_shares_stays(setup: ReferenceSetup, is_elsewhere: bool) -> None:
    card = setup.add(1)
    if not is_elsewhere:
        setup.delete(card)
    other = setup.add(1, "b.png", setup.account() if is_elsewhere else DEFAULT_ACCOUNT_ID)
    assert other.storage_key == card.storage_key and other.asset_id != card.asset_id
    setup.delete(card)
    plan = setup.eraser.erasure(OPERATOR, [card.id])
    assert (plan.references, plan.files, plan.shared_files) == (1, 0, 1)
    setup.erase(card)
    assert setup.has_files(other)
    setup.erase(other)
    assert not setup.has_files(other)


def test_erasure_is_previewed(setup: ReferenceSetup) -> None:
    card, child, other = setup.add(1), setup.add(2), setup.add(3)
    setup.fill(setup.batch(card), card, child)
    setup.delete(card, other)
    plan = setup.eraser.erasure(OPERATOR, [card.id, other.id])
    assert (plan.references, plan.files, plan.shared_files, plan.made_pictures) == (2, 2, 0, 1)
    assert plan.file_bytes == card.byte_count + other.byte_count
    assert setup.has_files(card)


def test_erased_picture_can_be_reuploaded(setup: ReferenceSetup) -> None:
    setup.erase(setup.add(1))
    verdict = setup.verdict(scene(1), "again.png")
    assert verdict.reference and not verdict.is_duplicate and not verdict.similar
    assert setup.has_files(verdict.reference)


def test_erasing_needs_a_reason_and_a_deletion_before(setup: ReferenceSetup) -> None:
    card = setup.add()
    with pytest.raises(InvalidRequestError, match="Delete it first"):
        setup.eraser.erase(OPERATOR, [card.id], "why")
    setup.delete(card)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        setup.eraser.erase(OPERATOR, [card.id], "  ")
    setup.erase(card)
    with pytest.raises(NotFoundError):
        setup.eraser.erase(OPERATOR, [card.id], "why")


def test_reference_of_a_running_batch_is_not_erased(setup: ReferenceSetup) -> None:
    card = setup.add()
    batch = setup.batch(card, SlotState.PENDING)
    with pytest.raises(InvalidRequestError, match=batch):
        setup.erase(card)
    assert setup.has_files(card) and setup.names(is_deleted=True) == ["a.png"]


def test_erasure_can_be_repeated_after_a_storage_failure(
    setup: ReferenceSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = setup.add()
    with monkeypatch.context() as broken:
        broken.setattr(setup.storage, "delete", _fails)
        with pytest.raises(InvalidRequestError, match="the disk is full"):
            setup.erase(card)
    assert setup.names(is_deleted=True) == ["a.png"]
    setup.erase(card)
    assert not setup.has_files(card)


def test_upload_beside_an_erasure_keeps_its_file(
    setup: ReferenceSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = setup.add(1)
    setup.delete(card)
    _before_second_look(setup, monkeypatch, lambda: setup.erase(card))
    verdict = setup.verdict(scene(1), "again.png")
    assert verdict.reference and not verdict.is_duplicate
    assert setup.has_files(verdict.reference)


def _before_second_look(
    setup: ReferenceSetup, monkeypatch: pytest.MonkeyPatch, happening: Callable[[], object]
) -> None:
    """Let something happen between the storing of an upload's file and of its row."""
    store = setup.uploads._store

    def stored(*arguments: object) -> None:
        monkeypatch.setattr(setup.uploads, "_store", store)
        store(*arguments)  # type: ignore[arg-type]
        happening()

    monkeypatch.setattr(setup.uploads, "_store", stored)


def _fails(key: str) -> None:
    raise StorageError(reason="the disk is full", key=key)
