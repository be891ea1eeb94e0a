"""A mascot's pictures: their prompts and shapes, and which one represents it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.core.states import Kind, SlotRole, SlotState
from services.database.models import Asset, Mascot, Slot
from services.recipes.labels import MASCOT_ROLES, ROLE_LABELS
from services.recipes.prompt_texts import PromptText, Words

STYLES = (
    "Flat vector",
    "Soft 3D",
    "Storybook watercolour",
    "Bold cartoon",
    "Anime",
    "Line drawing",
    "Pixel art",
    "Paper cut-out",
    "Clay figure",
    "Plush toy",
)
CUSTOM_STYLE = "Custom…"
"""The person writes the style."""
BOOSTERS = "consistent character design, clean edges, balanced light, high detail"
ROLE_PROMPTS = {
    SlotRole.FULL_BODY: "Full body mascot of {subject}, standing, facing the viewer, centered on"
    " a plain light background, {boosters}",
    SlotRole.AVATAR: "Avatar of the same character as in the picture: head and shoulders portrait"
    " of {subject}, plain light background, {boosters}",
    SlotRole.SQUARE_ICON: "Square icon of the same character as in the picture: the face of"
    " {subject}, simple and bold, readable at 32 pixels, {boosters}",
}
STYLE_LIST = PromptText("mascot_styles", "Styles of mascots, one a line", "\n".join(STYLES))
QUALITY = PromptText("mascot_quality", "Quality words of mascots", BOOSTERS)
ROLE_TEXTS = {
    role: PromptText(
        f"mascot_{role.value}",
        f"Prompt of a mascot's {ROLE_LABELS[role].lower()}",
        prompt,
        ("{subject}", "{boosters}"),
    )
    for role, prompt in ROLE_PROMPTS.items()
}
TEXTS = (STYLE_LIST, QUALITY, *ROLE_TEXTS.values())
ASPECT_RATIOS = {SlotRole.FULL_BODY: "3:4", SlotRole.AVATAR: "1:1", SlotRole.SQUARE_ICON: "1:1"}


def styles_of(words: Words) -> tuple[str, ...]:
    """Return the styles that a form offers."""
    lines = (line.strip() for line in words[STYLE_LIST.id].splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and line != CUSTOM_STYLE))


def mascot_prompt(
    words: Words, role: SlotRole, name: str, description: str, style: str, extra: str = ""
) -> str:
    """The prompt of one picture of a mascot; `extra` are words for this picture alone."""
    subject = f"{name.strip()}, {description.strip()}, {style} style"
    prompt = words[ROLE_TEXTS[role].id].replace("{boosters}", words[QUALITY.id])
    prompt = prompt.replace("{subject}", subject)
    return f"{prompt}, {extra.strip()}" if extra.strip() else prompt


BEST_PICTURE = {role: rank for rank, role in enumerate(MASCOT_ROLES)}
RECENT = 200
EXISTING = (
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
    thumbnail_key: str
    placeholder: str


def best_picture(
    session: Session, mascot_id: str, roles: Iterable[SlotRole] = MASCOT_ROLES
) -> str | None:
    """Return the asset of the mascot's best role among these, the newest one of it."""
    return session.scalar(
        select(Asset.id)
        .join(Slot, Slot.asset_id == Asset.id)
        .where(Slot.mascot_id == mascot_id, Slot.role.in_(tuple(roles)), *EXISTING)
        .order_by(case(BEST_PICTURE, value=Slot.role), Slot.filled_at.desc(), Slot.id.desc())
        .limit(1)
    )


def mascots_with_pictures(session: Session, account_id: str) -> list[MascotCard]:
    """Return the account's newest mascots that have a picture, each with its best one."""
    newest = (
        select(Mascot.id)
        .where(
            Mascot.account_id == account_id,
            exists().where(Slot.mascot_id == Mascot.id, Slot.asset_id == Asset.id, *EXISTING),
        )
        .order_by(Mascot.created_at.desc(), Mascot.variation)
        .limit(RECENT)
    )
    rows = session.execute(
        select(Mascot, Asset.thumbnail_key, Asset.placeholder)
        .join(Slot, Slot.mascot_id == Mascot.id)
        .join(Asset, Asset.id == Slot.asset_id)
        .where(Mascot.id.in_(newest), *EXISTING)
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
        thumbnail_key=thumbnail_key,
        placeholder=placeholder,
    )
