"""Settle failures: retry with backoff, or end the run and refund it."""

import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.errors import AtelierError, StorageError
from services.core.states import AttemptState, RunState
from services.credits.costs import cost_of
from services.database.models import Attempt, ProviderState, Run
from services.fetch.network import FetchError
from services.pipeline.events import EventName, record_run
from services.pipeline.leases import Step, reschedule, seconds_from_now
from services.pipeline.rate_limits import lower_rate
from services.pipeline.step_context import Limits, is_refunded, latest_attempt, update_attempt
from services.pipeline.transitions import (
    NEW_ATTEMPT,
    cancel_run,
    fail_run,
    is_canceling,
    move_run,
    refresh_generation,
)
from services.providers.base import POLICY, FailureClass, ProviderError

RETRY_MAX_SECONDS = 60.0
MAX_BLOCK_SECONDS = 86_400.0
"""A reply may name years; whatever waits for longer than a day is ended anyway."""


@dataclass(frozen=True)
class Failure:
    """One failure, as the pipeline decides on it."""

    kind: FailureClass
    detail: str
    retry_after_seconds: float | None = None
    component: str = ""
    """What of ours failed, if anything did: `storage`, `network` or `picture`."""


def not_sent(
    session: Session,
    step: Step,
    run: Run,
    error: ProviderError,
    limits: Limits,
    attempt_count: int,
) -> None:
    """Queue a run of which nothing was created; `attempt_count` counts no attempt for it.

    A throttled provider is waited for; an unreachable one is retried with backoff, then given up.
    """
    if _ends_canceled(session, step, run):
        return
    if error.failure is FailureClass.THROTTLED:
        _wait_for_provider(session, step, run, error, attempt_count)
        return
    refused = run.refused_count + 1
    if refused >= limits.max_refused:
        fail_run(session, step, error.failure, error.detail)
        return
    delay = min(RETRY_MAX_SECONDS, limits.refused_base_seconds * 2.0**run.refused_count)
    _back_to_queue(
        session,
        step,
        run,
        delay,
        attempt_count=attempt_count,
        refused_count=refused,
    )
    record_run(
        session,
        EventName.RUN_RETRIED,
        run,
        failure=error.failure.value,
        reason=error.detail,
        in_seconds=delay,
    )


def _wait_for_provider(
    session: Session, step: Step, run: Run, error: ProviderError, attempt_count: int
) -> None:
    """Block the provider, so that nothing is submitted before it takes requests."""
    wait = min(error.retry_after_seconds or 5.0, MAX_BLOCK_SECONDS)
    delay = wait + 1.0 + random.random()
    block_provider(session, run.provider, delay)
    if error.creates_per_minute:
        lower_rate(session, run.provider, error.creates_per_minute / 60.0)
    _back_to_queue(session, step, run, delay, attempt_count=attempt_count)
    record_run(
        session, EventName.RUN_THROTTLED, run, reason=error.detail, in_seconds=round(delay, 1)
    )


def _back_to_queue(
    session: Session, step: Step, run: Run, in_seconds: float, **changes: Any
) -> None:
    """Queue the run once more; one that is still queued is only rescheduled."""
    if run.state is RunState.QUEUED:
        reschedule(session, step, in_seconds, **changes)
        return
    moved = move_run(session, step, RunState.QUEUED, in_seconds=in_seconds, **NEW_ATTEMPT | changes)
    refresh_generation(session, moved.generation_id)


def retry_or_fail(session: Session, step: Step, run: Run, failure: Failure, limits: Limits) -> None:
    """Queue another attempt where the failure's class allows one, else fail the run and refund it."""
    if _ends_canceled(session, step, run):
        return
    allowed = min(POLICY[failure.kind].attempts, limits.max_attempts)
    if run.attempt_count >= allowed:
        refunded = is_refunded(limits, failure.kind)
        fail_run(session, step, failure.kind, failure.detail, is_refunded=refunded)
        return
    backoff = limits.retry_base_seconds * 2.0 ** (run.attempt_count - 1)
    delay = min(failure.retry_after_seconds or min(RETRY_MAX_SECONDS, backoff), MAX_BLOCK_SECONDS)
    _back_to_queue(session, step, run, delay)
    record_run(
        session,
        EventName.RUN_RETRIED,
        run,
        failure=failure.kind.value,
        reason=failure.detail,
        attempt=run.attempt_count,
        in_seconds=delay,
        part=failure.component,
    )


def _ends_canceled(session: Session, step: Step, run: Run) -> bool:
    """Cancel the run instead of a retry, if a person has canceled its generation."""
    if not is_canceling(session, run.generation_id):
        return False
    cancel_run(session, step)
    return True


def close_attempt(
    session: Session, attempt_id: str, state: AttemptState, failure: Failure | None = None
) -> None:
    """Store how an attempt ended, and what it cost."""
    update_attempt(
        session,
        attempt_id,
        state=state,
        failure=failure.kind if failure else None,
        failure_detail=failure.detail if failure else None,
        finished_at=func.coalesce(Attempt.finished_at, func.clock_timestamp()),
        actual_cost_usd=cost_of(state),
    )


