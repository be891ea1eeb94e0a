"""One generation's head and its money."""

from collections.abc import Iterable

from sqlalchemy import Date, case, cast, func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import OPEN_SLOTS, EntryKind, SlotState, Tier
from services.database.models import Account, Generation, LedgerEntry, Person, QuotaDay
from services.diagnosis.facts import GenerationFacts, Money, SlotFacts
from services.people.visibility import visible_generations


def read_generation(session: Session, actor: Actor, generation_id: str) -> GenerationFacts:
    """One statement; raises NotFoundError, also for what this person may not see."""
    today = cast(func.timezone(Account.time_zone, func.clock_timestamp()), Date)
    used = (
        select(QuotaDay.used)
        .where(QuotaDay.account_id == Account.id, QuotaDay.day == today)
        .correlate(Account)
        .scalar_subquery()
    )
    left = func.greatest(0, Account.daily_quota - func.coalesce(used, 0))
    row = session.execute(
        select(
            Generation,
            Account.name,
            func.coalesce(Person.name, Generation.person_id),
            case((Account.tier == Tier.UNLIMITED, left)),
        )
        .join(Account, Account.id == Generation.account_id)
        .outerjoin(Person, Person.id == Generation.person_id)
        .where(Generation.id == generation_id, *visible_generations(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError(what="generation", id=generation_id)
    generation, account, person, quota_left = row
    return GenerationFacts(
        id=generation.id,
        kind=generation.kind,
        title=generation.title,
        state=generation.state,
        account_id=generation.account_id,
        account_name=account,
        person_name=person,
        created_at=generation.created_at,
        finished_at=generation.finished_at,
        cancel_requested_at=generation.cancel_requested_at,
        quota_left=quota_left,
    )


def read_entries(session: Session, generation_id: str) -> tuple[LedgerEntry, ...]:
    """Every movement of its credits, oldest first; one statement."""
    return tuple(
        session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.generation_id == generation_id)
            .order_by(LedgerEntry.created_at, LedgerEntry.id)
        )
    )


def money_of(entries: Iterable[LedgerEntry], slots: Iterable[SlotFacts]) -> Money:
    """What was charged and given back, and what of it is used or held."""
    amounts = {kind: 0 for kind in EntryKind}
    for entry in entries:
        amounts[entry.kind] += entry.amount
    slots = tuple(slots)
    ended = (SlotState.FAILED, SlotState.CANCELED)
    return Money(
        charged=-amounts[EntryKind.CHARGE],
        consumed=sum(it.price_credits for it in slots if it.state is SlotState.FILLED),
        refunded=amounts[EntryKind.REFUND],
        held=sum(it.price_credits for it in slots if it.state in OPEN_SLOTS),
        unrefunded_slots=tuple(it.id for it in slots if it.state in ended and not it.refunds),
    )
