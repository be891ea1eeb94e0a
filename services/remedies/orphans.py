"""AdoptObject and DeleteOrphan: use or delete a stored file that no row names."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from services.audit.changes import lock_name
from services.core.errors import ObjectMissingError, PictureRefusedError, RemedyRefusedError
from services.core.states import (
    OPEN_SLOTS,
    PICTURELESS_ROLES,
    AttemptState,
    Role,
    RunState,
    SlotState,
    Tier,
)
from services.credits.ledger import charge, lock_account, quota_left
from services.database.models import Account, Asset, Attempt, OrphanedFile, Run, RunSlot, Slot
from services.media.outputs import inspect_output
from services.media.pixels import MAX_BYTES
from services.pipeline.events import EventName, record
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.retry import MISSING, found_generation
from services.pipeline.steps.ingest import fill_with_file
from services.pipeline.transitions import (
    CANCELED,
    lock_generation,
    move_run,
    refresh_generation,
    reopen_slot,
    slots_of,
)
from services.providers.base import FailureClass
from services.recipes.registry import work_of
from services.recipes.work import StoredOutput, store_picture
from services.reconciliation.restores import BLOCKED, open_restore
from services.references.erase import lock_picture
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import (
    SUBMITTING_NOW,
    UNDECIDED,
    RunView,
    SubjectKind,
    cancel_at_provider,
    has_refund,
    view_run,
    view_slot,
)
from services.storage.base import ObjectInfo
from services.storage.keys import parse_key

YOUNG_HOURS = 1
UNKNOWN = "No orphaned file with this key is known (any more)."
NAMED = "A picture's row names this file, or one of the same content."
IN_WORK = "A run that has not ended uses this file."
YOUNG = "It was written within the last hour, so its row may still follow."
NO_PICTURE = "It is not the original of a picture."
TOO_LARGE = "It is larger than any picture that a provider returns."
GONE = "It is not in storage any more."
OTHER_BYTES = "Its content does not match the hash in its key."
FILLED = "The slot has its picture."
PARENT_MISSING = "The slot's source picture is missing."
SHARED_RUN = "Its run fills other slots too: wait for it, or fail it first."
FOUND = "Its picture was found in storage."


class DeleteOrphan(Remedy[ObjectInfo | None]):
    """Delete a file that nothing needs; the audit row is committed before it goes."""

    id = "delete_orphan"
    label = "Delete file"
    icon = "delete"
    consequence = "Deletes a stored file that no row names. It cannot be restored."
    audit_label = "Deleted an orphaned file"
    subject = SubjectKind.OBJECT
    role = Role.ADMIN

    def inspect(self, offer: RemedyOffer) -> ObjectInfo | None:
        """Read whether it still exists; raises StorageError, also for a malformed key."""
        return self._context.storage.head(parse_key(offer.subject_id).text)

    def plan(self, session: Session, offer: RemedyOffer, facts: ObjectInfo | None) -> DryRun:
        """Refuse it while a row or an open run needs the content."""
        row = session.get(OrphanedFile, offer.subject_id, populate_existing=True)
        size = f"{facts.byte_count:,} bytes are deleted" if facts else ""
        return DryRun(
            offer,
            f"{size or 'The file is gone already; its entry is removed'}. This is final.",
            {"is_orphan": row is not None, "is_there": facts is not None},
            problem=UNKNOWN if row is None else orphan_problem(session, offer.subject_id, facts),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the file's content, as uploads and erasures do."""
        lock_picture(session, parse_key(offer.subject_id).sha256)
        lock_name(session, f"orphan:{offer.subject_id}")

    def change(self, session: Session, request: RemedyRequest, facts: ObjectInfo | None) -> Change:
        """Write the audit row only."""
        return Change("It is deleted.", {"is_orphan": False, "is_there": False})

    def finish(self, request: RemedyRequest, facts: ObjectInfo | None) -> str:
        """Delete the file, then its entry: a crash in between leaves an entry to delete later.

        The storage is called while the content is locked, as in every erasure: nobody may store
        a row for this file meanwhile.
        """
        with self._context.database.transaction() as session:
            self.lock(session, request.offer)
            problem = orphan_problem(session, request.subject_id, facts)
            if problem is not None:
                raise RemedyRefusedError(problem=problem)
            self._context.storage.delete(request.subject_id)
            forget_orphan(session, request.subject_id)
        return ""


