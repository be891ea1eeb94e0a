"""The functions that queue jobs name: (run id, seq) → one step of the pipeline, nothing more."""

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
from services.pipeline.steps.ingest_weights import ingest_weights as keep_weights_of
from services.pipeline.steps.poll import poll as poll_run
from services.pipeline.steps.reconcile import reconcile as reconcile_run
from services.pipeline.steps.submit import submit as submit_run

logger = logging.getLogger("atelier.steps")

ALLOWED = frozenset(
    f"{__name__}.{step}" for step in ("submit", "reconcile", "poll", "ingest", "ingest_weights")
)

_process: list[tuple[StepContext, str]] = []


def install(parts: StepContext, worker_name: str) -> None:
    """Give this process what its steps work with; call once, before the first job."""
    _process[:] = [(parts, worker_name)]


def submit(run_id: str, seq: int) -> None:
    """Send a queued run to its provider."""
    _do(submit_run, Step(run_id, seq))


def reconcile(run_id: str, seq: int) -> None:
    """Find out what became of a create that nobody saw answered."""
    _do(reconcile_run, Step(run_id, seq))


def poll(run_id: str, seq: int) -> None:
    """Look at a prediction once."""
    _do(poll_run, Step(run_id, seq))


def ingest(run_id: str, seq: int) -> None:
    """Fetch what the provider made and fill the slots."""
    _do(ingest_run, Step(run_id, seq))


def ingest_weights(run_id: str, seq: int) -> None:
    """Download and keep what a training made; minutes, on the low queue."""
    _do(keep_weights_of, Step(run_id, seq))


def _do(work: Callable[[StepContext, Step, str], None], step: Step) -> None:
    parts, worker_name = _process[0]
    name = f"{worker_name}/{threading.current_thread().name}"
    try:
        work(parts, step, name)
    except LeaseLostError as error:
        logger.warning("step.lease_lost run=%s seq=%s %s", step.run_id, step.seq, error)
    except DatabaseUnavailableError:
        logger.warning("step.no_database run=%s seq=%s", step.run_id, step.seq)
        raise
    except Exception:
        # The process boundary: whatever went wrong, the run must be tried again or end, and RQ
        # keeps the traceback. Without this it would stay leased until the lease is over.
        _settle_crash(parts, step)
        raise


def _settle_crash(parts: StepContext, step: Step) -> None:
    reference = secrets.token_hex(4)
    logger.exception("step.crashed run=%s seq=%s reference=%s", step.run_id, step.seq, reference)
    detail = f"An error of ours (reference {reference})."
    try:
        with parts.database.transaction() as session:
            run = session.get_one(Run, step.run_id)
            if run.seq == step.seq:
                step_failed(session, step, run, detail, parts.limits)
    except (LeaseLostError, DatabaseUnavailableError) as error:
        logger.warning("step.not_settled run=%s reference=%s %s", step.run_id, reference, error)
