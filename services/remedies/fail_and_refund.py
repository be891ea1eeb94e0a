"""Fail and refund: a person gives a run up, or a picture whose file is gone."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import OPEN_SLOTS, AttemptState, RunState, SlotState
from services.database.models import Slot
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.review import GIVEN_UP
from services.pipeline.transitions import (
    close_slot,
    fail_run,
    refresh_generation,
    slots_of,
)
from services.providers.base import FailureClass
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.provider_calls import AtProvider, at_provider, cancel_there
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.slot_files import (
    ALL_THERE,
    StoredFile,
    drop_thumbnail,
    emptying_problem,
    forget_lost,
    lost_files,
    stored_file,
)
from services.remedies.subjects import (
    BEING_SENT,
    REFUNDED_BEFORE,
    UNDECIDED,
    RunView,
    filled_files,
    has_refund,
    lock_run,
    view_run,
)

ENDED = "It has ended without this picture already, and the credits are back."
ENDED_BY_PERSON = "A person ended it and gave the credits back."
FILE_LOST = "Its stored file is gone, and a person gave the credits back."


@dataclass(frozen=True)
class Given:
    """What was found outside: work at the provider, and files that the storage has lost."""

    work: AtProvider | None
    files: tuple[StoredFile, ...]
    lost: frozenset[str]


class FailAndRefund(RemedyTemplate[Given]):
    """What the run still owes, or has lost, is closed and its credits go back."""

    kind = RemedyKind.FAIL_AND_REFUND

    def ask(self, offer: RemedyOffer) -> Given:
        """The storage, about what a run that succeeded has filled."""
        with self._parts.database.transaction() as session:
            view = view_run(session, offer.subject_id)
            has_succeeded = view.run.state is RunState.SUCCEEDED
            found = filled_files(session, view.run) if has_succeeded else []
            files = tuple(stored_file(asset) for _, _, asset in found)
        return Given(at_provider(view), files, lost_files(self._parts.storage, files))

    def plan(self, session: Session, offer: RemedyOffer, known: Given) -> DryRun:
        """Which slots, and what goes back."""
        view = view_run(session, offer.subject_id)
        slots, problem = self._slots(session, view, known)
        credits = sum(slot.price_credits for slot in slots)
        there = " What is at the provider is canceled there." if known.work else ""
        return DryRun(
            offer,
            f"It fails, and {credits:,} credits go back.{there}",
            view.state | {"slots": [slot.id for slot in slots]},
            credits=credits,
            problem=problem,
        )

    def _slots(
        self, session: Session, view: RunView, known: Given
    ) -> tuple[list[Slot], str | None]:
        problem: str | None = None
        if view.run.state in UNDECIDED:
            owed = [slot for slot, _ in slots_of(session, view.run.id) if slot.state in OPEN_SLOTS]
            slots = owed + _waiting_for(session, owed)
            problem = BEING_SENT if view.is_being_sent else None
        elif view.run.state is RunState.SUCCEEDED:
            slots, problem = _lost_slots(session, view, known)
        else:
            return [], ENDED
        if problem is None and has_refund(session, slots):
            problem = REFUNDED_BEFORE
        return slots, problem

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run and its generation."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: Given) -> Done:
        """Close, refund, bring the generation up to date."""
        view = view_run(session, order.subject_id)
        run = view.run
        slots, _ = self._slots(session, view, known)
        if run.state is RunState.SUCCEEDED:
            for slot in slots:
                forget_lost(session, slot)
                close_slot(session, slot, SlotState.FAILED, "file_lost", FILE_LOST)
            refresh_generation(session, run.generation_id)
        else:
            _fail(session, view)
        credits = sum(slot.price_credits for slot in slots)
        after = {"slots": [slot.id for slot in slots], "credits": credits}
        return Done(f"{credits:,} credits went back.", after, run.generation_id, run.id)

    def afterwards(self, order: Order, known: Given) -> str:
        """End it at the provider; a lost picture's thumbnail goes too."""
        for file in known.files:
            if file.asset_id in known.lost:
                drop_thumbnail(self._parts, file)
        return cancel_there(self._parts, known.work)


def _lost_slots(session: Session, view: RunView, known: Given) -> tuple[list[Slot], str | None]:
    lost = [
        (slot, asset)
        for slot, _, asset in filled_files(session, view.run)
        if asset.id in known.lost
    ]
    if not lost:
        return [], ALL_THERE
    problems = [emptying_problem(session, slot, asset) for slot, asset in lost]
    return [slot for slot, _ in lost], next(filter(None, problems), None)


def _waiting_for(session: Session, slots: list[Slot]) -> list[Slot]:
    """What is made from these and waits for them, however far down."""
    if not slots:
        return []
    waiting = session.scalars(
        select(Slot)
        .where(
            Slot.parent_slot_id.in_([slot.id for slot in slots]), Slot.state == SlotState.BLOCKED
        )
        .order_by(Slot.position)
    ).all()
    return [*waiting, *_waiting_for(session, list(waiting))]


def _fail(session: Session, view: RunView) -> None:
    run, attempt = view.run, view.attempt
    failure = Failure(FailureClass.CANCELED, ENDED_BY_PERSON)
    if attempt is not None and attempt.state is AttemptState.RUNNING:
        close_attempt(session, attempt.id, AttemptState.CANCELED, failure)
    step = Step(run.id, run.seq)
    if run.state is RunState.NEEDS_REVIEW:
        fail_run(session, step, FailureClass.AMBIGUOUS, GIVEN_UP)
        return
    if attempt is not None and attempt.state in (AttemptState.SUBMITTING, AttemptState.UNKNOWN):
        lost = Failure(FailureClass.AMBIGUOUS, ENDED_BY_PERSON)
        close_attempt(session, attempt.id, AttemptState.LOST, lost)
    fail_run(session, step, "given_up", ENDED_BY_PERSON)
