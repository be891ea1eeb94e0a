"""Accounts: the list of them, a new one, and a change of tier, time zone or quota."""

import zoneinfo
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Date, and_, cast, func, select, text
from sqlalchemy.orm import Session

from services.audit.changes import one_at_a_time, one_line, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Role, Tier
from services.credits.ledger import lock_account
from services.credits.part import Part
from services.database.models import Account, QuotaDay, new_id

MOST_NAME_CHARACTERS = 80
MOST_DAILY_QUOTA = 1_000_000


@dataclass(frozen=True)
class AccountView:
    """An account as pages see it; `balance` in credits."""

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
    """What an admin sets of an account."""

    tier: Tier
    time_zone: str = "UTC"
    daily_quota: int = 200


class Accounts(Part):
    """Lists, makes and changes accounts."""

    def accounts(self, actor: Actor) -> list[AccountView]:
        """Every account, by name, in one statement."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return [_view(account, used) for account, used in session.execute(_with_quota())]

    def create_account(self, actor: Actor, name: str, terms: AccountTerms, reason: str) -> str:
        """A new account with nothing on it; returns its id. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        kept_name, kept_reason = _name_of(name), reason_of(reason)
        with self._database.transaction() as session:
            _check(session, terms)
            one_at_a_time(session, "accounts.create")
            _refuse_known(session, kept_name)
            account = Account(id=new_id("acc"), name=kept_name, **asdict(terms))
            session.add(account)
            after = {"name": kept_name, **asdict(terms)}
            record_change(
                session, actor, "account.create", account.id, kept_reason, before=None, after=after
            )
            return account.id

    def change_account(
        self, actor: Actor, account_id: str, terms: AccountTerms, reason: str
    ) -> None:
        """Set tier, time zone and quota. What is running keeps its price and its place.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, Role.ADMIN)
        kept_reason = reason_of(reason)
        with self._database.transaction() as session:
            _check(session, terms)
            account = lock_account(session, account_id)
            before = asdict(AccountTerms(account.tier, account.time_zone, account.daily_quota))
            after = asdict(terms)
            if before == after:
                raise InvalidRequestError(problem="Nothing is changed: these are its terms now.")
            account.tier, account.time_zone = terms.tier, terms.time_zone
            account.daily_quota = terms.daily_quota
            record_change(
                session,
                actor,
                "account.change",
                account_id,
                kept_reason,
                before=before,
                after=after,
            )

    def time_zones(self, actor: Actor) -> list[str]:
        """The zones that an account's day may have."""
        require(actor, Role.VIEWER)
        return sorted(
            zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC"
        )


def _with_quota() -> Any:
    """Each account with what it has used of its own day's quota."""
    today = cast(func.timezone(Account.time_zone, func.clock_timestamp()), Date)
    of_today = and_(QuotaDay.account_id == Account.id, QuotaDay.day == today)
    return (
        select(Account, func.coalesce(QuotaDay.used, 0))
        .outerjoin(QuotaDay, of_today)
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


def _name_of(text_given: str) -> str:
    name = one_line(text_given)
    if not name:
        raise InvalidRequestError(problem="Give the account a name.")
    if len(name) > MOST_NAME_CHARACTERS:
        told = f"The name is longer than {MOST_NAME_CHARACTERS} characters. Shorten it."
        raise InvalidRequestError(problem=told)
    return name


def _refuse_known(session: Session, name: str) -> None:
    known = select(Account.id).where(func.lower(Account.name) == name.lower()).limit(1)
    if session.scalar(known):
        raise InvalidRequestError(problem=f"There is an account named {name} already.")


def _check(session: Session, terms: AccountTerms) -> None:
    if not 0 <= terms.daily_quota <= MOST_DAILY_QUOTA:
        told = f"A daily quota is a number from 0 to {MOST_DAILY_QUOTA:,}."
        raise InvalidRequestError(problem=told)
    # Days are counted by the database, whose list of zones may be an older one.
    known = text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :zone)")
    is_known = terms.time_zone in zoneinfo.available_timezones()
    if not (is_known and session.scalar(known, {"zone": terms.time_zone})):
        raise InvalidRequestError(
            problem=f"There is no time zone named {terms.time_zone!r}."
            " Write it like Europe/Lisbon or America/Sao_Paulo."
        )
