"""A change that a person makes: it has a reason, and the audit trail keeps what was before."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import InvalidRequestError
from services.core.text import clean
from services.database.models import Audit

MOST_REASON_CHARACTERS = 200


def one_line(text: str) -> str:
    """A person's words on one line, as they are kept."""
    return " ".join(clean(text).split())


def reason_of(text: str) -> str:
    """The reason as it is kept; raises InvalidRequestError without one."""
    reason = one_line(text)
    if not reason:
        raise InvalidRequestError(problem="Say why: the reason is kept with the change.")
    if len(reason) > MOST_REASON_CHARACTERS:
        told = f"The reason is longer than {MOST_REASON_CHARACTERS} characters. Shorten it."
        raise InvalidRequestError(problem=told)
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
    """Keep who changed what, and why, in the caller's transaction."""
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


def one_at_a_time(session: Session, name: str) -> None:
    """Until the transaction ends, nobody else does what has this name."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
