"""Edits that may follow a picture: its background changed by a model, then exports cut here.

Every recipe plans them as child slots in the same three steps: `edit_lines` for the quote,
`priced_edits` once for a plan, `edit_slots` once for each picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.core.states import SlotRole
from services.core.text import clean
from services.media.exports import DEFAULT_FOCUS, PRESETS
from services.providers.base import LOCAL, LOCAL_EXPORT, ModelCapabilities
from services.recipes.base import FinalPrompt, QuoteLine, SlotPlan, prompt_problems

Background = Literal["none", "remove", "replace"]
BACKGROUNDS: tuple[Background, ...] = ("none", "remove", "replace")
ITEMS = {"remove": "cutout", "replace": "background"}
EXPORT_ITEM = "export"
REPLACING = (
    "Replace the background with {words}; keep the subject exactly as it is: same pose, same"
    " colours, same size and position. Clean edges, light that matches, high detail"
)


@dataclass(frozen=True)
class EditChoices:
    """What is made of each picture: one other background at most, and one export a preset."""

    background: Background = "none"
    background_prompt: str = ""
    """The new background in words; for `replace` alone."""
    presets: tuple[str, ...] = ()

    @property
    def slots_each(self) -> int:
        """Return how many slots follow each picture."""
        return (self.background != "none") + len(self.presets)

    @property
    def final_prompt(self) -> str:
        """Return the prompt of the model that replaces backgrounds; else empty."""
        if self.background != "replace":
            return ""
        return REPLACING.replace("{words}", self.background_prompt.strip().rstrip("."))

    def cleaned(self) -> "EditChoices":
        """Return the choices with cleaned words and each preset once."""
        words = clean(self.background_prompt) if self.background == "replace" else ""
        return replace(self, background_prompt=words, presets=tuple(dict.fromkeys(self.presets)))

    def as_json(self) -> dict[str, Any]:
        """Return what is stored of it; words only where they are read."""
        stored: dict[str, Any] = {"background": self.background, "presets": list(self.presets)}
        if self.background == "replace":
            stored["background_prompt"] = self.background_prompt
        return stored

    def final_prompts(self) -> tuple[FinalPrompt, ...]:
        """The prompt as the person sees it before the start."""
        if not self.final_prompt or not self.background_prompt.strip():
            return ()
        return (FinalPrompt("Background", self.final_prompt),)

    def described(self) -> str:
        """`background removed, Instagram post, TikTok`."""
        words = {"remove": ["background removed"], "replace": ["background replaced"]}
        named = [PRESETS[preset].label for preset in self.presets if preset in PRESETS]
        return ", ".join(words.get(self.background, []) + named)


@dataclass(frozen=True)
class EditModels:
    """The provider, and which of its models change backgrounds."""

    provider: str
    cutout: str
    background: str

    def model_for(self, background: Background) -> str:
        """The one that does this to a background."""
        return self.cutout if background == "remove" else self.background


@dataclass(frozen=True)
class PricedEdits:
    """Edits with the price of one slot of each sort: credits, and dollars at the provider."""

    choices: EditChoices
    models: EditModels
    background: tuple[int, float]
    export: tuple[int, float]


def edit_problems(
    choices: EditChoices, capabilities: Callable[[str], ModelCapabilities], models: EditModels
) -> list[str]:
    """Return why the edits cannot be made, as sentences; none for no edits."""
    problems = []
    if choices.background not in BACKGROUNDS:
        problems.append("Choose what happens to the background.")
    if any(preset not in PRESETS for preset in choices.presets):
        problems.append("Choose the channels from the list.")
    if choices.background == "replace":
        if choices.background_prompt.strip():
            can = capabilities(models.background)
            problems += prompt_problems("The background", choices.final_prompt, can)
        else:
            problems.append("The background is empty: say what should be behind.")
    return problems


def edit_lines(choices: EditChoices, models: EditModels, pictures: int) -> tuple[QuoteLine, ...]:
    """Return the quote's lines for the edits of so many pictures."""
    lines = []
    if choices.background in ITEMS:
        model = models.model_for(choices.background)
        lines.append(QuoteLine(ITEMS[choices.background], models.provider, model, pictures))
    if choices.presets:
        lines.append(QuoteLine(EXPORT_ITEM, LOCAL, LOCAL_EXPORT, pictures * len(choices.presets)))
    return tuple(lines)


def priced_edits(
    choices: EditChoices, models: EditModels, price: Callable[[QuoteLine], tuple[int, float]]
) -> PricedEdits:
    """Price the edits; `price` gives credits and dollars of one slot of a line."""
    priced = {line.item: price(line) for line in edit_lines(choices, models, 1)}
    background = priced.get(ITEMS.get(choices.background, ""), (0, 0.0))
    return PricedEdits(choices, models, background, priced.get(EXPORT_ITEM, (0, 0.0)))


def edit_slots(
    edits: PricedEdits,
    *,
    base: int,
    parent: int | None = None,
    asset_ids: tuple[str, ...] = (),
    pose_id: str | None = None,
    focus: Sequence[float] = DEFAULT_FOCUS,
) -> tuple[SlotPlan, ...]:
    """Plan the slots made from the plan's slot `parent`, or else from stored pictures.

    `base` is the position in the plan of the first of them.
    """
    choices, slots = edits.choices, list[SlotPlan]()
    if choices.background != "none":
        price, cost = edits.background
        slots.append(
            SlotPlan(
                role=SlotRole.BACKGROUND,
                provider=edits.models.provider,
                model=edits.models.model_for(choices.background),
                prompt=choices.final_prompt,
                price_credits=price,
                cost_usd=cost,
                input_asset_ids=asset_ids,
                parent=parent,
                pose_id=pose_id,
            )
        )
        parent, asset_ids = base, ()
    price, cost = edits.export
    slots += [
        SlotPlan(
            role=SlotRole.EXPORT,
            provider=LOCAL,
            model=LOCAL_EXPORT,
            prompt="",
            price_credits=price,
            cost_usd=cost,
            input_asset_ids=asset_ids,
            parent=parent,
            pose_id=pose_id,
            options={"preset": preset, "focus": list(focus)},
        )
        for preset in choices.presets
    ]
    return tuple(slots)
