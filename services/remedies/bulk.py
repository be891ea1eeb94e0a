"""One remedy for many subjects: shown before, done in a thread of this process, resumed after a death."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from services.audit.changes import reason_of
from services.core.actors import Actor, require
from services.core.errors import (
    AtelierError,
    DatabaseUnavailableError,
    InvalidRequestError,
    NotFoundError,
)
from services.core.states import ItemState, OperationState, Role
from services.database.engine import Database
from services.database.models import Operation, OperationItem, new_id
from services.remedies.base import (
    WITH_ARGUMENT,
    DryRun,
    RemedyKind,
    RemedyOffer,
    role_for,
)
from services.remedies.bulk_summaries import (
    STALE_SECONDS,
    BulkDryRun,
    BulkItem,
    OperationView,
    grouped,
    operation_views,
    refusals_of,
)
from services.remedies.bulk_worker import BulkWorker
from services.remedies.service import Remedies

logger = logging.getLogger("atelier.remedies")

MOST = 1_000
LOOKS_AT_ONCE = 4
"""Dry-runs side by side: some ask a provider or the storage."""
TRIES = 8
TRY_EVERY_SECONDS = 15.0
"""Together longer than a sign of life counts: what the process before this one left is found."""
UNKNOWN = "It is not known here any more."
GOES_ON = "It goes on by itself, or has ended."


class BulkRemedies:
    """Previews, starts, resumes and stops bulk remedies."""

    def __init__(self, database: Database, remedies: Remedies) -> None:
        self._database = database
        self._remedies = remedies
        self._worker = BulkWorker(database, remedies)

    def preview(self, actor: Actor, kind: RemedyKind, subject_ids: Sequence[str]) -> BulkDryRun:
        """A dry-run of each; raises InvalidRequestError for too many, or a remedy that needs words."""
        require(actor, Role.OPERATOR)
        ids = _checked(kind, list(dict.fromkeys(subject_ids)))
        with ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="bulk-look") as pool:
            looks = list(pool.map(lambda subject_id: self._look(actor, kind, subject_id), ids))
        can = [look for look in looks if isinstance(look, DryRun)]
        return BulkDryRun(
            kind=kind,
            items=tuple(BulkItem(look.offer.subject_id, look.expected) for look in can),
            refusals=grouped([look for look in looks if isinstance(look, tuple)]),
            credits=sum(look.credits for look in can),
            cost_usd=sum(look.cost_usd for look in can),
        )

    def _look(self, actor: Actor, kind: RemedyKind, subject_id: str) -> DryRun | tuple[str, str]:
        """The dry-run, or the problem with its subject."""
        try:
            look = self._remedies.dry_run(actor, RemedyOffer(kind, subject_id))
        except DatabaseUnavailableError:
            raise
        except NotFoundError:
            return UNKNOWN, subject_id
        except AtelierError as error:
            return error.sentence, subject_id
        return look if look.problem is None else (look.problem, subject_id)

    def start(self, actor: Actor, kind: RemedyKind, items: Sequence[BulkItem], reason: str) -> str:
        """Write it down and begin in a thread; returns its id. Raises InvalidRequestError."""
        require(actor, role_for(kind))
        why = reason_of(reason)
        by_subject = {item.subject_id: item for item in items}
        _checked(kind, list(by_subject))
        operation_id = new_id("bulk")
        with self._database.transaction() as session:
            session.add(
                Operation(
                    id=operation_id,
                    remedy=kind.value,
                    actor=actor.id,
                    reason=why,
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
        self._begin(operation_id)
        return operation_id

    def resume(self, actor: Actor, operation_id: str) -> None:
        """Go on with one whose process died; raises NotFoundError and InvalidRequestError."""
        require(actor, role_for(self._found(operation_id).kind))
        if not self._claim(operation_id):
            raise InvalidRequestError(problem=GOES_ON)
        self._begin(operation_id)

    def stop(self, actor: Actor, operation_id: str) -> None:
        """Do no more of it; what is done stays. Raises NotFoundError and InvalidRequestError."""
        require(actor, role_for(self._found(operation_id).kind))
        with self._database.transaction() as session:
            stopped = session.scalar(
                update(Operation)
                .where(Operation.id == operation_id, Operation.state == OperationState.RUNNING)
                .values(state=OperationState.STOPPED, finished_at=func.clock_timestamp())
                .returning(Operation.id)
            )
        if stopped is None:
            raise InvalidRequestError(problem="It has ended already.")

    def progress(self, actor: Actor, operation_id: str) -> OperationView:
        """How far it has come; raises NotFoundError."""
        require(actor, Role.OPERATOR)
        return self._found(operation_id)

    def recent(self, actor: Actor, limit: int = 20) -> tuple[OperationView, ...]:
        """The newest first."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return tuple(operation_views(session, limit=limit))

    def continue_left(self) -> None:
        """Go on with what an earlier process of this desk left, in a thread; returns at once."""
        threading.Thread(target=self._continue, name="bulk-left", daemon=True).start()

    def _continue(self) -> None:
        for _ in range(TRIES):
            try:
                with self._database.transaction() as session:
                    running = Operation.state == OperationState.RUNNING
                    left = session.scalars(select(Operation.id).where(running)).all()
                for operation_id in left:
                    if self._claim(operation_id):
                        self._begin(operation_id)
            except DatabaseUnavailableError as error:
                logger.info("bulk.waits %s", error.sentence)
            threading.Event().wait(TRY_EVERY_SECONDS)

    def _claim(self, operation_id: str) -> bool:
        """Take it over when nobody has given a sign of life for it."""
        stale_at = func.clock_timestamp() - timedelta(seconds=STALE_SECONDS)
        with self._database.transaction() as session:
            claimed = session.scalar(
                update(Operation)
                .where(
                    Operation.id == operation_id,
                    Operation.state == OperationState.RUNNING,
                    Operation.heartbeat_at < stale_at,
                )
                .values(heartbeat_at=func.clock_timestamp())
                .returning(Operation.id)
            )
        return claimed is not None

    def _begin(self, operation_id: str) -> None:
        threading.Thread(
            target=self._worker.work, args=(operation_id,), name=f"bulk-{operation_id}", daemon=True
        ).start()

    def _found(self, operation_id: str) -> OperationView:
        with self._database.transaction() as session:
            views = operation_views(session, [operation_id])
            if not views:
                raise NotFoundError(what="bulk remedy", id=operation_id)
            refusals = refusals_of(session, operation_id)
        return replace(views[0], refusals=refusals)


def _checked(kind: RemedyKind, ids: list[str]) -> list[str]:
    if kind in WITH_ARGUMENT:
        raise InvalidRequestError(problem="This remedy is ordered for one at a time.")
    if not ids:
        raise InvalidRequestError(problem="Choose what it is to be done for.")
    if len(ids) > MOST:
        raise InvalidRequestError(problem=f"Choose {MOST:,} at most; these are {len(ids):,}.")
    return ids
