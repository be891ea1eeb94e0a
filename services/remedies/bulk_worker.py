"""Works through a bulk remedy, one subject at a time; whoever dies in between leaves the rest pending."""

import logging
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.actors import SYSTEM, Actor
from services.core.errors import (
    AtelierError,
    DatabaseUnavailableError,
    InvalidRequestError,
    LeaseLostError,
    NotAllowedError,
    NotFoundError,
    RemedyRefusedError,
)
from services.core.states import ItemState, OperationState
from services.database.engine import Database
from services.database.models import Audit, Operation, OperationItem, Person
from services.remedies.base import RemedyKind, RemedyOffer
from services.remedies.service import Remedies

logger = logging.getLogger("atelier.remedies")

REFUSALS = (
    RemedyRefusedError,
    NotFoundError,
    NotAllowedError,
    InvalidRequestError,
    LeaseLostError,
)
"""Errors that say no for good; others say that something was away."""
LEFT = "The person who ordered this does not work at this desk any more."
UNEXPECTED = "An unexpected error ({name}) stopped this one. The log has it."


@dataclass(frozen=True)
class _Next:
    """One subject that is to be done now."""

    operation: Operation
    item: OperationItem


class BulkWorker:
    """Does what is pending of an operation, in this thread."""

    def __init__(self, database: Database, remedies: Remedies) -> None:
        self._database = database
        self._remedies = remedies

    def work(self, operation_id: str) -> None:
        """Until nothing is pending, or somebody stops it; without the database it is left as it is."""
        try:
            while found := self._next(operation_id):
                state, told = self._do(found)
                with self._database.transaction() as session:
                    _write(session, found.item, state, told)
        except DatabaseUnavailableError as error:
            logger.warning("bulk.left operation=%s %s", operation_id, error.sentence)

    def _next(self, operation_id: str) -> _Next | None:
        """Give a sign of life and take the next; without one it is done."""
        with self._database.transaction() as session:
            operation = session.scalar(
                update(Operation)
                .where(Operation.id == operation_id, Operation.state == OperationState.RUNNING)
                .values(heartbeat_at=func.clock_timestamp())
                .returning(Operation)
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
            return _Next(operation, item)

    def _do(self, found: _Next) -> tuple[ItemState, str]:
        operation, item = found.operation, found.item
        offer = RemedyOffer(RemedyKind(operation.remedy), item.subject_id)
        try:
            actor = self._actor(operation)
            done = self._remedies.apply(actor, offer, operation.reason, item.expected)
        except DatabaseUnavailableError:
            raise
        except REFUSALS as error:
            if self._was_done(operation, item):
                return ItemState.DONE, "It was done before this was interrupted."
            return ItemState.REFUSED, error.sentence
        except AtelierError as error:
            return ItemState.FAILED, error.sentence
        # The boundary of a thread: one subject's surprise must not keep the others from being done.
        except Exception as error:
            logger.exception("bulk.failed operation=%s subject=%s", operation.id, item.subject_id)
            return ItemState.FAILED, UNEXPECTED.format(name=type(error).__name__)
        return ItemState.DONE, done.sentence

    def _actor(self, operation: Operation) -> Actor:
        """Whoever ordered it, with the role of today."""
        if operation.actor == SYSTEM.id:
            return SYSTEM
        with self._database.transaction() as session:
            person = session.get(Person, operation.actor)
        if person is None or person.disabled_at is not None:
            raise InvalidRequestError(problem=LEFT)
        return Actor(person.id, person.name, person.role)

    def _was_done(self, operation: Operation, item: OperationItem) -> bool:
        """A process may have died between the remedy's commit and the item's."""
        query = select(Audit.id).where(
            Audit.subject_id == item.subject_id,
            Audit.action == f"remedy.{operation.remedy}",
            Audit.actor == operation.actor,
            Audit.at >= operation.created_at,
        )
        with self._database.transaction() as session:
            return session.scalar(query.limit(1)) is not None


def _write(session: Session, item: OperationItem, state: ItemState, told: str) -> None:
    session.execute(
        update(OperationItem)
        .where(
            OperationItem.operation_id == item.operation_id,
            OperationItem.position == item.position,
            OperationItem.state == ItemState.PENDING,
        )
        .values(state=state, message=told)
    )
