"""BulkRemedies: one remedy for many subjects, previewed, applied in a thread, resumed."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from services.audit.changes import reason_of
from services.core.actors import SYSTEM, Actor, require
from services.core.errors import (
    AtelierError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    InvalidRequestError,
    LeaseLostError,
    NotAllowedError,
    NotFoundError,
    RemedyRefusedError,
)
from services.core.ids import is_id
from services.core.states import ItemState, OperationState, Role
from services.core.text import for_terminal
from services.core.thresholds import OPERATION_SILENT_SECONDS
from services.database.engine import Database
from services.database.models import Audit, Operation, OperationItem, Person, new_id
from services.remedies.base import BulkDryRun, BulkItem, BulkRefusal, DryRun, RemedyOffer
from services.remedies.registry import Remedies, remedy_of

logger = logging.getLogger("atelier.remedies")
MAX_SUBJECTS = 1_000
DRY_RUN_THREADS = 4
"""Some dry runs call a provider or storage."""
CONTINUE_TRIES = 8
CONTINUE_EVERY_SECONDS = 15.0
"""All tries together last longer than `OPERATION_SILENT_SECONDS`, so what an earlier process left is found."""
REFUSALS = RemedyRefusedError, NotFoundError, NotAllowedError, InvalidRequestError, LeaseLostError
"""Errors that refuse a subject for good; others mean that something did not answer."""


@dataclass(frozen=True)
class OperationSummary:
    """Progress of an operation; `is_stalled`: its process died, and it can be resumed."""

    id: str
    remedy_id: str
    actor: str
    reason: str
    state: OperationState
    is_stalled: bool
    pending: int
    done: int
    refused: int
    failed: int
    created_at: datetime
    refusals: tuple[BulkRefusal, ...] = ()
    """Read for a single operation only."""

    @property
    def total(self) -> int:
        """Number of subjects."""
        return self.pending + self.done + self.refused + self.failed

    @property
    def progress(self) -> float:
        """Share of subjects that are finished, 0 to 1."""
        return 1.0 - self.pending / self.total if self.total else 1.0


def grouped(problems: Sequence[tuple[str, str]]) -> tuple[BulkRefusal, ...]:
    """Group pairs of problem and subject id by problem, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for problem, subject_id in problems:
        groups.setdefault(problem, []).append(subject_id)
    refusals = (BulkRefusal(problem, tuple(ids)) for problem, ids in groups.items())
    return tuple(sorted(refusals, key=lambda refusal: -refusal.count))


def is_silent() -> ColumnElement[bool]:
    """Return the condition that an operation's process sends no heartbeat any more."""
    limit = timedelta(seconds=OPERATION_SILENT_SECONDS)
    return Operation.heartbeat_at < func.clock_timestamp() - limit


def _running(operation_id: str) -> ReturningUpdate[Operation]:
    """Update this operation if it runs, and return it."""
    is_running = Operation.state == OperationState.RUNNING
    return update(Operation).where(Operation.id == operation_id, is_running).returning(Operation)


def operation_summaries(
    session: Session, ids: Sequence[str] | None = None, limit: int = 20
) -> list[OperationSummary]:
    """Read these operations, or the newest, in one statement."""
    chosen = select(Operation.id).order_by(Operation.created_at.desc(), Operation.id.desc())
    chosen = chosen.limit(limit) if ids is None else chosen.where(Operation.id.in_(ids))
    states = (ItemState.PENDING, ItemState.DONE, ItemState.REFUSED, ItemState.FAILED)
    rows = session.execute(
        select(
            Operation,
            func.coalesce(Person.name, Operation.actor),
            is_silent(),
            *(func.count().filter(OperationItem.state == state) for state in states),
        )
        .outerjoin(Person, Person.id == Operation.actor)
        .join(OperationItem, OperationItem.operation_id == Operation.id)
        .where(Operation.id.in_(chosen))
        .group_by(Operation.id, Person.name)
        .order_by(Operation.created_at.desc(), Operation.id.desc())
    )
    return [
        OperationSummary(
            id=row.id,
            remedy_id=row.remedy,
            actor=name,
            reason=row.reason,
            state=row.state,
            is_stalled=is_stale and row.state is OperationState.RUNNING,
            pending=pending,
            done=done,
            refused=refused,
            failed=failed,
            created_at=row.created_at,
        )
        for row, name, is_stale, pending, done, refused, failed in map(tuple, rows)
    ]


def refusals_of(session: Session, operation_id: str) -> tuple[BulkRefusal, ...]:
    """Read why some of its subjects were not done."""
    rows = session.execute(
        select(OperationItem.message, OperationItem.subject_id)
        .where(
            OperationItem.operation_id == operation_id,
            OperationItem.state.in_((ItemState.REFUSED, ItemState.FAILED)),
        )
        .order_by(OperationItem.position)
    )
    return grouped([(message or "", subject_id) for message, subject_id in rows])


