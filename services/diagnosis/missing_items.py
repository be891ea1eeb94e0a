"""List missing files, outputs that were not downloaded yet, and orphaned files, in keyset pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session, aliased

from services.core.actors import Actor
from services.core.states import MissingCause, RunState
from services.core.thresholds import Thresholds
from services.database.keyset import after as keyset_after
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import (
    Account,
    Asset,
    Attempt,
    Generation,
    Mascot,
    OrphanedFile,
    Pose,
    Reference,
    Run,
    RunSlot,
    Slot,
)
from services.people.visibility import Conditions, visible_generations, visible_pictures
from services.recipes.labels import slot_title

CAUSE_OF = {
    MissingCause.GONE: "object_missing",
    MissingCause.THUMBNAIL_GONE: "object_missing",
    MissingCause.WRONG_BUCKET: "wrong_bucket",
    MissingCause.DAMAGED: "object_damaged",
}


@dataclass(frozen=True)
class MissingItem:
    """One file, output or object; what it does not have is None."""

    title: str
    since: datetime
    account_name: str | None = None
    asset_id: str | None = None
    slot_id: str | None = None
    generation_id: str | None = None
    run_id: str | None = None
    storage_key: str | None = None
    storage_uri: str | None = None
    """Where it is by its row."""
    missing_cause: MissingCause | None = None
    minutes_left: int | None = None
    """Of an output: until the provider deletes it."""
    byte_count: int | None = None


@dataclass(frozen=True)
class MissingPage:
    """One keyset page."""

    items: tuple[MissingItem, ...]
    next_cursor: str | None


def missing_files(actor: Actor) -> Conditions:
    """Select live assets with a missing file, as far as this person may see them."""
    return (
        Asset.deleted_at.is_(None),
        Asset.missing_at.is_not(None),
        Asset.missing_cause.is_not(None),
        *visible_pictures(actor, Asset.id),
    )


def unfetched_outputs(actor: Actor, late: Thresholds) -> Conditions:
    """Select runs joined with attempts that finished and whose output only the provider has.

    A synchronous provider's picture is stored already: it has no address and does not expire.
    """
    latest = select(func.max(Attempt.number)).where(Attempt.run_id == Run.id).correlate(Run)
    return (
        Run.state == RunState.INGESTING,
        Attempt.number == latest.scalar_subquery(),
        Attempt.finished_at < func.clock_timestamp() - timedelta(seconds=late.fetch_late),
        func.jsonb_path_exists(Attempt.outputs, cast("$[*].url", JSONPATH)),
        *visible_generations(actor),
    )


def page_of(
    session: Session,
    actor: Actor,
    cause: str,
    before: str | None,
    limit: int,
    late: Thresholds,
) -> MissingPage:
    """Read one page of a cause's list in one statement; another cause's list is empty."""
    if cause == "output_not_fetched":
        return _outputs(session, actor, before, limit, late)
    if cause == "orphaned_file":
        return _orphans(session, before, limit)
    causes = [missing for missing, found in CAUSE_OF.items() if found == cause]
    return _files(session, actor, causes, before, limit)


def _files(
    session: Session, actor: Actor, causes: list[MissingCause], before: str | None, limit: int
) -> MissingPage:
    query = (
        select(
            Asset, Slot, Generation.title, Mascot.name, Pose.name, Reference.filename, Account.name
        )
        .join(Account, Account.id == Asset.account_id)
        .outerjoin(Slot, Slot.asset_id == Asset.id)
        .outerjoin(Generation, Generation.id == Slot.generation_id)
        .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
        .outerjoin(Pose, Pose.id == Slot.pose_id)
        .outerjoin(Reference, Reference.asset_id == Asset.id)
        .where(*missing_files(actor), Asset.missing_cause.in_(causes))
    )
    rows = _rows(session, query, Asset.missing_at, Asset.id, before, limit)
    items = [
        MissingItem(
            title=slot_title(slot, title, mascot, pose) if slot else (filename or "Reference"),
            since=asset.missing_at,
            account_name=account,
            asset_id=asset.id,
            slot_id=slot.id if slot else None,
            generation_id=slot.generation_id if slot else None,
            storage_key=asset.storage_key,
            storage_uri=asset.storage_uri,
            missing_cause=asset.missing_cause,
            byte_count=asset.byte_count,
        )
        for asset, slot, title, mascot, pose, filename, account in rows
    ]
    return _page(items, limit)


def _outputs(
    session: Session, actor: Actor, after: str | None, limit: int, late: Thresholds
) -> MissingPage:
    """Read them in the order in which the provider deletes them."""
    # An alias: the condition of who may see it has a subquery on the table itself.
    slot = aliased(Slot)
    first_slot = select(func.min(RunSlot.slot_id)).where(RunSlot.run_id == Run.id).scalar_subquery()
    age = func.extract("epoch", func.clock_timestamp() - Attempt.finished_at)
    query = (
        select(
            Run.id,
            Attempt.finished_at,
            age,
            slot,
            Generation.title,
            Mascot.name,
            Pose.name,
            Account.name,
        )
        .join(Attempt, Attempt.run_id == Run.id)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Account, Account.id == Generation.account_id)
        .join(slot, slot.id == first_slot)
        .outerjoin(Mascot, Mascot.id == slot.mascot_id)
        .outerjoin(Pose, Pose.id == slot.pose_id)
        .where(*unfetched_outputs(actor, late))
    )
    at, row_id = Attempt.finished_at, Run.id
    query = query.where(*keyset_after(after, at, row_id)).order_by(at, row_id).limit(limit + 1)
    rows: list[Any] = list(session.execute(query))
    items = [
        MissingItem(
            title=slot_title(shown, title, mascot, pose),
            since=finished_at,
            account_name=account,
            slot_id=shown.id,
            generation_id=shown.generation_id,
            run_id=run_id,
            minutes_left=max(0, int((late.output_window - float(seconds)) // 60)),
        )
        for run_id, finished_at, seconds, shown, title, mascot, pose, account in rows
    ]
    return _page(items, limit)


def _orphans(session: Session, before: str | None, limit: int) -> MissingPage:
    query = select(OrphanedFile)
    rows = _rows(session, query, OrphanedFile.found_at, OrphanedFile.storage_key, before, limit)
    items = [
        MissingItem(
            title=orphan.storage_key.partition("/")[0].removesuffix("s").capitalize(),
            since=orphan.found_at,
            storage_key=orphan.storage_key,
            byte_count=orphan.byte_count,
        )
        for (orphan,) in rows
    ]
    return _page(items, limit)


def _rows(
    session: Session,
    query: Select[*tuple[Any, ...]],
    at: Any,
    row_id: Any,
    before: str | None,
    limit: int,
) -> list[Any]:
    """Read one row more than the page holds, to know whether another page follows."""
    return list(
        session.execute(
            query.where(*keyset_before(before, at, row_id))
            .order_by(at.desc(), row_id.desc())
            .limit(limit + 1)
        )
    )


def _page(items: list[MissingItem], limit: int) -> MissingPage:
    """Cut one page; the cursor is the time and the id that its list is ordered by."""
    if len(items) <= limit:
        return MissingPage(tuple(items), None)
    last = items[limit - 1]
    row_id = last.run_id or last.asset_id or last.storage_key or ""
    return MissingPage(tuple(items[:limit]), encode(last.since, row_id))
