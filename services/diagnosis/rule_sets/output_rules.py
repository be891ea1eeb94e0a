"""A run whose picture the provider has finished: does it reach our storage before it is deleted?"""

from services.core.humanize import span
from services.core.states import RunState
from services.core.thresholds import Thresholds
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.system_rules import is_dispatcher_alive
from services.diagnosis.rule_sets.words import clock, finished_words, provider_of, since
from services.remedies.base import RemedyOffer

STEP_FAILED = "run.step_failed"
RETRIED = "run.retried"


def storage_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """The storage refused what this run wanted to keep, or to read; it is tried again."""
    event = run.last.get(STEP_FAILED) or run.last.get(RETRIED)
    if (
        event is None
        or event.part != "storage"
        or run.state
        not in (
            RunState.QUEUED,
            RunState.INGESTING,
        )
    ):
        return None
    if run.state is RunState.QUEUED and run.started_at and event.at < run.started_at:
        return None
    return Finding(
        Cause.STORAGE_REFUSES,
        Severity.ACT,
        f"{event.reason.rstrip('.')}. Last tried {since(event.at, house.now)} ago"
        f" ({run.step_failures} times in a row).{_stake(house, run, limits)} Put the storage right; it"
        " is tried again by itself.",
        (Evidence("storage", event.reason, event.at), *_storage_now(house)),
        (
            RemedyOffer("redownload", run.id),
            RemedyOffer("fail_and_refund", run.id),
        )
        if run.state is RunState.INGESTING
        else (RemedyOffer("requeue", run.id),),
        run_id=run.id,
        since=event.at,
    )


def unfetched_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """Finished there for longer than a fetch takes, or so long that it is deleted by now."""
    attempt = run.attempt
    if run.state is not RunState.INGESTING or attempt is None or attempt.finished_at is None:
        return None
    age = (house.now - attempt.finished_at).total_seconds()
    if attempt.stored_keys:
        return None
    if age > limits.output_window:
        return _expired(run, age)
    if age < limits.fetch_late:
        return None
    event = run.last.get(STEP_FAILED)
    why = f" {event.reason.rstrip('.')}." if event and event.at >= attempt.finished_at else ""
    is_healing = age < limits.fetch_stuck and is_dispatcher_alive(house)
    return Finding(
        Cause.OUTPUT_NOT_FETCHED,
        Severity.WAIT if is_healing else Severity.ACT,
        f"The picture is finished and not here yet, {span(age)} later.{why}{_stake(house, run, limits)}",
        (
            Evidence("database", f"Finished at {clock(attempt.finished_at)}.", attempt.finished_at),
            *([Evidence("network", event.reason, event.at)] if event and why else []),
        ),
        (
            RemedyOffer("redownload", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=attempt.finished_at,
        is_healing=is_healing,
    )


def _expired(run: RunFacts, age: float) -> Finding:
    label = provider_of(run.provider)
    return Finding(
        Cause.OUTPUT_EXPIRED,
        Severity.ACT,
        f"{label} finished it {span(age)} ago and keeps pictures for an hour: it is gone there and was"
        " never stored here. It has to be made anew, or refunded.",
        (Evidence("database", f"Finished {span(age)} ago."),),
        (
            RemedyOffer("redownload", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.attempt.finished_at if run.attempt else None,
    )


def saving_finding(house: House, run: RunFacts) -> Finding | None:
    """All in order: it is being stored at this moment."""
    if run.state is not RunState.INGESTING:
        return None
    return Finding(
        Cause.WORKING,
        Severity.TOLD,
        "The picture is finished and being saved.",
        (Evidence("database", f"Saving since {since(run.due_at, house.now)}."),),
        run_id=run.id,
    )


def _stake(house: House, run: RunFacts, limits: Thresholds) -> str:
    attempt = run.attempt
    if attempt is None or attempt.stored_keys or run.state is not RunState.INGESTING:
        return ""
    return finished_words(run.provider, attempt.finished_at, limits.output_window, house.now)


def _storage_now(house: House) -> list[Evidence]:
    return [Evidence("storage", house.storage_problem)] if house.storage_problem else []
