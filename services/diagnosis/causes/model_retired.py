"""The provider does not have the model, or not any more."""

from dataclasses import replace

from services.diagnosis.cause import Cause, Evidence, Finding, Severity, offers
from services.diagnosis.facts.models import CaseFacts, SlotFacts
from services.providers.registry import DEFINITIONS, provider_label
from services.remedies.base import RemedyOffer


class ModelRetired(Cause):
    id = "model_retired"
    title = "The provider no longer has this model"
    precedence = 105
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("choose_model", "regenerate")
    failures = frozenset({"model_retired"})
    expected = "The model that the request names exists until its announced retirement."
    reply = "The model that draws this picture is no longer available at our image provider."
    reply_next = "We choose another one; your credits were returned."

    def find_ended(self, case: CaseFacts, slot: SlotFacts) -> Finding:
        """Report the slot with its model's replacement, and the settings that name the model."""
        label, provider = provider_label(slot.provider), case.system.providers.get(slot.provider)
        definition = DEFINITIONS.get(slot.provider)
        facts = definition.model(slot.model) if definition else None
        words = [f"{label} no longer has {slot.model}; nothing was sent to another model."]
        if facts and facts.retires_on:
            words.append(
                f"It was switched off on {facts.retires_on:%-d %B %Y}; {facts.replacement} replaces it."
            )
        settings = provider.settings_naming(slot.model) if provider else ()
        if settings:
            words.append(f"Set {' and '.join(settings)} to another model, and restart.")
        found = self.ended(case, slot, " ".join(words))
        replacement = facts.replacement if facts else None
        return replace(
            found,
            severity=Severity.ACT if settings else Severity.INFO,
            evidence=(
                *found.evidence,
                *([Evidence("settings", f"{', '.join(settings)} names it.")] if settings else []),
                *([Evidence(facts.source, f"Read on {facts.checked_on}.")] if facts else []),
            ),
            remedies=(
                RemedyOffer("choose_model", slot.id, replacement),
                *(offers(slot.id, "regenerate") if not settings else ()),
            ),
        )
