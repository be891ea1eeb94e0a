"""Made-up edits: priced like the real ones, started without a pipeline."""

from dataclasses import dataclass, field
from typing import Protocol

from services.core.actors import Actor, require
from services.core.states import Role
from services.monitoring.generations import GenerationSummary
from services.recipes.base import Quote, Started
from services.recipes.edits.recipe import EditsRequest


class HasItems(Protocol):
    """Where a started generation appears."""

    items: list[GenerationSummary]


@dataclass
class FakeEdits:
    """`starts` holds the (request, key) pairs that were started."""

    generations: HasItems
    card: GenerationSummary
    starts: list[tuple[EditsRequest, str]] = field(default_factory=list)

    def quote(self, actor: Actor, request: EditsRequest) -> Quote:
        choices = request.choices
        problems = () if choices.slots_each else ("Choose another background, a channel, or both.",)
        if choices.background == "replace" and not choices.background_prompt:
            problems = ("Say what should be behind.",)
        price = len(choices.presets) + {"none": 0, "remove": 5, "replace": 15}[choices.background]
        warnings = ("The picture is small.",) if choices.presets else ()
        return Quote(
            choices.slots_each,
            price,
            0.0,
            3.0,
            12_480,
            choices.final_prompts(),
            problems,
            warnings=warnings,
        )

    def start(self, actor: Actor, request: EditsRequest, idempotency_key: str) -> Started:
        require(actor, Role.OPERATOR)
        self.starts.append((request, idempotency_key))
        self.generations.items.insert(0, self.card)
        return Started(self.card.id, True, True)
