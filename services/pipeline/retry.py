"""Retry the slots that a generation did not fill.

Their refunds remain; the slots are charged once more, at the price of their start.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import (
    ACTIVE_GENERATIONS,
    GenerationState,
    Kind,
    Role,
    SlotState,
    Tier,
)
from services.credits.budget import budget_error, budget_problems, refuse_over_budget
from services.credits.costs import estimated_usd
from services.credits.ledger import charge, lock_account, quota_left
from services.database.engine import Database
from services.database.models import Account, Generation, Slot
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.transitions import (
    add_runs,
    lock_generation,
    refresh_generation,
    reopen_slot,
)
from services.providers.durations import DurationEstimator
from services.recipes.registry import work_of

RETRYABLE = frozenset({GenerationState.PARTIAL, GenerationState.FAILED, GenerationState.CANCELED})
AT_WORK = (*ACTIVE_GENERATIONS, GenerationState.NEEDS_REVIEW)
MISSING = (SlotState.FAILED, SlotState.CANCELED)
NOTHING = "Nothing of it is missing. Reload the page to see its pictures."
STILL_RUNS = "It is still running. What fails can be retried when it has ended."


@dataclass(frozen=True)
class RetryQuote:
    """The price of a retry; `problems` are the reasons why it cannot be started now."""

    kind: Kind
    slot_count: int
    price_credits: int
    cost_usd: float
    balance: int
    problems: tuple[str, ...] = ()


class Retry:
    """Quotes and starts retries."""

    def __init__(self, database: Database, durations: DurationEstimator) -> None:
        self._database = database
        self._durations = durations

    def quote(self, actor: Actor, generation_id: str) -> RetryQuote:
        """Price a retry of all missing slots; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            generation = found_generation(session, generation_id)
            return self.quote_of(session, generation, missing_slots(session, generation))

    def quote_of(
        self,
        session: Session,
        generation: Generation,
        slots: list[Slot],
        *,
        may_run: bool = False,
    ) -> RetryQuote:
        """Price a retry of these missing slots.

        `may_run`: other slots of the generation may still be active.
        """
        account = session.get_one(Account, generation.account_id)
        price = sum(slot.price_credits for slot in _charged(slots))
        cost = self.cost_usd(session, slots)
        problems = _problems(session, generation, slots, account, price, may_run)
        problems += [
            budget_error(status, cost).sentence for status in budget_problems(session, cost)
        ]
        return RetryQuote(
            generation.kind, len(slots), price, cost, account.balance, tuple(problems)
        )

    def start(self, actor: Actor, generation_id: str) -> int:
        """Charge the missing slots and queue them; returns how many.

        A second call finds nothing missing and is refused, so no slot is ever charged twice. Raises
        NotFoundError, InvalidRequestError, InsufficientCreditsError, QuotaReachedError and
        BudgetReachedError, all before anything is charged.
        """
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            lock_generation(session, generation_id)
            generation = found_generation(session, generation_id)
            slots = missing_slots(session, generation)
            before = {"state": generation.state.value, "slots": [slot.id for slot in slots]}
            self.order(session, actor, generation, slots)
            record_change(
                session, actor, "generation.retry", generation.id, "Retried", before=before
            )
        checkpoint("retry.committed")
        return len(slots)

    def order(
        self,
        session: Session,
        actor: Actor,
        generation: Generation,
        slots: list[Slot],
        *,
        may_run: bool = False,
    ) -> None:
        """Charge and queue these missing slots; the generation must be locked.

        The caller writes the audit row. Raises as `start` does.
        """
        account = lock_account(session, generation.account_id)
        problem = _state_problem(session, generation, slots, may_run)
        if problem:
            raise InvalidRequestError(problem=problem)
        refuse_over_budget(session, self.cost_usd(session, slots))
        _reopen(session, actor, generation, account, slots)

    def cost_usd(self, session: Session, slots: list[Slot]) -> float:
        """Estimate by the models' median durations; one without a finished attempt counts a minute."""
        groups = {(slot.run_group, slot.parent_slot_id): slot for slot in slots}
        counts = Counter((slot.run_group, slot.parent_slot_id) for slot in slots)
        return sum(
            work_of(slot.kind).billed_outputs(counts[group])
            * estimated_usd(
                session,
                slot.provider,
                slot.model,
                self._durations(session, slot.provider, slot.model) or 60.0,
            )
            for group, slot in groups.items()
        )


def found_generation(session: Session, generation_id: str) -> Generation:
    """Read the generation as it is now; raises NotFoundError."""
    generation = session.get(Generation, generation_id, populate_existing=True)
    if generation is None:
        raise NotFoundError(what="generation", id=generation_id)
    return generation


def missing_slots(session: Session, generation: Generation) -> list[Slot]:
    """Read the slots that were not filled, in order: parents come before their children."""
    return list(
        session.scalars(
            select(Slot)
            .where(Slot.generation_id == generation.id, Slot.state.in_(MISSING))
            .order_by(Slot.position)
            .execution_options(populate_existing=True)
        )
    )


def _state_problem(
    session: Session, generation: Generation, slots: list[Slot], may_run: bool
) -> str | None:
    """Why nothing can be retried, whatever it costs."""
    runs_on = may_run and generation.state in AT_WORK and generation.cancel_requested_at is None
    if generation.state not in RETRYABLE and not runs_on:
        is_done = generation.state is GenerationState.SUCCEEDED
        return NOTHING if is_done else STILL_RUNS
    if not slots:
        return NOTHING
    return work_of(generation.kind).retry_problem(session, generation, slots)


def _problems(
    session: Session,
    generation: Generation,
    slots: list[Slot],
    account: Account,
    price: int,
    may_run: bool,
) -> list[str]:
    problem = _state_problem(session, generation, slots, may_run)
    if problem:
        return [problem]
    if price > account.balance:
        return [
            f"This costs {price:,} credits and the account holds {account.balance:,}."
            + " Ask an admin for a grant."
        ]
    if account.tier is Tier.UNLIMITED:
        left = quota_left(session, account)
        taken = len(_charged(slots))
        if taken > left:
            return [f"Today's quota has {left:,} left and this takes {taken:,}."]
    return []


def _charged(slots: Sequence[Slot]) -> list[Slot]:
    """Return those that a retry charges: the charge of the others was kept when they failed."""
    return [slot for slot in slots if not slot.is_charge_kept]


def _reopen(
    session: Session, actor: Actor, generation: Generation, account: Account, slots: list[Slot]
) -> None:
    charged = _charged(slots)
    price = sum(slot.price_credits for slot in charged)
    entry = charge(session, account, price, len(charged), generation.id, actor, "Retried")
    parents = {
        slot.id: slot
        for slot in session.scalars(select(Slot).where(Slot.generation_id == generation.id))
    }
    for slot in slots:
        reopen_slot(slot, entry.id, parents.get(slot.parent_slot_id or ""))
    generation.cancel_requested_at = None
    generation.price_credits += price
    session.flush()
    record(
        session,
        EventName.GENERATION_RETRIED,
        generation.id,
        actor=actor.id,
        slots=len(slots),
        credits=price,
    )
    add_runs(session, [slot for slot in slots if slot.state is SlotState.PENDING])
    refresh_generation(session, generation.id)