class BulkRemedies:
    """Previews, starts, resumes and stops bulk remedies."""

    def __init__(self, database: Database, remedies: Remedies) -> None:
        self._database = database
        self._remedies = remedies

    def preview(self, actor: Actor, remedy_id: str, subject_ids: Sequence[str]) -> BulkDryRun:
        """Dry-run it for each subject; raises InvalidRequestError and NotFoundError."""
        require(actor, Role.OPERATOR)
        ids = _checked(remedy_id, list(dict.fromkeys(subject_ids)))
        offers = [RemedyOffer(remedy_id, subject_id) for subject_id in ids]
        with ThreadPoolExecutor(DRY_RUN_THREADS, thread_name_prefix="bulk-dry-run") as pool:
            results = list(pool.map(lambda offer: self._dry_run(actor, offer), offers))
        dry_runs = [result for result in results if isinstance(result, DryRun)]
        return BulkDryRun(
            remedy_id=remedy_id,
            items=tuple(BulkItem(one.offer.subject_id, one.expected) for one in dry_runs),
            refusals=grouped([result for result in results if isinstance(result, tuple)]),
            credits=sum(one.credits for one in dry_runs),
            cost_usd=sum(one.cost_usd for one in dry_runs),
        )

    def _dry_run(self, actor: Actor, offer: RemedyOffer) -> DryRun | tuple[str, str]:
        """Return the dry run, or the problem and its subject's id."""
        try:
            dry_run = self._remedies.dry_run(actor, offer)
        except DatabaseBusyError as error:
            return error.problem.sentence, offer.subject_id
        except DatabaseUnavailableError:
            raise
        except NotFoundError:
            return "It does not exist here any more.", offer.subject_id
        except AtelierError as error:
            return error.sentence, offer.subject_id
        return (dry_run.problem, offer.subject_id) if dry_run.problem else dry_run

    def start(self, actor: Actor, remedy_id: str, items: Sequence[BulkItem], reason: str) -> str:
        """Store the operation and start its thread; returns its id.

        Raises InvalidRequestError and NotFoundError.
        """
        require(actor, remedy_of(remedy_id).role)
        reason = reason_of(reason)
        by_subject = {item.subject_id: item for item in items}
        _checked(remedy_id, list(by_subject))
        operation_id = new_id("bulk")
        with self._database.transaction() as session:
            session.add(
                Operation(
                    id=operation_id,
                    remedy=remedy_id,
                    actor=actor.id,
                    reason=reason,
                    state=OperationState.RUNNING,
                )
            )
            session.flush()
            session.add_all(
                OperationItem(
                    operation_id=operation_id,
                    position=position,
                    subject_id=item.subject_id,
                    expected=dict(item.expected),
                    state=ItemState.PENDING,
                )
                for position, item in enumerate(by_subject.values())
            )
        self._start_thread(operation_id)
        return operation_id

    def resume(self, actor: Actor, operation_id: str) -> None:
        """Resume one whose process died; raises NotFoundError and InvalidRequestError."""
        require(actor, remedy_of(self._found(operation_id).remedy_id).role)
        if not self._claim(operation_id):
            raise InvalidRequestError(problem="It is running, or has ended.")
        self._start_thread(operation_id)

    def stop(self, actor: Actor, operation_id: str) -> None:
        """Stop it; the rest stays pending; raises NotFoundError and InvalidRequestError."""
        require(actor, remedy_of(self._found(operation_id).remedy_id).role)
        with self._database.transaction() as session:
            stopped = session.scalar(
                _running(operation_id).values(
                    state=OperationState.STOPPED, finished_at=func.clock_timestamp()
                )
            )
        if stopped is None:
            raise InvalidRequestError(problem="It has ended already.")

    def progress(self, actor: Actor, operation_id: str) -> OperationSummary:
        """Read its progress; raises NotFoundError."""
        require(actor, Role.OPERATOR)
        return self._found(operation_id)

    def continue_left(self) -> None:
        """Continue, in a thread, what an earlier web process left; returns at once."""
        threading.Thread(target=self._continue, name="bulk-left", daemon=True).start()

    def _continue(self) -> None:
        for _ in range(CONTINUE_TRIES):
            try:
                with self._database.transaction() as session:
                    running = Operation.state == OperationState.RUNNING
                    left = session.scalars(select(Operation.id).where(running)).all()
                for operation_id in left:
                    if self._claim(operation_id):
                        self._start_thread(operation_id)
            except DatabaseUnavailableError as error:
                logger.info("bulk.waits %s", error.sentence)
            threading.Event().wait(CONTINUE_EVERY_SECONDS)

    def _claim(self, operation_id: str) -> bool:
        """Take over an operation whose heartbeat is stale."""
        claim = _running(operation_id).where(is_silent())
        with self._database.transaction() as session:
            return session.scalar(claim.values(heartbeat_at=func.clock_timestamp())) is not None

    def _start_thread(self, operation_id: str) -> None:
        threading.Thread(
            target=self.work, args=(operation_id,), name=f"bulk-{operation_id}", daemon=True
        ).start()

    def _found(self, operation_id: str) -> OperationSummary:
        if not is_id(operation_id):
            raise NotFoundError(what="bulk remedy", id=for_terminal(operation_id[:40]))
        with self._database.transaction() as session:
            summaries = operation_summaries(session, [operation_id])
            if not summaries:
                raise NotFoundError(what="bulk remedy", id=operation_id)
            refusals = refusals_of(session, operation_id)
        return replace(summaries[0], refusals=refusals)

    def work(self, operation_id: str) -> None:
        """Apply it in this thread until nothing is pending or it is stopped; a crash leaves the rest."""
        try:
            while found := self._next(operation_id):
                operation, item = found
                state, message = self._apply(operation, item)
                with self._database.transaction() as session:
                    _write(session, item, state, message)
        except DatabaseUnavailableError as error:
            logger.warning("bulk.left operation=%s %s", operation_id, error.sentence)

    def _next(self, operation_id: str) -> tuple[Operation, OperationItem] | None:
        """Send a heartbeat and take the next pending item; without one the operation is done."""
        with self._database.transaction() as session:
            operation = session.scalar(
                _running(operation_id).values(heartbeat_at=func.clock_timestamp())
            )
            if operation is None:
                return None
            item = session.scalar(
                select(OperationItem)
                .where(
                    OperationItem.operation_id == operation_id,
                    OperationItem.state == ItemState.PENDING,
                )
                .order_by(OperationItem.position)
                .limit(1)
            )
            if item is None:
                operation.state = OperationState.DONE
                operation.finished_at = func.clock_timestamp()
                return None
            return operation, item

    def _apply(self, operation: Operation, item: OperationItem) -> tuple[ItemState, str]:
        offer = RemedyOffer(operation.remedy, item.subject_id)
        try:
            actor = self._actor(operation)
            outcome = self._remedies.apply(actor, offer, operation.reason, item.expected)
        except DatabaseBusyError as error:
            return ItemState.FAILED, str(error.problem)
        except DatabaseUnavailableError:
            raise
        except REFUSALS as error:
            if self._was_applied(operation, item):
                return ItemState.DONE, "It was applied before this was interrupted."
            return ItemState.REFUSED, error.sentence
        except AtelierError as error:
            return ItemState.FAILED, error.sentence
        # The boundary of a thread: an unexpected error must not stop the other subjects.
        except Exception as error:
            logger.exception("bulk.failed operation=%s subject=%s", operation.id, item.subject_id)
            name = type(error).__name__
            return (
                ItemState.FAILED,
                f"An unexpected error ({name}) stopped this one. The log has it.",
            )
        return ItemState.DONE, outcome.sentence

    def _actor(self, operation: Operation) -> Actor:
        """Return the person who started it, with their present role."""
        if operation.actor == SYSTEM.id:
            return SYSTEM
        with self._database.transaction() as session:
            person = session.get(Person, operation.actor)
        if person is None or person.disabled_at is not None:
            raise InvalidRequestError(problem="The person who started this has no access any more.")
        return Actor(person.id, person.name, person.role)

    def _was_applied(self, operation: Operation, item: OperationItem) -> bool:
        """Whether a process died between the remedy's commit and the item's."""
        query = select(Audit.id).where(
            Audit.subject_id == item.subject_id,
            Audit.action == f"remedy.{operation.remedy}",
            Audit.actor == operation.actor,
            Audit.at >= operation.created_at,
        )
        with self._database.transaction() as session:
            return session.scalar(query.limit(1)) is not None


def _checked(remedy_id: str, ids: list[str]) -> list[str]:
    if remedy_of(remedy_id).argument:
        raise InvalidRequestError(problem="This remedy is applied to one at a time.")
    if not ids:
        raise InvalidRequestError(problem="Select at least one.")
    if len(ids) > MAX_SUBJECTS:
        problem = f"Select at most {MAX_SUBJECTS:,}; these are {len(ids):,}."
        raise InvalidRequestError(problem=problem)
    return ids


def _write(session: Session, item: OperationItem, state: ItemState, message: str) -> None:
    session.execute(
        update(OperationItem)
        .where(
            OperationItem.operation_id == item.operation_id,
            OperationItem.position == item.position,
            OperationItem.state == ItemState.PENDING,
        )
        .values(state=state, message=message)
    )
