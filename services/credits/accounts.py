"""Accounts: list, create and change them; grant credits or take them back."""

import zoneinfo
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Date, and_, cast, func, select, text
from sqlalchemy.orm import Session

from services.audit.changes import lock_name, one_line, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import CorrectionTooLargeError, GrantConflictError, InvalidRequestError
from services.core.states import EntryKind, Role, Tier
from services.credits.ledger import lock_account
from services.credits.ledger_reader import EntryView, entry_view
from services.database.engine import Database
from services.database.models import Account, LedgerEntry, QuotaDay, new_id

MAX_NAME_CHARACTERS = 80
MAX_DAILY_QUOTA = 1_000_000
MAX_CREDITS = 1_000_000_000


@dataclass(frozen=True)
class AccountView:
    """An account as pages show it; `balance` in credits."""

    id: str
    name: str
    tier: str
    balance: int
    time_zone: str = "UTC"
    daily_quota: int = 0
    quota_used: int | None = None
    """Slots of today's quota, for the unlimited tier; None for the others."""

    @property
    def quota_left(self) -> int | None:
        """Slots that the unlimited tier may still start today."""
        return None if self.quota_used is None else max(0, self.daily_quota - self.quota_used)


@dataclass(frozen=True)
class AccountTerms:
    """What an admin sets for an account."""

    tier: Tier
    time_zone: str = "UTC"
    daily_quota: int = 200


class Accounts:
    """The accounts that pay for work, and their balances."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, actor: Actor) -> list[AccountView]:
        """Return every account, by name; one statement."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return [_view(account, used) for account, used in session.execute(_with_quota())]

    def create(self, actor: Actor, name: str, terms: AccountTerms, reason: str) -> str:
        """Create an account without credits; return its id. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        name, reason = _checked_name(name), reason_of(reason)
        with self._database.transaction() as session:
            _check_terms(session, terms)
            lock_name(session, "create_account")
            _refuse_known_name(session, name)
            account = Account(id=new_id("acc"), name=name, **asdict(terms))
            session.add(account)
            after = {"name": name, **asdict(terms)}
            record_change(session, actor, "account.create", account.id, reason, after=after)
            return account.id

    def change(self, actor: Actor, account_id: str, terms: AccountTerms, reason: str) -> None:
        """Set tier, time zone and quota; started runs retain their price and priority.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.ADMIN)
        reason = reason_of(reason)
        with self._database.transaction() as session:
            _check_terms(session, terms)
            account = lock_account(session, account_id)
            before = asdict(AccountTerms(account.tier, account.time_zone, account.daily_quota))
            after = asdict(terms)
            if before == after:
                raise InvalidRequestError(problem="Nothing changed: the account has these terms.")
            account.tier, account.time_zone = terms.tier, terms.time_zone
            account.daily_quota = terms.daily_quota
            record_change(
                session, actor, "account.change", account_id, reason, before=before, after=after
            )

    def grant(
        self, actor: Actor, account_id: str, amount: int, reason: str, idempotency_key: str
    ) -> EntryView:
        """Grant `amount` credits, or take them back when it is negative; return the entry.

        A repeated key with the same values returns the first entry and moves nothing. Raises
        InvalidRequestError, NotFoundError, CorrectionTooLargeError, GrantConflictError.
        """
        require(actor, Role.ADMIN)
        reason = _checked_reason(amount, reason, idempotency_key)
        key = f"grant:{idempotency_key}"
        with self._database.transaction() as session:
            # The key first: two accounts under one key must not wait for each other's rows.
            lock_name(session, key)
            account = lock_account(session, account_id)
            entry = session.scalar(select(LedgerEntry).where(LedgerEntry.idempotency_key == key))
            if entry is None:
                entry = _grant(session, actor, account, amount, reason, key)
            elif (entry.account_id, entry.amount, entry.reason) != (account_id, amount, reason):
                raise GrantConflictError()
            return entry_view(entry, actor.name, None)

    def time_zones(self, actor: Actor) -> list[str]:
        """Return the time zones that an account's day may have."""
        require(actor, Role.VIEWER)
        return sorted(
            zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC"
        )


def _with_quota() -> Any:
    """Select each account with what it used of its own day's quota."""
    today = cast(func.timezone(Account.time_zone, func.clock_timestamp()), Date)
    is_today = and_(QuotaDay.account_id == Account.id, QuotaDay.day == today)
    return (
        select(Account, func.coalesce(QuotaDay.used, 0))
        .outerjoin(QuotaDay, is_today)
        .order_by(Account.name, Account.id)
    )


def _view(account: Account, used: int) -> AccountView:
    return AccountView(
        id=account.id,
        name=account.name,
        tier=account.tier.value,
        balance=account.balance,
        time_zone=account.time_zone,
        daily_quota=account.daily_quota,
        quota_used=used if account.tier is Tier.UNLIMITED else None,
    )


def _checked_name(text_given: str) -> str:
    name = one_line(text_given)
    if not name:
        raise InvalidRequestError(problem="Give the account a name.")
    if len(name) > MAX_NAME_CHARACTERS:
        problem = f"The name is longer than {MAX_NAME_CHARACTERS} characters. Shorten it."
        raise InvalidRequestError(problem=problem)
    return name


def _refuse_known_name(session: Session, name: str) -> None:
    known = select(Account.id).where(func.lower(Account.name) == name.lower()).limit(1)
    if session.scalar(known):
        raise InvalidRequestError(problem=f"An account named {name} exists already.")


def _check_terms(session: Session, terms: AccountTerms) -> None:
    if not 0 <= terms.daily_quota <= MAX_DAILY_QUOTA:
        problem = f"A daily quota is a number from 0 to {MAX_DAILY_QUOTA:,}."
        raise InvalidRequestError(problem=problem)
    # The database computes an account's day, and its list of zones may be older than Python's.
    known = text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :zone)")
    is_known = terms.time_zone in zoneinfo.available_timezones()
    if not (is_known and session.scalar(known, {"zone": terms.time_zone})):
        raise InvalidRequestError(
            problem=f"There is no time zone named {terms.time_zone!r}."
            " Write it like Europe/Lisbon or America/Sao_Paulo."
        )


def _checked_reason(amount: int, reason: str, idempotency_key: str) -> str:
    if not idempotency_key:
        raise InvalidRequestError(problem="This form is too old. Reload the page and try again.")
    if amount == 0 or abs(amount) > MAX_CREDITS:
        problem = f"Write a number of credits up to {MAX_CREDITS:,}; below zero takes them back."
        raise InvalidRequestError(problem=problem)
    return reason_of(reason)


def _grant(
    session: Session, actor: Actor, account: Account, amount: int, reason: str, key: str
) -> LedgerEntry:
    before = account.balance
    if before + amount < 0:
        raise CorrectionTooLargeError(balance=before, amount=-amount)
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.GRANT,
        amount=amount,
        idempotency_key=key,
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
