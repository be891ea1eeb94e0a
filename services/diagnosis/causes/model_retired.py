"""The provider does not have the model, or not any more."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis.cause import RETRY, Cause, Evidence, Finding, Severity
from services.diagnosis.facts.models import CaseFacts, SlotFacts
from services.providers.definition import ModelFacts
from services.providers.registry import DEFINITIONS, provider_label
from services.remedies.base import RemedyOffer


class ModelRetired(Cause):
    id = "model_retired"
    title = "The provider no longer has this model"
    precedence = 105
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("choose_model", *RETRY)
    failures = frozenset({"model_retired"})
    expected = "The model that the request names exists until its announced retirement."
    reply = "The model that draws this picture is no longer available at our image provider."
    reply_next = "Your credits were returned; we can make it with another model."

    def find_ended(self, case: CaseFacts, slots: Sequence[SlotFacts]) -> Finding:
        """Report slots with their model's replacement, and the settings that name the model."""
        slot = slots[0]
        provider = case.system.providers.get(slot.provider)
        settings = provider.settings_naming(slot.model) if provider else ()
        definition = DEFINITIONS.get(slot.provider)
        facts = definition.model(slot.model) if definition else None
        found = self.ended(case, slots, _sentence(slot, facts, settings))
        source = Evidence(facts.source, f"Read on {facts.checked_on}.") if facts else None
        named = Evidence("settings", f"{', '.join(settings)} names it.") if settings else None
        replacement = facts.replacement if facts else None
        choose = RemedyOffer("choose_model", slot.id, suggestion=replacement or "")
        return replace(
            found,
            severity=Severity.ACT if settings else Severity.INFO,
            evidence=(*found.evidence, *filter(None, (named, source))),
            remedies=(choose, *(() if settings else found.remedies)),
        )


def _sentence(slot: SlotFacts, facts: ModelFacts | None, settings: Sequence[str]) -> str:
    label = provider_label(slot.provider)
    words = [f"{label} no longer has {slot.model}; nothing was sent to another model."]
    if facts and facts.retires_on:
        on = f"{facts.retires_on:%-d %B %Y}"
        words.append(f"It was switched off on {on}; {facts.replacement} replaces it.")
    if settings:
        words.append(f"Set {' and '.join(settings)} to another model, and restart.")
    return " ".join(words)
