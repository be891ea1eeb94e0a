"""Results of a search for pages: generations, stored objects, an account, runbooks, a hint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import GenerationState, Kind, SlotState
from services.database.models import (
    Account,
    Asset,
    ErrorReport,
    Generation,
    OrphanedFile,
    Reference,
    Slot,
)
from services.diagnosis.facts.generation import quota_left
from services.diagnosis.facts.models import facts_of_row
from services.diagnosis.runbooks import RunbookHit
from services.monitoring.error_reports import log_lines
from services.people.visibility import visible_generations
from services.storage.keys import parse_key

MAX_FILES = 20


@dataclass(frozen=True)
class Hit:
    """A generation that a text leads to, and the run, slot or file that it named."""

    generation_id: str
    why: str
    """A clause shown after the title, without a full stop."""
    run_id: str | None = None
    slot_id: str | None = None
    asset_id: str | None = None


@dataclass(frozen=True)
class Match:
    """A hit as pages show it."""

    generation_id: str
    title: str
    kind: Kind
    state: GenerationState
    account_id: str
    account_name: str
    created_at: datetime
    why: str
    run_id: str | None = None
    slot_id: str | None = None
    asset_id: str | None = None
    thumbnail_key: str | None = None
    """Of its first picture; None while there is none."""


@dataclass(frozen=True)
class ObjectHit:
    """A stored file that no generation made or used; `is_orphan`: a comparison found no row."""

    storage_key: str
    sentence: str
    is_orphan: bool = False
    asset_id: str | None = None


@dataclass(frozen=True)
class AccountHit:
    """The account that a text names; `quota_left` is None outside of the unlimited tier."""

    id: str
    name: str
    tier: str
    balance: int
    quota_left: int | None = None

    @property
    def is_quota_reached(self) -> bool:
        """Whether it can start nothing more today."""
        return self.quota_left == 0


@dataclass(frozen=True)
class ErrorHit:
    """The error that a reference leads to; `log`: its lines in this machine's logs."""

    reference: str
    at: datetime | None = None
    place: str = ""
    message: str = ""
    traceback: str = ""
    run_id: str | None = None
    generation_id: str | None = None
    log: str = ""


@dataclass(frozen=True)
class Located:
    """Everything that a pasted text leads to."""

    understood_as: str
    matches: tuple[Match, ...] = ()
    objects: tuple[ObjectHit, ...] = ()
    account: AccountHit | None = None
    error: ErrorHit | None = None
    runbooks: tuple[RunbookHit, ...] = ()
    hint: str = ""
    """What else to paste or to do; empty when what was found speaks for itself."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.matches or self.objects or self.account or self.error or self.runbooks)


def matches(
    session: Session, actor: Actor, hits: Sequence[Hit], limit: int, *, is_ordered: bool = False
) -> tuple[Match, ...]:
    """Read the generations that the actor may see: newest first, or in the order of `hits`."""
    by_id: dict[str, list[Hit]] = {}
    for hit in hits:
        by_id.setdefault(hit.generation_id, []).append(hit)
    if not by_id:
        return ()
    query = (
        select(Generation, Account.name, _first_thumbnail())
        .join(Account, Account.id == Generation.account_id)
        .where(Generation.id.in_(by_id), *visible_generations(actor))
        .order_by(Generation.created_at.desc(), Generation.id.desc())
    )
    rows = session.execute(query if is_ordered else query.limit(limit)).all()
    found = [
        _match(generation, account, thumbnail, by_id[generation.id])
        for generation, account, thumbnail in rows
    ]
    if is_ordered:
        places = {generation_id: place for place, generation_id in enumerate(by_id)}
        found.sort(key=lambda match: places[match.generation_id])
    return tuple(found[:limit])


def objects_of_key(session: Session, key: str) -> tuple[ObjectHit, ...]:
    """Describe a stored file that no generation made or used."""
    uploaded = objects(session, Asset.sha256 == parse_key(key).sha256)
    if uploaded:
        return uploaded
    orphan = session.scalar(select(OrphanedFile.found_at).where(OrphanedFile.storage_key == key))
    if orphan is None:
        return (ObjectHit(key, "No row names this key, and no comparison has seen it."),)
    sentence = f"Orphaned file, found {orphan:%Y-%m-%d %H:%M} UTC."
    return (ObjectHit(key, sentence, is_orphan=True),)


def objects(session: Session, *conditions: Any) -> tuple[ObjectHit, ...]:
    """Read files, most of them uploads, that nothing was made from."""
    query = (
        select(Asset, Reference.filename)
        .outerjoin(Reference, Reference.asset_id == Asset.id)
        .where(*conditions)
        .limit(MAX_FILES)
    )
    return tuple(_object(asset, name) for asset, name in session.execute(query))


def account_of(session: Session, account_id: str) -> AccountHit | None:
    """Read an account with what is left of today's quota, in one statement."""
    columns = (Account.id, Account.name, Account.tier, Account.balance, quota_left())
    row = session.execute(select(*columns).where(Account.id == account_id)).first()
    return AccountHit(*row) if row else None


def error_of(session: Session, reference: str, logs: Path | None) -> ErrorHit | None:
    """Read an error's report, and its lines in the logs; None where neither has it."""
    row = session.get(ErrorReport, reference)
    log = log_lines(logs, reference) if logs else ""
    if row is None:
        return ErrorHit(reference, log=log) if log else None
    message = f"{row.kind}: {row.message}"
    return facts_of_row(ErrorHit, row, message=message, log=log)


def _first_thumbnail() -> Any:
    return (
        select(Asset.thumbnail_key)
        .join(Slot, Slot.asset_id == Asset.id)
        .where(
            Slot.generation_id == Generation.id,
            Slot.state == SlotState.FILLED,
            Asset.deleted_at.is_(None),
            Asset.thumbnail_key != "",
        )
        .order_by(Slot.position)
        .limit(1)
        .correlate(Generation)
        .scalar_subquery()
    )


def _match(generation: Generation, account: str, thumbnail: str | None, hits: list[Hit]) -> Match:
    reasons = list(dict.fromkeys(hit.why for hit in hits))
    return facts_of_row(
        Match,
        generation,
        generation_id=generation.id,
        account_name=account,
        why=" · ".join(reasons[:3]),
        run_id=next((hit.run_id for hit in hits if hit.run_id), None),
        slot_id=next((hit.slot_id for hit in hits if hit.slot_id), None),
        asset_id=next((hit.asset_id for hit in hits if hit.asset_id), None),
        thumbnail_key=thumbnail,
    )


def _object(asset: Asset, filename: str | None) -> ObjectHit:
    what = f"The upload {filename}" if filename else "A stored file"
    state = "was erased" if asset.deleted_at else "is stored, and nothing was made from it"
    return ObjectHit(asset.storage_key, f"{what} {state}.", asset_id=asset.id)