def forget_orphan(session: Session, key: str) -> None:
    """Remove the entry of an orphaned file."""
    session.execute(delete(OrphanedFile).where(OrphanedFile.storage_key == key))


def orphan_problem(session: Session, key: str, info: ObjectInfo | None) -> str | None:
    """Return why this file is needed, or may be soon."""
    if open_restore(session) is not None:
        return BLOCKED
    if is_named(session, key):
        return NAMED
    if _is_used_by_run(session, key):
        return IN_WORK
    if info is None:
        return None
    limit = func.clock_timestamp() - timedelta(hours=YOUNG_HOURS)
    is_young = session.scalars(select(limit)).one() < info.modified_at
    return YOUNG if is_young else None


def is_named(session: Session, key: str) -> bool:
    """Whether a live row has this content; originals and their thumbnails share the hash."""
    named = select(Asset.id).where(
        Asset.sha256 == parse_key(key).sha256, Asset.deleted_at.is_(None)
    )
    return session.scalar(named.limit(1)) is not None


def _is_used_by_run(session: Session, key: str) -> bool:
    """Whether an open attempt names it: a synchronous answer is stored before its row."""
    original: list[dict[str, Any]] = [{"storage_key": key}]
    thumbnail: list[dict[str, Any]] = [{"thumbnail_key": key}]
    in_work = (
        select(Attempt.id)
        .join(Run, Run.id == Attempt.run_id)
        .where(
            Run.state.in_(UNDECIDED),
            Attempt.outputs.contains(original) | Attempt.outputs.contains(thumbnail),
        )
    )
    return session.scalar(in_work.limit(1)) is not None


@dataclass(frozen=True)
class _Facts:
    """The file's bytes or the problem, and the open run of the slot before the change."""

    content: bytes | None
    problem: str | None
    view: RunView | None
    stored: StoredOutput | None = None


class AdoptObject(Remedy[_Facts]):
    """Fill the slot with the file; a refunded slot is charged at its price."""

    id = "adopt_object"
    label = "Adopt file"
    icon = "add_link"
    consequence = "Uses the stored file as the missing picture. Nothing is generated."
    audit_label = "Adopted a stored file"
    subject = SubjectKind.OBJECT
    role = Role.ADMIN
    argument = "Slot id"

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Read the file from storage and decode it in full."""
        view = None
        if offer.argument:
            with self._context.database.transaction() as session:
                view = _open_run(session, offer.argument)
        return _Facts(*self._read(offer.subject_id), view)

    def _read(self, key: str) -> tuple[bytes | None, str | None]:
        if parse_key(key).kind != "originals":
            return None, NO_PICTURE
        info = self._context.storage.head(key)
        if info is None:
            return None, GONE
        if info.byte_count > MAX_BYTES:
            return None, TOO_LARGE
        try:
            content = self._context.storage.get(key)
            picture = inspect_output(content)
        except ObjectMissingError:
            return None, GONE
        except PictureRefusedError as error:
            return None, error.sentence
        return content, None if picture.sha256 == parse_key(key).sha256 else OTHER_BYTES

    def plan(self, session: Session, offer: RemedyOffer, facts: _Facts) -> DryRun:
        """Quote the slot's charge."""
        slot = view_slot(session, offer.argument or "")
        price = _price(session, slot)
        row = session.get(OrphanedFile, offer.subject_id, populate_existing=True)
        costs = f" {price:,} credits are charged again." if price else " No credits move."
        return DryRun(
            offer,
            f"The stored picture fills the slot.{costs}",
            {"slot": slot.state.value, "charge": slot.charge_id, "is_orphan": row is not None},
            credits=-price,
            problem=facts.problem or _problem(session, offer, slot, price),
        )

    def prepare(self, offer: RemedyOffer, facts: _Facts) -> _Facts:
        """Store its thumbnail."""
        if facts.content is None:
            return facts
        return replace(facts, stored=store_picture(self._context.storage, facts.content))

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the slot's open run, its generation, its account."""
        slot = view_slot(session, offer.argument or "")
        session.execute(_open_runs(slot.id).with_for_update())
        lock_generation(session, slot.generation_id)
        lock_account(session, slot.account_id)

    def change(self, session: Session, request: RemedyRequest, facts: _Facts) -> Change:
        """Charge a refunded slot, fill it, and end the run that would fill it."""
        slot = view_slot(session, request.offer.argument or "")
        if facts.stored is None:
            raise TypeError("a plan without a problem has a picture")
        view = _open_run(session, slot.id)
        if slot.state in MISSING:
            _reopen(session, request, slot)
        fill_with_file(session, slot, facts.stored)
        if view is not None:
            _end_run(session, view)
        forget_orphan(session, request.subject_id)
        refresh_generation(session, slot.generation_id)
        after = {"slot": slot.id, "state": slot.state.value, "asset": slot.asset_id}
        run_id = view.run.id if view else None
        return Change(FILLED, after, slot.generation_id, run_id)

    def finish(self, request: RemedyRequest, facts: _Facts) -> str:
        """Cancel the slot's prediction."""
        return cancel_at_provider(self._context, facts.view)


