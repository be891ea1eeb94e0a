"""Start a generation: one transaction charges and writes everything, or nothing."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    QueueUnavailableError,
)
from services.core.states import GenerationState, Role, SlotState, Tier
from services.credits.budget import refuse_over_budget
from services.credits.ledger import charge, lock_account
from services.database.engine import Database
from services.database.models import Account, Generation, LedgerEntry, Mascot, Slot, new_id
from services.pipeline.events import EventName, record
from services.pipeline.transitions import add_runs
from services.queue.base import Queue
from services.recipes.base import GenerationPlan, SlotPlan, Started, fingerprint_of

PRIORITY = {Tier.FREE: 0, Tier.PRO: 10, Tier.UNLIMITED: 10}
SEEDS = 2**31 - 1


class Starter:
    """Starts every generation."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database = database
        self._queue = queue

    def start(self, actor: Actor, plan: GenerationPlan, idempotency_key: str) -> Started:
        """Charge and write the plan; the same key with the same plan returns its first start.

        Raises InsufficientCreditsError, QuotaReachedError, BudgetReachedError,
        IdempotencyConflictError, InvalidRequestError.
        """
        require(actor, Role.OPERATOR)
        if not plan.slots or not idempotency_key:
            raise InvalidRequestError(problem="There is nothing to make in this request.")
        fingerprint = fingerprint_of(plan.kind, plan.account_id, plan.request)
        with self._database.transaction() as session:
            account = lock_account(session, plan.account_id)
            known = _find(session, plan.account_id, idempotency_key)
            if known and known.fingerprint != fingerprint:
                raise IdempotencyConflictError()
            generation = known or _write(
                session, actor, account, plan, fingerprint, idempotency_key
            )
        return Started(generation.id, known is None, self._is_queue_available())

    def _is_queue_available(self) -> bool:
        """Whether the dispatcher can enqueue now: a page shows it, the start does not need it."""
        try:
            self._queue.check()
        except QueueUnavailableError:
            return False
        return True


def _find(session: Session, account_id: str, idempotency_key: str) -> Generation | None:
    return session.scalar(
        select(Generation).where(
            Generation.account_id == account_id, Generation.idempotency_key == idempotency_key
        )
    )


def _write(
    session: Session,
    actor: Actor,
    account: Account,
    plan: GenerationPlan,
    fingerprint: str,
    idempotency_key: str,
) -> Generation:
    refuse_over_budget(session, plan.cost_usd)
    generation = Generation(
        id=new_id("gen"),
        kind=plan.kind,
        account_id=account.id,
        person_id=actor.id,
        mascot_id=plan.mascot_id,
        title=plan.title,
        request=plan.request,
        fingerprint=fingerprint,
        idempotency_key=idempotency_key,
        priority=PRIORITY[account.tier],
        state=GenerationState.QUEUED,
        price_credits=plan.price_credits,
        estimated_cost_usd=plan.cost_usd,
    )
    session.add(generation)
    session.flush()
    mascots = _write_mascots(session, generation, plan)
    entry = charge(session, account, plan.price_credits, len(plan.slots), generation.id, actor)
    slots = _write_slots(session, generation, plan.slots, mascots, entry)
    record(
        session,
        EventName.GENERATION_STARTED,
        generation.id,
        actor=actor.id,
        pictures=len(slots),
        credits=plan.price_credits,
    )
    if plan.also_write:
        plan.also_write(session, generation, slots)
    add_runs(session, [slot for slot in slots if slot.state is SlotState.PENDING])
    return generation


def _write_mascots(session: Session, generation: Generation, plan: GenerationPlan) -> list[Mascot]:
    mascots = [
        Mascot(
            id=new_id("mas"),
            account_id=generation.account_id,
            generation_id=generation.id,
            name=mascot.name,
            description=mascot.description,
            style=mascot.style,
            variation=number,
        )
        for number, mascot in enumerate(plan.mascots, start=1)
    ]
    session.add_all(mascots)
    session.flush()
    return mascots


def _write_slots(
    session: Session,
    generation: Generation,
    plans: Sequence[SlotPlan],
    mascots: Sequence[Mascot],
    entry: LedgerEntry,
) -> list[Slot]:
    ids = [new_id("slot") for _ in plans]
    slots = [
        Slot(
            id=ids[position],
            generation_id=generation.id,
            account_id=generation.account_id,
            kind=generation.kind,
            position=position,
            role=plan.role,
            run_group=position if plan.group is None else plan.group,
            mascot_id=generation.mascot_id if plan.mascot is None else mascots[plan.mascot].id,
            parent_slot_id=None if plan.parent is None else ids[plan.parent],
            provider=plan.provider,
            model=plan.model,
            prompt=plan.prompt,
            seed=plan.seed or secrets.randbelow(SEEDS) + 1,
            aspect_ratio=plan.aspect_ratio,
            input_asset_ids=list(plan.input_asset_ids),
            pose_id=plan.pose_id,
            control_skeleton=plan.control_skeleton,
            options=plan.options,
            price_credits=plan.price_credits,
            charge_id=entry.id,
            state=SlotState.PENDING if plan.parent is None else SlotState.BLOCKED,
        )
        for position, plan in enumerate(plans)
    ]
    _add_by_depth(session, slots)
    return slots


def _add_by_depth(session: Session, slots: Sequence[Slot]) -> None:
    """Insert parents before children, level by level: one flush of all has no such order."""
    known: set[str | None] = {None}
    rest = list(slots)
    while rest:
        level = [slot for slot in rest if slot.parent_slot_id in known]
        session.add_all(level)
        session.flush()
        rest = [slot for slot in rest if slot.parent_slot_id not in known]
        known = {slot.id for slot in level}
