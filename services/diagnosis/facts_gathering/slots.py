"""The slots of one generation with their files, as the database knows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import EntryKind, MissingCause
from services.database.models import Asset, LedgerEntry, Slot
from services.diagnosis.facts import FileFacts, SlotFacts
from services.monitoring.slots import slot_labels


def read_slots(
    session: Session,
    generation_id: str,
    uri: Callable[[str], str] | None,
) -> tuple[SlotFacts, ...]:
    """Two statements. `uri`: where the storage would put a key; None: nobody can say."""
    labels = slot_labels(session, [generation_id])
    refunds = (
        select(func.count())
        .where(
            LedgerEntry.slot_id == Slot.id,
            LedgerEntry.charge_id == Slot.charge_id,
            LedgerEntry.kind == EntryKind.REFUND,
        )
        .correlate(Slot)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Slot, Asset, refunds)
        .outerjoin(Asset, Asset.id == Slot.asset_id)
        .where(Slot.generation_id == generation_id)
        .order_by(Slot.position)
    )
    return tuple(
        _slot(slot, labels[slot.id], _file(asset, uri) if asset else None, int(count))
        for slot, asset, count in rows
    )


def _slot(slot: Slot, label: str, file: FileFacts | None, refunds: int) -> SlotFacts:
    return SlotFacts(
        id=slot.id,
        position=slot.position,
        role=slot.role,
        label=label,
        state=slot.state,
        price_credits=slot.price_credits,
        provider=slot.provider,
        failure=slot.failure,
        failure_detail=slot.failure_detail,
        parent_slot_id=slot.parent_slot_id,
        file=file,
        refunds=refunds,
    )


def _file(asset: Asset, uri: Callable[[str], str] | None) -> FileFacts:
    return FileFacts(
        asset_id=asset.id,
        storage_key=asset.storage_key,
        storage_uri=asset.storage_uri,
        expected_uri=uri(asset.storage_key) if uri else asset.storage_uri,
        thumbnail_key=asset.thumbnail_key or None,
        missing_at=asset.missing_at,
        missing_cause=MissingCause(asset.missing_cause) if asset.missing_cause else None,
        checked_at=asset.checked_at,
        deleted_at=asset.deleted_at,
    )


def with_objects(slots: Sequence[SlotFacts], there: Mapping[str, bool]) -> tuple[SlotFacts, ...]:
    """The same with what the storage said of each key just now; one that it was not asked stays."""
    return tuple(
        replace(
            slot,
            file=replace(
                slot.file,
                has_object=there.get(slot.file.storage_key),
                has_thumbnail=there.get(slot.file.thumbnail_key or ""),
            ),
        )
        if slot.file
        else slot
        for slot in slots
    )
