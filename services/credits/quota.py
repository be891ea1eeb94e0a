"""The unlimited tier's daily quota: slots a day, where a day is one of the account's time zone."""

from datetime import date

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from services.core.errors import QuotaReachedError
from services.database.models import Account, QuotaDay


def today_of(session: Session, time_zone: str) -> date:
    """The date by the database's clock in that zone."""
    local = func.timezone(time_zone, func.clock_timestamp())
    return session.scalars(select(cast(local, Date))).one()


def used_on(session: Session, account_id: str, day: date) -> int:
    """Slots started on that day, less those that did not arrive."""
    return (
        session.scalar(
            select(QuotaDay.used).where(QuotaDay.account_id == account_id, QuotaDay.day == day)
        )
        or 0
    )


def quota_left(session: Session, account: Account) -> int:
    """Slots that the account may still start today."""
    used = used_on(session, account.id, today_of(session, account.time_zone))
    return max(0, account.daily_quota - used)


def refuse_over_quota(session: Session, account: Account, day: date, slot_count: int) -> None:
    """Raise QuotaReachedError when so many more do not fit; the account's row must be locked."""
    left = max(0, account.daily_quota - used_on(session, account.id, day))
    if slot_count > left:
        raise QuotaReachedError(
            wanted=slot_count, left=left, quota=account.daily_quota, zone=account.time_zone
        )
