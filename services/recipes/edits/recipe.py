"""Edits: finished pictures with another background, or cropped for a channel, or both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import Kind, SlotState
from services.database.models import Asset, Generation, Mascot, Pose, Reference, Slot
from services.media.exports import DEFAULT_FOCUS, PRESETS, enlargement
from services.recipes.base import GenerationPlan, SlotPlan
from services.recipes.edits.slots import (
    EXPORT_ITEM,
    ITEMS,
    Background,
    EditChoices,
    EditModels,
    edit_lines,
    edit_problems,
    edit_slots,
    priced_edits,
)
from services.recipes.labels import slot_title
from services.recipes.recipe import Draft, PriceItem, Recipe, RecipeTools

MAX_PICTURES = 40
MAX_TITLE_CHARACTERS = 160
SOFT = 1.25
"""A picture enlarged by more than this factor becomes soft."""


@dataclass(frozen=True)
class EditsRequest:
    """Pictures of the account, made or uploaded, and what each becomes.

    `focus`: by asset id, the point (0–1) at the centre of its exports.
    """

    account_id: str
    asset_ids: tuple[str, ...]
    background: Background = "none"
    background_prompt: str = ""
    presets: tuple[str, ...] = ()
    focus: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def choices(self) -> EditChoices:
        """What is made of each picture."""
        return EditChoices(self.background, self.background_prompt, self.presets)

    def focus_of(self, asset_id: str) -> tuple[float, float]:
        """Return the point at the centre of this picture's exports."""
        return self.focus.get(asset_id, DEFAULT_FOCUS)

    def cleaned(self) -> "EditsRequest":
        """Return the request with its words as they will be stored, and every choice once."""
        choices = self.choices.cleaned()
        return replace(
            self,
            asset_ids=tuple(dict.fromkeys(self.asset_ids)),
            background_prompt=choices.background_prompt,
            presets=choices.presets,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what is stored of it; a focus only where something is cropped around it."""
        stored = {"account_id": self.account_id, "asset_ids": list(self.asset_ids)}
        focus = {asset_id: list(self.focus_of(asset_id)) for asset_id in self.asset_ids}
        return {**stored, **self.choices.as_json(), **({"focus": focus} if self.presets else {})}


@dataclass(frozen=True)
class _Source:
    """A picture that is edited, and its name."""

    asset: Asset
    name: str
    mascot: Mascot | None = None
    pose_id: str | None = None


class Edits(Recipe[EditsRequest]):
    """Quotes and starts edits of stored pictures."""

    kind = Kind.EDITS
    label = "Edits"
    icon = "crop"
    prices: ClassVar = {
        ITEMS["remove"]: PriceItem("Background removed", 5),
        ITEMS["replace"]: PriceItem("Background replaced", 15),
        EXPORT_ITEM: PriceItem("Export", 1),
    }
    are_lines_sequential = True

    def __init__(self, tools: RecipeTools, models: EditModels) -> None:
        super().__init__(tools)
        self._models = models

    def _models_used(self) -> Iterable[tuple[str, str]]:
        return [
            (self._models.provider, it) for it in (self._models.cutout, self._models.background)
        ]

    def _draft(self, session: Session, request: EditsRequest, idempotency_key: str = "") -> Draft:
        request = request.cleaned()
        sources = _sources(session, request)
        return Draft(
            request.account_id,
            request.as_json(),
            edit_lines(request.choices, self._models, len(request.asset_ids)),
            self._problems(session, request, sources),
            lambda: self._plan(session, request, sources),
            request.choices.final_prompts(),
            warnings=_warnings(request, sources),
        )

    def _problems(
        self, session: Session, request: EditsRequest, sources: Sequence[_Source]
    ) -> list[str]:
        problems = []
        if not 1 <= len(request.asset_ids) <= MAX_PICTURES:
            problems.append(f"Choose 1 to {MAX_PICTURES} pictures.")
        elif len(sources) < len(request.asset_ids):
            problems.append("A picture that you chose is not there any more. Choose again.")
        if not request.choices.slots_each:
            problems.append("Choose another background, a channel to crop for, or both.")
        capabilities = partial(self._capabilities_of, session, self._models.provider)
        return problems + edit_problems(request.choices, capabilities, self._models)

    def _plan(
        self, session: Session, request: EditsRequest, sources: Sequence[_Source]
    ) -> GenerationPlan:
        price = partial(self._priced, session, request.account_id)
        edits = priced_edits(request.choices, self._models, price)
        slots: list[SlotPlan] = []
        for source in sources:
            slots += edit_slots(
                edits,
                base=len(slots),
                asset_ids=(source.asset.id,),
                pose_id=source.pose_id,
                focus=request.focus_of(source.asset.id),
            )
        mascots = {source.mascot.id if source.mascot else None for source in sources}
        return GenerationPlan(
            kind=Kind.EDITS,
            account_id=request.account_id,
            title=_title(request, sources),
            request=request.as_json(),
            slots=tuple(slots),
            mascot_id=mascots.pop() if len(mascots) == 1 else None,
        )


def _sources(session: Session, request: EditsRequest) -> list[_Source]:
    """Return the account's pictures that still exist, in the order of choosing."""
    rows = session.execute(
        select(Asset, Slot, Generation.title, Mascot, Pose.name, Reference.filename)
        .outerjoin(Slot, (Slot.asset_id == Asset.id) & (Slot.state == SlotState.FILLED))
        .outerjoin(Generation, Generation.id == Slot.generation_id)
        .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
        .outerjoin(Pose, Pose.id == Slot.pose_id)
        .outerjoin(Reference, (Reference.asset_id == Asset.id) & Reference.deleted_at.is_(None))
        .where(
            Asset.id.in_(request.asset_ids),
            Asset.account_id == request.account_id,
            Asset.deleted_at.is_(None),
            Asset.content_type.startswith("image/"),
            Slot.id.is_not(None) | Reference.id.is_not(None),
        )
    )
    found = {row[0].id: _source(*row) for row in rows}
    return [found[asset_id] for asset_id in request.asset_ids if asset_id in found]


def _source(
    asset: Asset,
    slot: Slot | None,
    title: str | None,
    mascot: Mascot | None,
    pose_name: str | None,
    filename: str | None,
) -> _Source:
    if slot is None:
        return _Source(asset, PurePath(filename or "").stem or "Reference")
    name = slot_title(slot, title or "", mascot.name if mascot else None, pose_name)
    return _Source(asset, name, mascot, slot.pose_id)


def _title(request: EditsRequest, sources: Sequence[_Source]) -> str:
    """`Fennel: Waving · Instagram post, TikTok`."""
    what = request.choices.described()
    if len(sources) == 1:
        room = MAX_TITLE_CHARACTERS - len(what) - 3
        return f"{sources[0].name[:room]} · {what}"
    names = {source.mascot.name if source.mascot else "" for source in sources}
    of_whom = names.pop() if len(names) == 1 else ""
    count = f"{len(sources)} pictures"
    return f"{of_whom}: {count} · {what}" if of_whom else f"{count} · {what}"


def _warnings(request: EditsRequest, sources: Sequence[_Source]) -> tuple[str, ...]:
    """Name the channels the pictures are too small for; a new background may change the size."""
    if request.background == "replace":
        return ()
    times = {
        preset.label: max(
            (enlargement(source.asset.width, source.asset.height, preset) for source in sources),
            default=1.0,
        )
        for preset in (PRESETS[chosen] for chosen in request.presets if chosen in PRESETS)
    }
    enlarged = [f"{label} ({most:.1f} times)" for label, most in times.items() if most > SOFT]
    if not enlarged:
        return ()
    what = "The picture is" if len(sources) == 1 else "A picture is"
    return (f"{what} small: it is enlarged for {', '.join(enlarged)} and will look soft.",)
