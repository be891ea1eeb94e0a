"""One picture of a mascot made again: what it is made from, and what the model is told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.errors import NotFoundError
from services.core.states import Kind, SlotRole
from services.core.text import clean
from services.database.models import Asset, Mascot, Slot
from services.providers.base import ModelCapabilities
from services.recipes.base import prompt_problems
from services.recipes.labels import ROLE_LABELS
from services.recipes.mascots.pictures import best_picture
from services.recipes.mascots.prompts import mascot_prompt


@dataclass(frozen=True)
class Regeneration:
    """A picture of a mascot that is wanted once more, with other words if there are some."""

    slot_id: str
    mascot: Mascot
    role: SlotRole
    words: str
    input_asset_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """`Avatar`."""
        return ROLE_LABELS[self.role]

    @property
    def title(self) -> str:
        """`Pip · Avatar again`."""
        return f"{self.mascot.name} · {self.label} again"

    @property
    def prompt(self) -> str:
        """What the model will be told."""
        mascot = self.mascot
        return mascot_prompt(self.role, mascot.name, mascot.description, mascot.style, self.words)

    def as_json(self) -> dict[str, Any]:
        """What is kept of the request."""
        return {
            "account_id": self.mascot.account_id,
            "again": self.slot_id,
            "mascot_id": self.mascot.id,
            "role": self.role.value,
            "words": self.words,
        }

    def problems(self, can: ModelCapabilities) -> list[str]:
        """Why it cannot be made again, as sentences."""
        problems = prompt_problems("The prompt", self.prompt, can)
        if self.role is not SlotRole.FULL_BODY and not self.input_asset_ids:
            problems.append("This mascot has no full body to work from. Make that again first.")
        return problems


def regeneration_of(session: Session, slot_id: str, words: str) -> Regeneration:
    """What making this slot's picture again comes to; raises NotFoundError for any other slot."""
    slot = session.get(Slot, slot_id)
    if slot is None or slot.kind is not Kind.MASCOTS or slot.mascot_id is None:
        raise NotFoundError(what="mascot's picture", id=slot_id)
    mascot = session.get_one(Mascot, slot.mascot_id)
    return Regeneration(
        slot.id, mascot, slot.role, clean(words).strip(), _inputs(session, mascot, slot)
    )


def _inputs(session: Session, mascot: Mascot, slot: Slot) -> tuple[str, ...]:
    """A full body is made from its references, the others from the newest full body."""
    if slot.role is not SlotRole.FULL_BODY:
        full_body = best_picture(session, mascot.id, (SlotRole.FULL_BODY,))
        return (full_body,) if full_body else ()
    there = session.scalars(
        select(Asset.id).where(Asset.id.in_(slot.input_asset_ids), Asset.deleted_at.is_(None))
    )
    known = set(there)
    return tuple(asset_id for asset_id in slot.input_asset_ids if asset_id in known)
