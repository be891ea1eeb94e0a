"""Grants: credits that an admin gives, or takes back to correct a mistake."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.audit.changes import one_at_a_time, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import CorrectionTooLargeError, GrantConflictError, InvalidRequestError
from services.core.states import EntryKind, Role
from services.credits.ledger import lock_account
from services.credits.ledger_pages import EntryView, entry_view
from services.credits.part import Part
from services.database.models import Account, LedgerEntry, new_id

MOST_CREDITS = 1_000_000_000


class Grants(Part):
    """Moves a balance by hand."""

    def grant(
        self, actor: Actor, account_id: str, amount: int, reason: str, idempotency_key: str
    ) -> EntryView:
        """Give `amount` credits, or take them back when it is negative; returns the entry.

        The same key with the same words returns the first entry and moves nothing. Raises
        InvalidRequestError, NotFoundError, CorrectionTooLargeError, GrantConflictError.
        """
        require(actor, Role.ADMIN)
        kept_reason = _checked(amount, reason, idempotency_key)
        with self._database.transaction() as session:
            # First the key: two accounts under one key must not wait for each other's rows.
            one_at_a_time(session, f"grant:{idempotency_key}")
            account = lock_account(session, account_id)
            known = _known(session, idempotency_key)
            if known is None:
                known = _write(session, actor, account, amount, kept_reason, idempotency_key)
            elif (known.account_id, known.amount, known.reason) != (
                account_id,
                amount,
                kept_reason,
            ):
                raise GrantConflictError()
            return entry_view(known, actor.name, None)


def _checked(amount: int, reason: str, idempotency_key: str) -> str:
    if not idempotency_key:
        raise InvalidRequestError(problem="This form is too old. Reload the page and try again.")
    if amount == 0 or abs(amount) > MOST_CREDITS:
        told = f"Write a number of credits up to {MOST_CREDITS:,}; below zero takes them back."
        raise InvalidRequestError(problem=told)
    return reason_of(reason)


def _known(session: Session, idempotency_key: str) -> LedgerEntry | None:
    return session.scalar(
        select(LedgerEntry).where(LedgerEntry.idempotency_key == f"grant:{idempotency_key}")
    )


def _write(
    session: Session,
    actor: Actor,
    account: Account,
    amount: int,
    reason: str,
    idempotency_key: str,
) -> LedgerEntry:
    before = account.balance
    if before + amount < 0:
        raise CorrectionTooLargeError(balance=before, amount=-amount)
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.GRANT,
        amount=amount,
        idempotency_key=f"grant:{idempotency_key}",
        actor=actor.id,
        reason=reason,
    )
    session.add(entry)
    record_change(
        session,
        actor,
        "account.grant",
        account.id,
        reason,
        before={"balance": before},
        after={"balance": before + amount, "amount": amount, "entry_id": entry.id},
    )
    session.flush()
    session.refresh(entry)
    return entry
