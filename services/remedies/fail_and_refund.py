"""FailAndRefund: end a run, or give up a picture whose file is missing, and refund it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import OPEN_SLOTS, AttemptState, RunState, SlotState
from services.database.models import Asset, Slot
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.review import GIVEN_UP
from services.pipeline.transitions import close_slot, fail_run, refresh_generation, slots_of
from services.providers.base import FailureClass
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import (
    ALL_THERE,
    REFUNDED_BEFORE,
    SUBMITTING_NOW,
    UNDECIDED,
    RunView,
    SubjectKind,
    cancel_at_provider,
    delete_thumbnail,
    emptying_problem,
    filled_files,
    has_refund,
    missing_files,
    remove_missing,
    view_run,
)

ENDED = "It has ended without this picture already, and its credits were refunded."
ENDED_BY_PERSON = "A person ended it and refunded its credits."
FILE_MISSING = "Its stored file is missing, and a person refunded its credits."


@dataclass(frozen=True)
class _Facts:
    """The run before the change, its pictures, and the ids of those missing from storage."""

    view: RunView
    assets: tuple[Asset, ...]
    missing: frozenset[str]


class FailAndRefund(Remedy[_Facts]):
    """Close the slots that the run still owes, or whose files are missing, and refund them."""

    id = "fail_and_refund"
    label = "Fail and refund"
    icon = "money_off"
    consequence = "Ends it and refunds what was not delivered."
    audit_label = "Failed and refunded a run"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Read which files of a succeeded run are in storage."""
        with self._context.database.transaction() as session:
            view = view_run(session, offer.subject_id)
            has_succeeded = view.run.state is RunState.SUCCEEDED
            found = filled_files(session, view.run) if has_succeeded else []
        assets = tuple(asset for _, _, asset in found)
        return _Facts(view, assets, missing_files(self._context.storage, assets))

    def plan(self, session: Session, offer: RemedyOffer, facts: _Facts) -> DryRun:
        """List the slots and their refund."""
        view = view_run(session, offer.subject_id)
        slots, problem = _slots(session, view, facts)
        credits = sum(slot.price_credits for slot in slots)
        is_running = facts.view.running_prediction_id is not None
        canceled = " The prediction at the provider is canceled." if is_running else ""
        return DryRun(
            offer,
            f"It fails, and {credits:,} credits are refunded.{canceled}",
            view.state | {"slots": [slot.id for slot in slots]},
            credits=credits,
            problem=problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: _Facts) -> Change:
        """Close and refund the slots."""
        view = view_run(session, request.subject_id)
        run = view.run
        slots, _ = _slots(session, view, facts)
        if run.state is RunState.SUCCEEDED:
            for slot in slots:
                remove_missing(session, slot)
                close_slot(session, slot, SlotState.FAILED, "file_lost", FILE_MISSING)
            refresh_generation(session, run.generation_id)
        else:
            _fail(session, view)
        credits = sum(slot.price_credits for slot in slots)
        after = {"slots": [slot.id for slot in slots], "credits": credits}
        return Change(f"{credits:,} credits were refunded.", after, run.generation_id, run.id)

    def finish(self, request: RemedyRequest, facts: _Facts) -> str:
        """Cancel the prediction; delete the thumbnails of missing pictures."""
        for asset in facts.assets:
            if asset.id in facts.missing:
                delete_thumbnail(self._context, asset)
        return cancel_at_provider(self._context, facts.view)


def _slots(session: Session, view: RunView, facts: _Facts) -> tuple[list[Slot], str | None]:
    """List the slots to close, with the problem if there is one."""
    problem: str | None = None
    if view.run.state in UNDECIDED:
        owed = [slot for slot, _ in slots_of(session, view.run.id) if slot.state in OPEN_SLOTS]
        slots = owed + _blocked_by(session, owed)
        problem = SUBMITTING_NOW if view.is_being_submitted else None
    elif view.run.state is RunState.SUCCEEDED:
        slots, problem = _missing_slots(session, view, facts)
    else:
        return [], ENDED
    if problem is None and has_refund(session, slots):
        problem = REFUNDED_BEFORE
    return slots, problem


def _missing_slots(session: Session, view: RunView, facts: _Facts) -> tuple[list[Slot], str | None]:
    missing = [
        (slot, asset)
        for slot, _, asset in filled_files(session, view.run)
        if asset.id in facts.missing
    ]
    if not missing:
        return [], ALL_THERE
    problems = [emptying_problem(session, slot, asset) for slot, asset in missing]
    return [slot for slot, _ in missing], next(filter(None, problems), None)


def _blocked_by(session: Session, slots: list[Slot]) -> list[Slot]:
    """List the slots that wait for these, at every depth."""
    if not slots:
        return []
    blocked = session.scalars(
        select(Slot)
        .where(
            Slot.parent_slot_id.in_([slot.id for slot in slots]), Slot.state == SlotState.BLOCKED
        )
        .order_by(Slot.position)
    ).all()
    return [*blocked, *_blocked_by(session, list(blocked))]


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
