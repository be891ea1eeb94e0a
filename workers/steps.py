"""The functions that queue jobs name, each (run id, seq) → one step of a run; and the job class.

Redis is private, but a forged job must not become code: RQ would import and call any name.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from rq.exceptions import DeserializationError
from rq.job import Job

from services.core.errors import DatabaseUnavailableError, LeaseLostError
from services.core.states import RunState
from services.database.models import Run
from services.monitoring.error_reports import report_error
from services.pipeline.failures import step_failed
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import StepContext
from services.pipeline.steps.ingest import ingest as ingest_run
from services.pipeline.steps.poll import poll as poll_run
from services.pipeline.steps.reconcile import reconcile as reconcile_run
from services.pipeline.steps.submit import submit as submit_run

logger = logging.getLogger("atelier.steps")

BUSY_SECONDS = 5.0
"""Seconds until a step is retried whose transaction the database refused."""
ALLOWED = frozenset(f"{__name__}.{step}" for step in ("submit", "reconcile", "poll", "ingest"))

_process: list[tuple[StepContext, str]] = []


def install(context: StepContext, worker_name: str) -> None:
    """Set the context of this process's steps; call once, before the first job."""
    _process[:] = [(context, worker_name)]


def submit(run_id: str, seq: int) -> None:
    """Send a queued run to its provider."""
    _run(submit_run, Step(run_id, seq))


def reconcile(run_id: str, seq: int) -> None:
    """Look up a create whose answer was lost."""
    _run(reconcile_run, Step(run_id, seq))


def poll(run_id: str, seq: int) -> None:
    """Poll a prediction once."""
    _run(poll_run, Step(run_id, seq))


def ingest(run_id: str, seq: int) -> None:
    """Download and store the provider's outputs, and fill the slots."""
    _run(ingest_run, Step(run_id, seq))


def _run(work: Callable[[StepContext, Step, str], None], step: Step) -> None:
    context, worker_name = _process[0]
    name = f"{worker_name}/{threading.current_thread().name}"
    try:
        work(context, step, name)
    except LeaseLostError as error:
        logger.warning("step.lease_lost run=%s seq=%s %s", step.run_id, step.seq, error)
    except DatabaseUnavailableError as error:
        logger.warning("step.no_database run=%s seq=%s %s", step.run_id, step.seq, error.problem)
        _give_back(context, step)
        raise
    except Exception:
        # The process boundary: after any error the run must be retried or end, and RQ stores the
        # traceback. Without this the run would stay leased until its lease expires.
        _settle_crash(context, step, f"step {work.__name__}")
        raise


def _give_back(context: StepContext, step: Step) -> None:
    """Make the step due again: a database that was busy is no failure of the run.

    Not one that may have been sent: its lease runs out, and the search counts from then.
    """
    try:
        with context.database.transaction(lock_seconds=1.0) as session:
            if session.get_one(Run, step.run_id).state is not RunState.SUBMITTING:
                reschedule(session, step, BUSY_SECONDS)
    except (LeaseLostError, DatabaseUnavailableError) as error:
        logger.warning("step.not_given_back run=%s seq=%s %s", step.run_id, step.seq, error)


def _settle_crash(context: StepContext, step: Step, place: str) -> None:
    reference = report_error(context.database, logger, place, run_id=step.run_id)
    detail = f"An error of ours (reference {reference})."
    try:
        with context.database.transaction() as session:
            run = session.get_one(Run, step.run_id)
            if run.seq == step.seq:
                step_failed(session, step, run, detail, context.limits)
    except (LeaseLostError, DatabaseUnavailableError) as error:
        logger.warning("step.not_settled run=%s reference=%s %s", step.run_id, reference, error)


class StepJob(Job):
    """A job that names one of our steps; its callbacks, retries, limits and webhooks are ignored."""

    def _deserialize_data(self) -> None:
        # Raising here marks the job failed; raising in restore() would end the worker.
        super()._deserialize_data()  # type: ignore[no-untyped-call]
        if self._instance is not None or str(self._func_name) not in ALLOWED:
            raise DeserializationError(f"{self._func_name} is no step of Atelier")

    def restore(self, raw_data: Any) -> Any:
        """Read the job's hash and drop everything that our jobs never have."""
        super().restore(raw_data)
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self._dependency_ids = []
        self.webhooks = []
        self.retries_left = None
        self.retry_intervals = None
        self.repeats_left = None
        self.repeat_intervals = None
        self.rate_limit_key = None
        self.rate_limit_concurrency = None
