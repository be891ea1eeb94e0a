"""Record a person's change in the audit trail, with its reason and the values before and after."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import InvalidRequestError
from services.core.text import clean
from services.database.models import Audit

MAX_REASON_CHARACTERS = 200


def one_line(text: str) -> str:
    """Return a person's text cleaned and on one line, as it is stored."""
    return " ".join(clean(text).split())


def reason_of(text: str) -> str:
    """Return the reason as it is stored; raises InvalidRequestError without one."""
    reason = one_line(text)
    if not reason:
        raise InvalidRequestError(problem="Give a reason: it is stored with the change.")
    if len(reason) > MAX_REASON_CHARACTERS:
        problem = f"The reason is longer than {MAX_REASON_CHARACTERS} characters. Shorten it."
        raise InvalidRequestError(problem=problem)
    return reason


def record_change(
    session: Session,
    actor: Actor,
    action: str,
    subject_id: str,
    reason: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add who changed what, and why, to the trail in the caller's transaction."""
    session.add(
        Audit(
            actor=actor.id,
            action=action,
            subject_id=subject_id,
            before=before,
            after=after,
            reason=reason,
        )
    )


def lock_name(session: Session, name: str) -> None:
    """Hold an advisory lock of this name until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
