"""Read one generation: its row, its credits, and its slots with their files."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Date, case, cast, func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import OPEN_SLOTS, EntryKind, SlotState, Tier
from services.database.models import Account, Asset, Generation, LedgerEntry, Person, QuotaDay, Slot
from services.diagnosis.facts.models import (
    CreditFacts,
    FileFacts,
    GenerationFacts,
    SlotFacts,
    facts_of_row,
)
from services.monitoring.slots import slot_labels
from services.people.visibility import visible_generations


def quota_left() -> ColumnElement[int | None]:
    """Select what an account has left of today's quota; null outside the unlimited tier."""
    today = cast(func.timezone(Account.time_zone, func.clock_timestamp()), Date)
    used = (
        select(QuotaDay.used)
        .where(QuotaDay.account_id == Account.id, QuotaDay.day == today)
        .correlate(Account)
        .scalar_subquery()
    )
    left = func.greatest(0, Account.daily_quota - func.coalesce(used, 0))
    return case((Account.tier == Tier.UNLIMITED, left))


def _next_midnight() -> ColumnElement[datetime]:
    """Select when the account's quota is renewed."""
    local = func.timezone(Account.time_zone, func.clock_timestamp())
    return func.timezone(Account.time_zone, func.date_trunc("day", local) + timedelta(days=1))


def read_generation(session: Session, actor: Actor, generation_id: str) -> GenerationFacts:
    """Read the generation's row in one statement.

    Raises NotFoundError, also for what this person may not see.
    """
    row = session.execute(
        select(
            Generation,
            Account.name,
            func.coalesce(Person.name, Generation.person_id),
            quota_left(),
            _next_midnight(),
        )
        .join(Account, Account.id == Generation.account_id)
        .outerjoin(Person, Person.id == Generation.person_id)
        .where(Generation.id == generation_id, *visible_generations(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError(what="generation", id=generation_id)
    generation, account, person, left, renewed_at = row
    return facts_of_row(
        GenerationFacts,
        generation,
        account_name=account,
        person_name=person,
        quota_left=left,
        quota_renewed_at=renewed_at,
    )


def read_entries(session: Session, generation_id: str) -> tuple[LedgerEntry, ...]:
    """Read its ledger entries, oldest first, in one statement."""
    return tuple(
        session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.generation_id == generation_id)
            .order_by(LedgerEntry.created_at, LedgerEntry.id)
        )
    )


def credits_of(entries: Iterable[LedgerEntry], slots: Iterable[SlotFacts]) -> CreditFacts:
    """Sum the ledger entries, and what the slots use or hold of them."""
    amounts = {kind: 0 for kind in EntryKind}
    for entry in entries:
        amounts[entry.kind] += entry.amount
    slots = tuple(slots)
    charged = -amounts[EntryKind.CHARGE]
    ended = (SlotState.FAILED, SlotState.CANCELED)
    return CreditFacts(
        charged=charged,
        charged_again=max(0, charged - sum(it.price_credits for it in slots)),
        consumed=sum(
            it.price_credits for it in slots if it.state is SlotState.FILLED or it.is_charge_kept
        ),
        refunded=amounts[EntryKind.REFUND],
        held=sum(it.price_credits for it in slots if it.state in OPEN_SLOTS),
        unrefunded_slots=tuple(
            it.id for it in slots if it.state in ended and not (it.refunds or it.is_charge_kept)
        ),
    )


def read_slots(
    session: Session,
    generation_id: str,
    uri: Callable[[str], str] | None,
) -> tuple[SlotFacts, ...]:
    """Read its slots in two statements. `uri`: where the storage would store a key; None: unknown."""
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
        facts_of_row(
            SlotFacts,
            slot,
            label=labels[slot.id],
            file=_file(asset, uri) if asset else None,
            refunds=int(count),
        )
        for slot, asset, count in rows
    )


def _file(asset: Asset, uri: Callable[[str], str] | None) -> FileFacts:
    return facts_of_row(
        FileFacts,
        asset,
        asset_id=asset.id,
        expected_uri=uri(asset.storage_key) if uri else asset.storage_uri,
    )


def with_objects(
    slots: Sequence[SlotFacts],
    sizes: Mapping[str, int | None],
    altered: Collection[str] = (),
) -> tuple[SlotFacts, ...]:
    """Add the size that the storage answered for each key; None: no object. Others stay unchecked."""
    return tuple(
        replace(
            slot,
            file=replace(
                slot.file,
                has_object=_is_there(sizes, slot.file.storage_key),
                has_thumbnail=_is_there(sizes, slot.file.thumbnail_key, needs_bytes=True),
                stored_bytes=sizes.get(slot.file.storage_key),
                has_other_content=slot.file.storage_key in altered,
            ),
        )
        if slot.file
        else slot
        for slot in slots
    )


def _is_there(
    sizes: Mapping[str, int | None], key: str, *, needs_bytes: bool = False
) -> bool | None:
    if key not in sizes:
        return None
    return bool(sizes[key]) if needs_bytes else sizes[key] is not None