def _open_runs(slot_id: str) -> Select[str]:
    runs = select(RunSlot.run_id).where(RunSlot.slot_id == slot_id)
    return select(Run.id).where(Run.id.in_(runs), Run.state.in_(UNDECIDED))


def _open_run(session: Session, slot_id: str) -> RunView | None:
    run_id = session.scalars(_open_runs(slot_id)).first()
    return view_run(session, run_id) if run_id else None


def _price(session: Session, slot: Slot) -> int:
    """Return the credits to charge: none where the last charge was not refunded."""
    return slot.price_credits if _is_refunded(session, slot) else 0


def _is_refunded(session: Session, slot: Slot) -> bool:
    return slot.state in MISSING and has_refund(session, [slot])


def _problem(session: Session, offer: RemedyOffer, slot: Slot, price: int) -> str | None:
    if is_named(session, offer.subject_id):
        return NAMED
    if slot.role in PICTURELESS_ROLES:
        return NO_PICTURE
    if slot.state is SlotState.FILLED:
        return FILLED
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    if parent is not None and parent.state is not SlotState.FILLED:
        return PARENT_MISSING
    generation = found_generation(session, slot.generation_id)
    problem = work_of(slot.kind).retry_problem(session, generation, [slot])
    return problem or _run_problem(session, slot) or _credit_problem(session, slot, price)


def _run_problem(session: Session, slot: Slot) -> str | None:
    view = _open_run(session, slot.id)
    if view is None:
        return None
    if view.is_being_submitted:
        return SUBMITTING_NOW
    others = [one for one, _ in slots_of(session, view.run.id) if one.id != slot.id]
    return SHARED_RUN if any(one.state in OPEN_SLOTS for one in others) else None


def _credit_problem(session: Session, slot: Slot, price: int) -> str | None:
    account = session.get_one(Account, slot.account_id, populate_existing=True)
    if price > account.balance:
        return f"This costs {price:,} credits and the account holds {account.balance:,}."
    is_limited = account.tier is Tier.UNLIMITED and _is_refunded(session, slot)
    return "Today's quota is used up." if is_limited and quota_left(session, account) < 1 else None


def _reopen(session: Session, request: RemedyRequest, slot: Slot) -> None:
    charge_id = slot.charge_id
    if has_refund(session, [slot]):
        account = session.get_one(Account, slot.account_id, populate_existing=True)
        entry = charge(
            session,
            account,
            slot.price_credits,
            1,
            slot.generation_id,
            request.actor,
            "Found again",
        )
        charge_id = entry.id
        found_generation(session, slot.generation_id).price_credits += slot.price_credits
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    reopen_slot(slot, charge_id, parent)


def _end_run(session: Session, view: RunView) -> None:
    """Cancel it with a new fencing token: what a worker or the provider still returns is refused."""
    attempt = view.attempt
    if attempt is not None and attempt.state is AttemptState.RUNNING:
        failure = Failure(FailureClass.CANCELED, FOUND)
        close_attempt(session, attempt.id, AttemptState.CANCELED, failure)
    step = Step(view.run.id, view.run.seq)
    run = move_run(session, step, RunState.CANCELED, failure=CANCELED, failure_detail=FOUND)
    record(session, EventName.RUN_CANCELED, run.generation_id, run_id=run.id, reason=FOUND)