def component_of(error: AtelierError | FetchError) -> str:
    """Name what of ours failed, as the timeline shows it."""
    if isinstance(error, StorageError):
        return "storage"
    return "network" if isinstance(error, FetchError) else "picture"


def step_failed(
    session: Session, step: Step, run: Run, detail: str, limits: Limits, component: str = ""
) -> None:
    """Reschedule a step that failed (storage, network, an error of ours), with backoff.

    After too many failures the run ends. `component`: as of a `Failure`.
    """
    failures = run.step_failures + 1
    if failures > limits.max_step_failures:
        fail_exhausted(session, step, run.state, detail)
        return
    delay = min(RETRY_MAX_SECONDS, limits.retry_base_seconds * 2.0 ** (failures - 1))
    reschedule(session, step, delay, step_failures=failures)
    record_run(
        session,
        EventName.RUN_STEP_FAILED,
        run,
        state=run.state.value,
        reason=detail,
        in_seconds=delay,
        part=component,
    )


def fail_exhausted(session: Session, step: Step, state: RunState, detail: str) -> None:
    """Fail and refund a run that has no tries left; an unknown submit goes to review."""
    if state is RunState.SUBMITTING:
        request_review(session, step, detail)
    else:
        fail_run(session, step, FailureClass.UNKNOWN, detail)


def request_review(session: Session, step: Step, detail: str, candidates: int = 0) -> None:
    """Hold a run, and its credits, until a person decides: the provider may have the request."""
    run = move_run(
        session,
        step,
        RunState.NEEDS_REVIEW,
        failure=FailureClass.AMBIGUOUS,
        failure_detail=detail,
    )
    attempt = latest_attempt(session, run.id)
    update_attempt(session, attempt.id, state=AttemptState.UNKNOWN, failure_detail=detail)
    record_run(session, EventName.RUN_NEEDS_REVIEW, run, attempt=attempt.id, candidates=candidates)
    refresh_generation(session, run.generation_id)


def settle_unsent(
    session: Session, step: Step, run: Run, error: ProviderError, limits: Limits
) -> None:
    """Retry or fail a run whose request could not be prepared; no attempt exists."""
    if error.pauses_provider:
        pause_provider(session, run, error)
    if error.failure in (FailureClass.THROTTLED, FailureClass.TRANSIENT, FailureClass.AMBIGUOUS):
        not_sent(session, step, run, error, limits, run.attempt_count)
    else:
        fail_run(session, step, error.failure, error.detail)


def settle_create_error(
    session: Session, step: Step, attempt_id: str, error: ProviderError, limits: Limits
) -> None:
    """Settle a create that was not answered with a prediction; an unclear one is reconciled."""
    if error.failure is not FailureClass.AMBIGUOUS:
        settle_refused(session, step, attempt_id, error, limits)
        return
    update_attempt(session, attempt_id, state=AttemptState.UNKNOWN, failure_detail=error.detail)
    run = session.get_one(Run, step.run_id)
    reschedule(session, step, limits.first_poll_seconds)
    record_run(session, EventName.RUN_STEP_FAILED, run, state=run.state.value, reason=error.detail)


def settle_refused(
    session: Session, step: Step, attempt_id: str, error: ProviderError, limits: Limits
) -> None:
    """Settle a call that was refused or not received; one that may have run is an attempt."""
    run = session.get_one(Run, step.run_id)
    if error.pauses_provider:
        pause_provider(session, run, error)
    failure = Failure(error.failure, error.detail, error.retry_after_seconds)
    if error.reached and error.failure is not FailureClass.THROTTLED:
        close_attempt(session, attempt_id, AttemptState.FAILED, failure)
        retry_or_fail(session, step, run, failure, limits)
    else:
        close_attempt(session, attempt_id, AttemptState.NOT_SENT, failure)
        not_sent(session, step, run, error, limits, run.attempt_count - 1)


def block_provider(session: Session, provider: str, seconds: float) -> None:
    """Submit nothing to this provider for so many seconds."""
    until = seconds_from_now(seconds)
    session.execute(
        insert(ProviderState)
        .values(provider=provider, blocked_until=until)
        .on_conflict_do_update(
            index_elements=[ProviderState.provider],
            set_={"blocked_until": func.greatest(ProviderState.blocked_until, until)},
        )
    )


def pause_provider(session: Session, run: Run, error: ProviderError) -> None:
    """Pause a provider of which every call would fail the same way, until it is resumed."""
    paused = {
        "paused_at": func.now(),
        "paused_reason": error.detail,
        "paused_failure": error.failure.value,
    }
    session.execute(
        insert(ProviderState)
        .values(provider=run.provider, **paused)
        .on_conflict_do_update(
            index_elements=[ProviderState.provider],
            set_=paused,
            # A person's pause stays as it is: a check may end this one.
            where=ProviderState.paused_at.is_(None) | ProviderState.paused_failure.is_not(None),
        )
    )
    record_run(session, EventName.PROVIDER_PAUSED, run, provider=run.provider, reason=error.detail)
