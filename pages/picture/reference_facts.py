"""What only a reference's page shows: sharpness, tags, similar pictures and uses."""

from dataclasses import replace

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.components.tile_grid import Tile
from pages.kit.frame import action
from pages.kit.references import tag_field
from pages.kit.widgets import badge, picture_grid, picture_tile
from pages.kit.wording import GENERATION_BADGES, SHARPNESS_BADGES
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Role
from services.references.similar import SimilarReference
from services.references.summaries import ReferenceDetail, ReferenceUse


def draw_reference(actor: Actor, asset_id: str) -> None:
    """Draw the reference's facts; nothing where the picture is none."""
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
            _similar(detail.similar)
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


def _similar(similar: tuple[SimilarReference, ...]) -> None:
    tiles = [
        picture_tile(
            one.asset_id,
            one.filename,
            one.thumbnail_key,
            one.placeholder,
            sub="Mirrored" if one.is_mirrored else "",
            asset_id=one.asset_id,
        )
        for one in similar
    ]
    picture_grid(tiles, key="similar_grid", label="Similar")


def _uses(uses: tuple[ReferenceUse, ...]) -> None:
    if not uses:
        facts([("", [elements.text("Not used yet")])], title="Used in", key="uses")
        return
    picture_grid([_use(use) for use in uses], key="uses_grid", label="Used in")


def _use(use: ReferenceUse) -> Tile:
    """A batch as its first picture, or as its state while there is none."""
    state = GENERATION_BADGES[use.state]
    tile = picture_tile(
        use.generation_id,
        use.title,
        use.thumbnail_key,
        use.placeholder,
        sub=state.label,
        asset_id=use.asset_id,
    )
    return tile if use.thumbnail_key else replace(tile, badge=badge(state))
