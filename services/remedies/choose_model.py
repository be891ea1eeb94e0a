"""Choose another model: charge and queue the slots of a model that its provider no longer has."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.core.errors import ProviderMissingError
from services.database.models import Generation, Slot
from services.pipeline.retry import RetryQuote, found_generation, missing_slots
from services.pipeline.transitions import PARENT_FAILED
from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCatalogue,
    PictureRequest,
    ProviderError,
)
from services.providers.checks import request_problems
from services.providers.registry import provider_label
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import SubjectKind, view_slot

NAME_ONE = "Name the model that is to be used instead."
SAME = "This is the model that is gone. Name another one."
NOT_GONE = "Its model is not gone: regenerate it instead."


@dataclass(frozen=True)
class _Facts:
    """Why the chosen model cannot make the slot's picture; None: it can."""

    problem: str | None


class ChooseModel(Remedy[_Facts]):
    """Make the missing pictures of a batch with another model of the same provider."""

    id = "choose_model"
    label = "Choose another model"
    icon = "swap_horiz"
    consequence = (
        "Makes what failed with the model that you name, and charges it again. No setting changes."
    )
    audit_label = "Chose another model"
    subject = SubjectKind.SLOT
    argument = "Model"

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Ask the provider whether it has the chosen model, and what that one takes."""
        with self._context.database.transaction() as session:
            slot = view_slot(session, offer.subject_id)
            pictures = len(slot.input_asset_ids)
        model = (offer.argument or "").strip()
        if not model or model == slot.model:
            return _Facts(SAME if model else NAME_ONE)
        return _Facts(self._model_problem(slot, model, pictures))

    def _model_problem(self, slot: Slot, model: str, pictures: int) -> str | None:
        try:
            provider = self._context.providers[slot.provider]
            if isinstance(provider, ModelCatalogue):
                provider.current_version(model)
            can = provider.capabilities(model)
        except ProviderMissingError as error:
            return error.sentence
        except ProviderError as error:
            label = provider_label(slot.provider)
            if error.failure is FailureClass.MODEL_RETIRED:
                return f"{label} has no {model}. Name a model that it has."
            return f"{label} could not be asked about {model}: {error.detail}"
        request = PictureRequest(
            model,
            slot.prompt,
            slot.seed,
            images=(InputImage("picture", "", b""),) * pictures,
            aspect_ratio=slot.aspect_ratio,
            options=slot.options,
        )
        return next(request_problems(request, can), None)

    def plan(self, session: Session, offer: RemedyOffer, facts: _Facts) -> DryRun:
        """Quote the original price of every slot whose model is gone."""
        slot = view_slot(session, offer.subject_id)
        generation = found_generation(session, slot.generation_id)
        slots = _gone(session, generation, slot)
        quote = self._quote(session, generation, slots)
        problem = (None if slots else NOT_GONE) or facts.problem or next(iter(quote.problems), None)
        return DryRun(
            offer,
            f"{quote.slot_count} made by {offer.argument or 'another model'} for"
            f" {quote.price_credits:,} credits, the original price; the refund stays.",
            {"model": slot.model, "slots": [one.id for one in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=problem,
        )

    def _quote(self, session: Session, generation: Generation, slots: list[Slot]) -> RetryQuote:
        return self.tools.retry.quote_of(session, generation, slots, may_run=True)

    def change(self, session: Session, request: RemedyRequest, facts: _Facts) -> Change:
        """Name the model in the slots, and queue them with a charge."""
        slot = view_slot(session, request.subject_id)
        generation = found_generation(session, slot.generation_id)
        slots, model = _gone(session, generation, slot), str(request.offer.argument).strip()
        gone = slot.model
        for one in slots:
            one.model = model if one.model == gone else one.model
        self.tools.retry.order(session, request.actor, generation, slots, may_run=True)
        after = {"model": model, "slots": [one.id for one in slots]}
        return Change(f"It is made by {model}.", after, generation.id)


def _gone(session: Session, generation: Generation, slot: Slot) -> list[Slot]:
    """List the batch's missing slots of this model, with those derived from them."""
    gone = FailureClass.MODEL_RETIRED
    chosen: list[Slot] = []
    for one in missing_slots(session, generation):
        parents = {parent.id for parent in chosen}
        is_of_model = one.failure == gone and one.model == slot.model
        if is_of_model or (one.parent_slot_id in parents and one.failure == PARENT_FAILED):
            chosen.append(one)
    return chosen if slot in chosen else []
