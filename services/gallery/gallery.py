"""The gallery: every generated picture, newest first."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.ids import is_id
from services.core.states import PICTURELESS_ROLES, Kind, Role, SlotRole, SlotState
from services.core.text import for_terminal
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Asset, Generation, Mascot, Pose, Slot
from services.gallery.picture import PictureDetail, read_picture
from services.people.visibility import visible_kinds, visible_slots
from services.recipes.labels import slot_title

MAX_MASCOTS = 500


@dataclass(frozen=True)
class GalleryItem:
    """One picture in the grid."""

    slot_id: str
    asset_id: str
    kind: Kind
    role: SlotRole
    title: str
    mascot_name: str | None
    thumbnail_key: str
    placeholder: str


@dataclass(frozen=True)
class GalleryPage:
    """One keyset page; `total` counts the filtered gallery."""

    items: tuple[GalleryItem, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class MascotChoice:
    """A mascot to filter by."""

    id: str
    label: str


class Gallery:
    """Reads pictures. A page is one keyset statement on an index, whatever is stored.

    Its total is a second one, whose cost grows with the filtered gallery.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        *,
        kind: Kind | None = None,
        mascot_id: str | None = None,
        before: str | None = None,
        limit: int = 60,
    ) -> GalleryPage:
        """Read the filled slots of this kind and mascot that the actor may see."""
        require(actor, Role.VIEWER)
        visible = visible_slots(actor)
        query = _filtered(
            select(Slot, Asset, Generation.title, Mascot.name, Pose.name)
            .join(Asset, Asset.id == Slot.asset_id)
            .join(Generation, Generation.id == Slot.generation_id)
            .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
            .outerjoin(Pose, Pose.id == Slot.pose_id),
            kind,
            mascot_id,
        )
        query = (
            query.where(
                Asset.deleted_at.is_(None),
                *visible,
                *keyset_before(before, Slot.filled_at, Slot.id),
            )
            .order_by(Slot.filled_at.desc(), Slot.id.desc())
            .limit(limit + 1)
        )
        with self._database.transaction() as session:
            rows = session.execute(query).all()
            # Erased pictures are few, and an index has them alone.
            erased = select(Asset.id).where(Asset.deleted_at.is_not(None))
            count = _filtered(select(func.count()).select_from(Slot), kind, mascot_id)
            total = session.scalar(count.where(Slot.asset_id.not_in(erased), *visible))
        items = tuple(_item(*row) for row in rows[:limit])
        last: Slot | None = rows[limit - 1][0] if len(rows) > limit else None
        cursor = encode(last.filled_at, last.id) if last and last.filled_at else None
        return GalleryPage(items, cursor, int(total or 0))

    def kinds(self, actor: Actor) -> tuple[Kind, ...]:
        """List the kinds whose pictures the actor may see."""
        require(actor, Role.VIEWER)
        return visible_kinds(actor)

    def mascot_choices(self, actor: Actor) -> list[MascotChoice]:
        """List the newest mascots, for the filter."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(
                select(Mascot)
                .order_by(Mascot.created_at.desc(), Mascot.variation)
                .limit(MAX_MASCOTS)
            )
            return [MascotChoice(row.id, f"{row.name} · variation {row.variation}") for row in rows]

    def picture(self, actor: Actor, asset_id: str) -> PictureDetail:
        """Read one picture; raises NotFoundError, also without the right to see it."""
        require(actor, Role.VIEWER)
        if not is_id(asset_id):
            raise NotFoundError(what="picture", id=for_terminal(asset_id[:40]))
        with self._database.transaction() as session:
            return read_picture(session, actor, asset_id)


def _filtered(query: Any, kind: Kind | None, mascot_id: str | None) -> Any:
    query = query.where(Slot.state == SlotState.FILLED, Slot.role.not_in(PICTURELESS_ROLES))
    if kind:
        query = query.where(Slot.kind == kind)
    if mascot_id:
        query = query.where(Slot.mascot_id == mascot_id)
    return query


def _item(
    slot: Slot, asset: Asset, title: str, mascot_name: str | None, pose_name: str | None
) -> GalleryItem:
    return GalleryItem(
        slot_id=slot.id,
        asset_id=asset.id,
        kind=slot.kind,
        role=slot.role,
        title=slot_title(slot, title, mascot_name, pose_name),
        mascot_name=mascot_name,
        thumbnail_key=asset.thumbnail_key,
        placeholder=asset.placeholder,
    )
