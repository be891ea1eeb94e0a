"""Adopt an object: a stored file that no row names is the picture that a slot owes."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.core.errors import ObjectMissingError, PictureRefusedError
from services.core.states import (
    OPEN_SLOTS,
    PICTURELESS_ROLES,
    AttemptState,
    RunState,
    SlotState,
    Tier,
)
from services.credits.ledger import charge, lock_account, quota_left
from services.database.models import Account, OrphanedFile, Run, RunSlot, Slot
from services.media.outputs import inspect_output
from services.pipeline.events import EventName, record
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.retry import MISSING, WITHDRAWN, found_generation, is_consent_withdrawn
from services.pipeline.steps.ingest import fill_with_picture
from services.pipeline.steps.store_output import StoredPicture, store_output
from services.pipeline.transitions import (
    CANCELED,
    lock_generation,
    move_run,
    refresh_generation,
    reopen_slot,
    slots_of,
)
from services.providers.base import FailureClass
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.delete_orphan import NAMED, forget_orphan, is_named
from services.remedies.provider_calls import AtProvider, at_provider, cancel_there
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.subjects import (
    BEING_SENT,
    UNDECIDED,
    RunView,
    has_refund,
    view_run,
    view_slot,
)
from services.storage.keys import parse_key

MOST_BYTES = 25 * 1024 * 1024
NO_SLOT = "Say which slot the picture belongs to."
NO_PICTURE = "It is not a picture's original."
TOO_LARGE = "It is larger than any picture that a provider hands out."
GONE = "The storage does not hold it any more."
OTHER_BYTES = "Its bytes are not those that its key names."
NOT_OWED = "The slot has its picture."
WAITS = "The slot's picture is made from another one that is missing."
NOT_ALONE = "Its run makes other pictures too: wait for it, or fail it first."
FOUND = "Its picture was found in the storage."


@dataclass(frozen=True)
class _Found:
    """The object's bytes, or why they are none; what runs for the slot meanwhile."""

    content: bytes | None
    problem: str | None
    work: AtProvider | None
    kept: StoredPicture | None = None


class AdoptObject(RemedyTemplate[_Found]):
    """The slot is filled with it; one that was refunded is charged again at its price."""

    kind = RemedyKind.ADOPT_OBJECT

    def ask(self, offer: RemedyOffer) -> _Found:
        """The storage; the picture is decoded in full."""
        work = None
        if offer.argument:
            with self._parts.database.transaction() as session:
                view = _open_run(session, offer.argument)
                work = at_provider(view) if view else None
        content, problem = self._read(offer.subject_id)
        return _Found(content, problem, work)

    def _read(self, key: str) -> tuple[bytes | None, str | None]:
        if parse_key(key).kind != "originals":
            return None, NO_PICTURE
        info = self._parts.storage.head(key)
        if info is None:
            return None, GONE
        if info.byte_count > MOST_BYTES:
            return None, TOO_LARGE
        try:
            content = self._parts.storage.get(key)
            picture = inspect_output(content)
        except ObjectMissingError:
            return None, GONE
        except PictureRefusedError as error:
            return None, error.sentence
        is_it = picture.sha256 == parse_key(key).sha256
        return content, None if is_it else OTHER_BYTES

    def plan(self, session: Session, offer: RemedyOffer, known: _Found) -> DryRun:
        """The slot's state and what it costs."""
        slot = view_slot(session, offer.argument or "")
        price = _price(session, slot)
        row = session.get(OrphanedFile, offer.subject_id, populate_existing=True)
        costs = f" {price:,} credits are charged again." if price else " No credits move."
        return DryRun(
            offer,
            f"The stored picture fills the slot.{costs}",
            {"slot": slot.state.value, "charge": slot.charge_id, "is_orphan": row is not None},
            credits=-price,
            problem=known.problem or _problem(session, offer, slot, price),
        )

    def before(self, offer: RemedyOffer, known: _Found) -> _Found:
        """Its thumbnail is stored; the original is there."""
        if known.content is None:
            return known
        kept = store_output(self._parts, known.content)
        return _Found(known.content, known.problem, known.work, kept)

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The slot's open run, its generation, its account."""
        slot = view_slot(session, offer.argument or "")
        session.execute(_open_runs(slot.id).with_for_update())
        lock_generation(session, slot.generation_id)
        lock_account(session, slot.account_id)

    def do(self, session: Session, order: Order, known: _Found) -> Done:
        """Charge where it was refunded, fill, and end the run that was to make it."""
        slot = view_slot(session, order.offer.argument or "")
        if known.kept is None:
            raise TypeError("a plan without a problem has a picture")
        view = _open_run(session, slot.id)
        if slot.state in MISSING:
            _reopen(session, order, slot)
        fill_with_picture(session, slot, known.kept)
        if view is not None:
            _end_run(session, view)
        forget_orphan(session, order.subject_id)
        refresh_generation(session, slot.generation_id)
        after = {"slot": slot.id, "state": slot.state.value, "asset": slot.asset_id}
        run_id = view.run.id if view else None
        return Done("The slot has its picture.", after, slot.generation_id, run_id)

    def afterwards(self, order: Order, known: _Found) -> str:
        """What was to make it is ended at the provider."""
        return cancel_there(self._parts, known.work)


