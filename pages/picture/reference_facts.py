"""The part of a picture's page that only a reference has: sharpness, tags, use, look-alikes."""

from pages.kit.backend import picture_url, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.components.tile_grid import Section, Tile, tile_grid
from pages.kit.frame import action
from pages.kit.references import tag_field
from pages.kit.widgets import badge, open_picture, picture_href
from pages.kit.wording import GENERATION_BADGES, SHARPNESS_BADGES
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Role
from services.references.similar import SimilarReference
from services.references.summaries import ReferenceDetail, ReferenceUse


def draw_reference(actor: Actor, asset_id: str) -> None:
    """What is known of the reference with this picture; nothing where it is none."""
    with action("read_reference"):
        try:
            detail = services().references.detail(actor, asset_id)
        except NotFoundError:
            return
        can_tag = actor.role is not Role.VIEWER and detail.card.deleted_at is None
        _state(detail, is_tagged_below=can_tag)
        if can_tag:
            key = f"tags_{detail.card.id}"
            tag_field(actor, detail.account_id, [detail.card], key=key)
        if detail.similar:
            _alike(detail.similar)
        _uses(detail.uses)


def _state(detail: ReferenceDetail, *, is_tagged_below: bool) -> None:
    card = detail.card
    line: list[elements.Element] = []
    if card.sharpness:
        line.append(badge(SHARPNESS_BADGES[card.sharpness.value]))
    if card.deleted_at:
        line += [elements.badge("Deleted", "red", "delete"), elements.time(card.deleted_at)]
    if card.tags and not is_tagged_below:
        line.append(elements.text(f"Tags: {', '.join(card.tags)}"))
    if line:
        facts([("", line)], key=f"reference_state_{card.id}")


def _alike(alike: tuple[SimilarReference, ...]) -> None:
    tiles = [
        Tile(
            id=found.asset_id,
            caption=found.filename,
            sub="Mirrored" if found.is_mirrored else "",
            src=picture_url(found.thumbnail_key),
            key=found.thumbnail_key,
            placeholder=found.placeholder,
            alt=found.filename,
            href=picture_href(found.asset_id),
        )
        for found in alike
    ]
    clicked = tile_grid(
        [Section("alike", tiles, title="Looks like")],
        key="alike_grid",
        label="Looks like",
        min_width=104,
    )
    open_picture(clicked.open)


def _uses(uses: tuple[ReferenceUse, ...]) -> None:
    if not uses:
        facts([("", [elements.text("Not used yet")])], title="Used in", key="uses")
        return
    clicked = tile_grid(
        [Section("uses", [_use(use) for use in uses], title="Used in")],
        key="uses_grid",
        label="Used in",
        min_width=104,
    )
    pictures = {use.generation_id: use.asset_id for use in uses}
    open_picture(pictures.get(clicked.open or ""))


def _use(use: ReferenceUse) -> Tile:
    """A batch as its first picture, or as its state while there is none."""
    look = GENERATION_BADGES[use.state]
    return Tile(
        id=use.generation_id,
        caption=use.title,
        sub=look.label,
        src=picture_url(use.thumbnail_key) if use.thumbnail_key else None,
        key=use.thumbnail_key,
        placeholder=use.placeholder,
        alt=use.title,
        badge=None if use.thumbnail_key else badge(look),
        href=picture_href(use.asset_id) if use.asset_id else None,
    )
