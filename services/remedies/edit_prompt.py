"""EditPrompt: regenerate slots whose words the provider refused, with other words."""

from sqlalchemy.orm import Session

from services.core.text import clean
from services.remedies.base import Change, DryRun, RemedyOffer, RemedyRequest
from services.remedies.regenerate import Regenerate, RegenerateFacts, with_dependents
from services.remedies.subjects import view_slot

MAX_CHARACTERS = 4_000
NO_PROMPT = "Write what the picture is to show."
SAME_PROMPT = "These are the words that were used already. Change them."
TOO_LONG = f"The prompt is longer than {MAX_CHARACTERS:,} characters. Shorten it."


class EditPrompt(Regenerate):
    """Replace the prompt of a failed slot, and of those made together with it, and retry them."""

    id = "edit_prompt"
    label = "Edit prompt and retry"
    icon = "edit"
    consequence = (
        "Generates the missing picture with other words. What was refunded is charged again."
    )
    audit_label = "Edited a prompt and retried"
    argument = "Prompt"

    def plan(self, session: Session, offer: RemedyOffer, facts: RegenerateFacts) -> DryRun:
        """Quote it as a retry; refuse an empty prompt and the one that failed."""
        planned = super().plan(session, offer, facts)
        slot, prompt = view_slot(session, offer.subject_id), _prompt_of(offer)
        problem = NO_PROMPT if not prompt else None
        problem = problem or (SAME_PROMPT if prompt == slot.prompt else None)
        problem = problem or (TOO_LONG if len(prompt) > MAX_CHARACTERS else None)
        return DryRun(
            offer,
            planned.sentence,
            planned.expected,
            planned.credits,
            planned.cost_usd,
            planned.problem or problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: RegenerateFacts) -> Change:
        """Write the words before the retry reads them."""
        slot = view_slot(session, request.subject_id)
        for one in with_dependents(session, slot):
            if one.run_group == slot.run_group and one.parent_slot_id == slot.parent_slot_id:
                one.prompt = _prompt_of(request.offer)
        return super().change(session, request, facts)


def _prompt_of(offer: RemedyOffer) -> str:
    return clean(offer.argument or "").strip()
