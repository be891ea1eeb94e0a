"""Find where references are used: batches whose slots were made from them, finished or not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import OPEN_SLOTS, GenerationState, Kind, SlotState
from services.database.models import Asset, Generation, Slot
from services.database.models.generations import FROM_UPLOADS
from services.people.visibility import visible_generations

MOST_SHOWN = 24


@dataclass(frozen=True)
class ReferenceUse:
    """A batch that was made from a reference, with its first picture once there is one."""

    generation_id: str
    kind: Kind
    title: str
    state: GenerationState
    created_at: datetime
    asset_id: str | None
    thumbnail_key: str | None
    placeholder: str | None


def uses_of(
    session: Session, actor: Actor, account_id: str, asset_id: str
) -> tuple[ReferenceUse, ...]:
    """The newest batches that began from this picture and that the actor may see."""
    generations = session.scalars(
        select(Generation)
        .where(
            Generation.id.in_(select(Slot.generation_id).where(*_began(account_id, asset_id))),
            *visible_generations(actor),
        )
        .order_by(Generation.created_at.desc())
        .limit(MOST_SHOWN)
    ).all()
    pictures = _first_pictures(session, [generation.id for generation in generations])
    return tuple(_use(generation, pictures.get(generation.id)) for generation in generations)


def unfinished_use(session: Session, account_id: str, asset_id: str) -> str | None:
    """The id of a batch that still needs this picture, if any."""
    return session.scalar(
        select(Slot.generation_id)
        .where(*_began(account_id, asset_id), Slot.state.in_(OPEN_SLOTS))
        .limit(1)
    )


def _began(account_id: str, asset_id: str) -> tuple[ColumnElement[bool], ...]:
    holds = Slot.input_asset_ids.cast(JSONB).contains([asset_id])
    return Slot.account_id == account_id, FROM_UPLOADS, holds  # type: ignore[return-value]


def _first_pictures(session: Session, generation_ids: list[str]) -> dict[str, Asset]:
    rows = session.execute(
        select(Slot.generation_id, Asset)
        .join(Asset, Asset.id == Slot.asset_id)
        .where(
            Slot.generation_id.in_(generation_ids),
            Slot.state == SlotState.FILLED,
            Asset.deleted_at.is_(None),
        )
        .order_by(Slot.generation_id, Slot.position)
        .ext(distinct_on(Slot.generation_id))
    )
    return {generation_id: asset for generation_id, asset in rows}


def _use(generation: Generation, picture: Asset | None) -> ReferenceUse:
    return ReferenceUse(
        generation_id=generation.id,
        kind=generation.kind,
        title=generation.title,
        state=generation.state,
        created_at=generation.created_at,
        asset_id=picture.id if picture else None,
        thumbnail_key=picture.thumbnail_key if picture else None,
        placeholder=picture.placeholder if picture else None,
    )
