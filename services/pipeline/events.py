"""The timeline's events, and the function that records them."""

import logging
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from services.core.redaction import redact_value
from services.database.models import Event, Run

logger = logging.getLogger("atelier.pipeline")


class EventName(StrEnum):
    """Every event that a timeline can hold; stored, so names stay."""

    GENERATION_STARTED = "generation.started"
    GENERATION_FINISHED = "generation.finished"
    GENERATION_RETRIED = "generation.retried"
    CANCEL_REQUESTED = "generation.cancel_requested"
    RUN_QUEUED = "run.queued"
    RUN_SUBMITTING = "run.submitting"
    RUN_ACCEPTED = "run.accepted"
    RUN_ANSWERED = "run.answered"
    RUN_ADOPTED = "run.adopted"
    RUN_THROTTLED = "run.throttled"
    RUN_RETRIED = "run.retried"
    RUN_PROVIDER_STARTED = "run.provider_started"
    RUN_PROVIDER_FINISHED = "run.provider_finished"
    RUN_STEP_FAILED = "run.step_failed"
    RUN_RECOVERED = "run.recovered"
    RUN_REQUEUED = "run.requeued"
    RUN_NEEDS_REVIEW = "run.needs_review"
    RUN_POLL_FAILED = "run.poll_failed"
    RUN_EXTRA_OUTPUTS = "run.extra_outputs"
    RUN_SUCCEEDED = "run.succeeded"
    RUN_FAILED = "run.failed"
    RUN_CANCELED = "run.canceled"
    RUN_CANCEL_TOO_LATE = "run.cancel_too_late"
    MODEL_TRAINED = "model.trained"
    SLOT_REFUNDED = "slot.refunded"
    SLOT_CHARGE_KEPT = "slot.charge_kept"
    PROVIDER_PAUSED = "provider.paused"
    REMEDY_APPLIED = "remedy.applied"


def record(
    session: Session,
    name: EventName,
    generation_id: str,
    *,
    run_id: str | None = None,
    actor: str = "system",
    **detail: Any,
) -> None:
    """Append an event to the generation's timeline, in the caller's transaction, and log it."""
    detail = redact_value(detail)
    session.add(
        Event(generation_id=generation_id, run_id=run_id, name=name, actor=actor, detail=detail)
    )
    logger.info("%s generation=%s run=%s %s", name.value, generation_id, run_id or "-", detail)


def record_run(
    session: Session, name: EventName, run: Run, actor: str = "system", **detail: Any
) -> None:
    """Append an event of a run to its generation's timeline."""
    record(session, name, run.generation_id, run_id=run.id, actor=actor, **detail)
