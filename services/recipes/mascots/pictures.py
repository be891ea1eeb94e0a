"""Which picture stands for a mascot: the newest of its best role."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.core.states import Kind, SlotRole, SlotState
from services.database.models import Asset, Mascot, Slot

PICTURES = (SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON)
BEST_PICTURE = {role: rank for rank, role in enumerate(PICTURES)}
RECENT = 200
THERE = (
    Slot.kind == Kind.MASCOTS,
    Slot.state == SlotState.FILLED,
    Asset.deleted_at.is_(None),
)
"""Pictures that were made and not deleted."""


@dataclass(frozen=True)
class MascotCard:
    """A mascot that has at least one picture; the thumbnail is its best one."""

    id: str
    name: str
    variation: int
    label: str
    generation_id: str
    thumbnail_key: str
    placeholder: str
    created_at: datetime


def best_picture(
    session: Session, mascot_id: str, roles: Iterable[SlotRole] = PICTURES
) -> str | None:
    """The asset of the mascot's best role among these, the newest where one was made again."""
    return session.scalar(
        select(Asset.id)
        .join(Slot, Slot.asset_id == Asset.id)
        .where(Slot.mascot_id == mascot_id, Slot.role.in_(tuple(roles)), *THERE)
        .order_by(case(BEST_PICTURE, value=Slot.role), Slot.filled_at.desc(), Slot.id.desc())
        .limit(1)
    )


def mascots_with_pictures(session: Session, account_id: str) -> list[MascotCard]:
    """The account's newest mascots that have a picture, each with its best one."""
    newest = (
        select(Mascot.id)
        .where(
            Mascot.account_id == account_id,
            exists().where(Slot.mascot_id == Mascot.id, Slot.asset_id == Asset.id, *THERE),
        )
        .order_by(Mascot.created_at.desc(), Mascot.variation)
        .limit(RECENT)
    )
    rows = session.execute(
        select(Mascot, Asset.thumbnail_key, Asset.placeholder)
        .join(Slot, Slot.mascot_id == Mascot.id)
        .join(Asset, Asset.id == Slot.asset_id)
        .where(Mascot.id.in_(newest), *THERE)
        .ext(distinct_on(Mascot.created_at, Mascot.variation, Mascot.id))
        .order_by(
            Mascot.created_at.desc(),
            Mascot.variation,
            Mascot.id,
            case(BEST_PICTURE, value=Slot.role),
            Slot.filled_at.desc(),
            Slot.id.desc(),
        )
    )
    return [_card(*row) for row in rows]


def _card(mascot: Mascot, thumbnail_key: str, placeholder: str) -> MascotCard:
    return MascotCard(
        id=mascot.id,
        name=mascot.name,
        variation=mascot.variation,
        label=f"{mascot.name} · variation {mascot.variation}",
        generation_id=mascot.generation_id,
        thumbnail_key=thumbnail_key,
        placeholder=placeholder,
        created_at=mascot.created_at,
    )