def _open_runs(slot_id: str) -> Select[str]:
    runs = select(RunSlot.run_id).where(RunSlot.slot_id == slot_id)
    return select(Run.id).where(Run.id.in_(runs), Run.state.in_(UNDECIDED))


def _open_run(session: Session, slot_id: str) -> RunView | None:
    run_id = session.scalars(_open_runs(slot_id)).first()
    return view_run(session, run_id) if run_id else None


def _price(session: Session, slot: Slot) -> int:
    """Credits to be charged: nothing where the last charge still stands."""
    is_refunded = slot.state in MISSING and has_refund(session, [slot])
    return slot.price_credits if is_refunded else 0


def _problem(session: Session, offer: RemedyOffer, slot: Slot, price: int) -> str | None:
    if is_named(session, offer.subject_id):
        return NAMED
    if slot.role in PICTURELESS_ROLES:
        return NO_PICTURE
    if slot.state is SlotState.FILLED:
        return NOT_OWED
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    if parent is not None and parent.state is not SlotState.FILLED:
        return WAITS
    if is_consent_withdrawn(session, found_generation(session, slot.generation_id)):
        return WITHDRAWN
    return _problem_of_run(session, slot) or _problem_of_money(session, slot, price)


def _problem_of_run(session: Session, slot: Slot) -> str | None:
    view = _open_run(session, slot.id)
    if view is None:
        return None
    if view.is_being_sent:
        return BEING_SENT
    others = [one for one, _ in slots_of(session, view.run.id) if one.id != slot.id]
    return NOT_ALONE if any(one.state in OPEN_SLOTS for one in others) else None


def _problem_of_money(session: Session, slot: Slot, price: int) -> str | None:
    account = session.get_one(Account, slot.account_id, populate_existing=True)
    if price > account.balance:
        return f"This costs {price:,} credits and the account holds {account.balance:,}."
    is_refunded = slot.state in MISSING and has_refund(session, [slot])
    if is_refunded and account.tier is Tier.UNLIMITED and quota_left(session, account) < 1:
        return "Today's quota is used up."
    return None


def _reopen(session: Session, order: Order, slot: Slot) -> None:
    charge_id = slot.charge_id
    if has_refund(session, [slot]):
        account = session.get_one(Account, slot.account_id, populate_existing=True)
        entry = charge(
            session, account, slot.price_credits, 1, slot.generation_id, order.actor, "Found again"
        )
        charge_id = entry.id
        found_generation(session, slot.generation_id).price_credits += slot.price_credits
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    reopen_slot(slot, charge_id, parent)


def _end_run(session: Session, view: RunView) -> None:
    """Its fence moves on: whatever a worker or the provider still brings fills nothing."""
    attempt = view.attempt
    if attempt is not None and attempt.state is AttemptState.RUNNING:
        failure = Failure(FailureClass.CANCELED, FOUND)
        close_attempt(session, attempt.id, AttemptState.CANCELED, failure)
    step = Step(view.run.id, view.run.seq)
    run = move_run(session, step, RunState.CANCELED, failure=CANCELED, failure_detail=FOUND)
    record(session, EventName.RUN_CANCELED, run.generation_id, run_id=run.id, reason=FOUND)
