"""The functions that queue jobs name: (run id, seq) → one step of the pipeline."""

import logging
import secrets
import threading
from collections.abc import Callable

from services.core.errors import DatabaseUnavailableError, LeaseLostError
from services.database.models import Run
from services.pipeline.failures import step_failed
from services.pipeline.leases import Step
from services.pipeline.step_context import StepContext
from services.pipeline.steps.ingest import ingest as ingest_run
from services.pipeline.steps.poll import poll as poll_run
from services.pipeline.steps.reconcile import reconcile as reconcile_run
from services.pipeline.steps.submit import submit as submit_run

logger = logging.getLogger("atelier.steps")

ALLOWED = frozenset(f"{__name__}.{step}" for step in ("submit", "reconcile", "poll", "ingest"))

_process: list[tuple[StepContext, str]] = []


def install(context: StepContext, worker_name: str) -> None:
    """Set what the steps of this process work with; call once, before the first job."""
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
    """Download and store what the provider made, and fill the slots."""
    _run(ingest_run, Step(run_id, seq))


def _run(work: Callable[[StepContext, Step, str], None], step: Step) -> None:
    context, worker_name = _process[0]
    name = f"{worker_name}/{threading.current_thread().name}"
    try:
        work(context, step, name)
    except LeaseLostError as error:
        logger.warning("step.lease_lost run=%s seq=%s %s", step.run_id, step.seq, error)
    except DatabaseUnavailableError:
        logger.warning("step.no_database run=%s seq=%s", step.run_id, step.seq)
        raise
    except Exception:
        # The process boundary: after any error the run must be retried or end, and RQ stores the
        # traceback. Without this the run would stay leased until its lease expires.
        _settle_crash(context, step)
        raise


def _settle_crash(context: StepContext, step: Step) -> None:
    reference = secrets.token_hex(4)
    logger.exception("step.crashed run=%s seq=%s reference=%s", step.run_id, step.seq, reference)
    detail = f"An error of ours (reference {reference})."
    try:
        with context.database.transaction() as session:
            run = session.get_one(Run, step.run_id)
            if run.seq == step.seq:
                step_failed(session, step, run, detail, context.limits)
    except (LeaseLostError, DatabaseUnavailableError) as error:
        logger.warning("step.not_settled run=%s reference=%s %s", step.run_id, reference, error)
