"""Cancel and retry of a whole generation, as remedies: for many at once, with dry-run and audit."""

from sqlalchemy.orm import Session

from services.core.errors import InvalidRequestError
from services.pipeline.cancel import (
    cancelable,
    preview_cancel,
    request_cancel,
    settle_canceled,
)
from services.pipeline.retry import found_generation, missing_slots
from services.pipeline.transitions import lock_generation
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate

CANCELED_BEFORE = "It was canceled already; what is at a provider ends there."


class CancelGeneration(RemedyTemplate[None]):
    """What the pages' Cancel does."""

    kind = RemedyKind.CANCEL

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """What comes back, if the provider finishes nothing meanwhile."""
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
            f"{preview.open_slots:,} pictures are not made, and {preview.credits:,} credits go"
            " back. What a provider finishes meanwhile stays charged.",
            {"is_canceled": generation.cancel_requested_at is not None},
            credits=preview.credits,
            problem=problem,
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The generation."""
        lock_generation(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: None) -> Done:
        """From the commit on nothing of it begins."""
        generation = cancelable(session, order.subject_id)
        request_cancel(session, order.actor, generation, order.reason)
        return Done("It is canceled.", {"is_canceled": True}, generation.id)

    def afterwards(self, order: Order, known: None) -> str:
        """End what was not sent, look at once at what was."""
        with self._parts.database.transaction() as session:
            settle_canceled(session, order.subject_id)
        return ""


class RetryGeneration(RemedyTemplate[None]):
    """What the pages' Make again does: everything that is missing, at its frozen price."""

    kind = RemedyKind.RETRY

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """Price, and the problems that the quote tells."""
        generation = found_generation(session, offer.subject_id)
        slots = missing_slots(session, generation)
        quote = self.tools.retry.quote_of(session, generation, slots)
        return DryRun(
            offer,
            f"{quote.slot_count:,} missing pictures are made again for"
            f" {quote.price_credits:,} credits; the refunds stand.",
            {"state": generation.state.value, "slots": [slot.id for slot in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=next(iter(quote.problems), None),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The generation."""
        lock_generation(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: None) -> Done:
        """Charge and queue what is missing."""
        generation = found_generation(session, order.subject_id)
        slots = missing_slots(session, generation)
        self.tools.retry.order(session, order.actor, generation, slots)
        after = {"slots": [slot.id for slot in slots]}
        return Done("It is being made again.", after, generation.id)
