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
from tests.integration.references.shelf import OPERATOR, VIEWER, Shelf
from tests.unit.media.drawn import scene


def test_deleted_reference_comes_back_as_it_was(shelf: Shelf) -> None:
    card = shelf.add(1, "front.png")
    shelf.service.change_tags(OPERATOR, [card.id], add=["hero"])
    shelf.delete(card)
    assert (shelf.names(), shelf.names(is_deleted=True)) == ([], ["front.png"])
    result = shelf.service.restore(OPERATOR, [card.id, card.id])
    assert (result.restored, result.uploaded_again) == (1, 0)
    assert shelf.names(tag="hero") == ["front.png"]


def test_latest_deletion_stands_first(shelf: Shelf) -> None:
    first, second = shelf.add(1, "first.png"), shelf.add(2, "second.png")
    shelf.delete(second)
    shelf.delete(first)
    assert shelf.names(is_deleted=True) == ["first.png", "second.png"]


def test_second_deletion_is_told(shelf: Shelf) -> None:
    card = shelf.add()
    shelf.service.delete(OPERATOR, card.id)
    with pytest.raises(NotFoundError):
        shelf.service.delete(OPERATOR, card.id)


def test_picture_that_was_uploaded_again_is_not_restored_beside_itself(shelf: Shelf) -> None:
    old = shelf.add(1, "old.png")
    shelf.delete(old)
    shelf.add(1, "new.png")
    result = shelf.service.restore(OPERATOR, [old.id])
    assert (result.restored, result.uploaded_again) == (0, 1)
    assert shelf.names() == ["new.png"]


def test_of_several_deleted_uploads_the_newest_is_restored(shelf: Shelf) -> None:
    cards = []
    for name in ("old.png", "new.png"):
        cards.append(shelf.add(1, name))
        shelf.delete(cards[-1])
    result = shelf.service.restore(OPERATOR, [card.id for card in cards])
    assert (result.restored, result.uploaded_again) == (1, 1)
    assert shelf.names() == ["new.png"]


def test_erased_reference_leaves_nothing_but_its_lineage(shelf: Shelf) -> None:
    card, child = shelf.add(1, "my face.png"), shelf.add(2, "child.png")
    shelf.fill(shelf.batch(card), card, child)
    shelf.service.change_tags(OPERATOR, [card.id], add=["me"])
    assert shelf.erase(card) == 1
    reference, asset = shelf.row(card)
    assert (reference.filename, reference.phash, reference.phash_mirrored) == (
        ERASED_NAME,
        None,
        None,
    )
    assert asset.deleted_at and not asset.placeholder
    assert not shelf.has_files(card)
    assert shelf.names(is_deleted=True) == []
    with shelf.database.transaction() as session:
        assert not session.scalars(select(ReferenceTag)).all()
    parent = Gallery(shelf.database).picture(VIEWER, child.asset_id)
    assert [(found.title, found.is_erased) for found in parent.parents] == [(ERASED_NAME, True)]
    with pytest.raises(NotFoundError):
        Gallery(shelf.database).picture(VIEWER, card.asset_id)
    assert shelf.service.restore(OPERATOR, [card.id]).restored == 0


def test_erasure_is_audited_without_the_name(shelf: Shelf) -> None:
    card = shelf.add(1, "my face.png")
    shelf.erase(card)
    with shelf.database.transaction() as session:
        audit = session.scalars(select(Audit).where(Audit.subject_id == card.id)).one()
    assert (audit.actor, audit.action, audit.reason) == (
        OPERATOR.id,
        "reference.erase",
        "a good reason",
    )
    assert audit.after == {"is_file_removed": True}
    assert "my face" not in str(audit.before)


@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_file_that_another_row_shares_stays(shelf: Shelf, is_elsewhere: bool) -> None:
    card = shelf.add(1)
    if not is_elsewhere:
        shelf.delete(card)
    other = shelf.add(1, "b.png", shelf.account() if is_elsewhere else DEFAULT_ACCOUNT_ID)
    assert other.storage_key == card.storage_key and other.asset_id != card.asset_id
    shelf.delete(card)
    plan = shelf.service.erasure(OPERATOR, [card.id])
    assert (plan.references, plan.files, plan.shared_files) == (1, 0, 1)
    shelf.erase(card)
    assert shelf.has_files(other)
    shelf.erase(other)
    assert not shelf.has_files(other)


def test_what_goes_is_told_before(shelf: Shelf) -> None:
    card, child, again = shelf.add(1), shelf.add(2), shelf.add(3)
    shelf.fill(shelf.batch(card), card, child)
    shelf.delete(card, again)
    plan = shelf.service.erasure(OPERATOR, [card.id, again.id])
    assert (plan.references, plan.files, plan.shared_files, plan.made_pictures) == (2, 2, 0, 1)
    assert plan.file_bytes == card.byte_count + again.byte_count
    assert shelf.has_files(card)


def test_picture_can_be_uploaded_again_after_it_was_erased(shelf: Shelf) -> None:
    shelf.erase(shelf.add(1))
    verdict = shelf.verdict(scene(1), "again.png")
    assert verdict.reference and not verdict.is_duplicate and not verdict.alike
    assert shelf.has_files(verdict.reference)


def test_erasing_needs_a_reason_and_a_deletion_before(shelf: Shelf) -> None:
    card = shelf.add()
    with pytest.raises(InvalidRequestError, match="Delete it first"):
        shelf.service.erase(OPERATOR, [card.id], "why")
    shelf.delete(card)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        shelf.service.erase(OPERATOR, [card.id], "  ")
    shelf.erase(card)
    with pytest.raises(NotFoundError):
        shelf.service.erase(OPERATOR, [card.id], "why")


def test_reference_of_a_running_batch_is_not_erased(shelf: Shelf) -> None:
    card = shelf.add()
    batch = shelf.batch(card, SlotState.PENDING)
    with pytest.raises(InvalidRequestError, match=batch):
        shelf.erase(card)
    assert shelf.has_files(card) and shelf.names(is_deleted=True) == ["a.png"]


def test_storage_that_fails_leaves_the_reference_to_be_erased_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = shelf.add()
    with monkeypatch.context() as broken:
        broken.setattr(shelf.storage, "delete", _fails)
        with pytest.raises(InvalidRequestError, match="the disk is full"):
            shelf.erase(card)
    assert shelf.names(is_deleted=True) == ["a.png"]
    shelf.erase(card)
    assert not shelf.has_files(card)


def test_upload_beside_an_erasure_keeps_its_file(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = shelf.add(1)
    shelf.delete(card)
    _before_second_look(shelf, monkeypatch, lambda: shelf.erase(card))
    verdict = shelf.verdict(scene(1), "again.png")
    assert verdict.reference and not verdict.is_duplicate
    assert shelf.has_files(verdict.reference)


def _before_second_look(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, happening: Callable[[], object]
) -> None:
    """Let something happen between the storing of an upload's file and of its row."""
    store = shelf.service._store

    def stored(*arguments: object) -> None:
        monkeypatch.setattr(shelf.service, "_store", store)
        store(*arguments)  # type: ignore[arg-type]
        happening()

    monkeypatch.setattr(shelf.service, "_store", stored)


def _fails(key: str) -> None:
    raise StorageError(reason="the disk is full", key=key)
