"""CancelGeneration and RetryGeneration: a batch's cancel and retry with dry run and bulk form."""

from sqlalchemy.orm import Session

from services.core.errors import InvalidRequestError
from services.pipeline.cancel import (
    cancelable,
    preview_cancel,
    request_cancel,
    settle_canceled,
)
from services.pipeline.retry import found_generation, missing_slots
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import SubjectKind

CANCELED_BEFORE = "It is canceled already; what is at a provider ends there."


class CancelGeneration(Remedy[None]):
    """Cancel a batch, as the pages' Cancel does."""

    id = "cancel"
    label = "Cancel batch"
    icon = "block"
    consequence = "Cancels everything that is not finished and refunds it."
    audit_label = "Canceled a batch"
    subject = SubjectKind.GENERATION

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Count what is refunded if the provider finishes nothing meanwhile."""
        generation = found_generation(session, offer.subject_id)
        preview, problem = preview_cancel(session, generation), None
        try:
            cancelable(session, offer.subject_id)
        except InvalidRequestError as error:
            problem = error.sentence
        if generation.cancel_requested_at is not None:
            problem = problem or CANCELED_BEFORE
        return DryRun(
            offer,
            f"{preview.open_slots:,} pictures are canceled and {preview.credits:,} credits refunded."
            " What a provider finishes meanwhile stays charged.",
            {"is_canceled": generation.cancel_requested_at is not None},
            credits=preview.credits,
            problem=problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Request the cancel; no step of it starts after the commit."""
        generation = cancelable(session, request.subject_id)
        request_cancel(session, request.actor, generation, request.reason)
        return Change("It is canceled.", {"is_canceled": True}, generation.id)

    def finish(self, request: RemedyRequest, facts: None) -> str:
        """Cancel what was not submitted, poll what was."""
        with self._context.database.transaction() as session:
            settle_canceled(session, request.subject_id)
        return ""


class RetryGeneration(Remedy[None]):
    """Generate every missing picture of a batch again, as the pages' Retry does."""

    id = "retry"
    label = "Retry failed"
    icon = "replay"
    consequence = (
        "Generates every missing picture again. They are charged again; their refunds stay."
    )
    audit_label = "Retried a batch"
    subject = SubjectKind.GENERATION

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Quote the missing slots."""
        generation = found_generation(session, offer.subject_id)
        slots = missing_slots(session, generation)
        quote = self.tools.retry.quote_of(session, generation, slots)
        return DryRun(
            offer,
            f"{quote.slot_count:,} missing pictures are generated again for"
            f" {quote.price_credits:,} credits; the refunds stay.",
            {"state": generation.state.value, "slots": [slot.id for slot in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=next(iter(quote.problems), None),
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Charge and queue the missing slots."""
        generation = found_generation(session, request.subject_id)
        slots = missing_slots(session, generation)
        self.tools.retry.order(session, request.actor, generation, slots)
        after = {"slots": [slot.id for slot in slots]}
        return Change("It is generated again.", after, generation.id)
