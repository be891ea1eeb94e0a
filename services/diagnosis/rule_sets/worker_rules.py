"""A run that a worker holds: is that worker alive, and is it really working on it?"""

from services.core.humanize import span
from services.core.states import RunState
from services.core.thresholds import Thresholds
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.system_rules import is_dispatcher_alive
from services.diagnosis.rule_sets.words import clock, finished_words, since
from services.monitoring.processes import ProcessFacts
from services.remedies.base import RemedyOffer

DOING = {
    RunState.QUEUED: "preparing the request",
    RunState.SUBMITTING: "sending it",
    RunState.WAITING: "looking at it",
    RunState.INGESTING: "saving the picture",
}


def held_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """Of a leased run whose worker is dead, silent, or has let its lease run out; else None."""
    if run.lease_until is None:
        return None
    worker = _worker(house, run)
    is_over = run.lease_until < house.now
    if worker is None or worker.exists is False:
        # A worker that stopped cleanly has no sign of life any more, but then no lease either.
        if worker is None and not is_over:
            return None
        return _died(house, run, worker, limits)
    if not worker.is_alive or is_over:
        return _hangs(house, run, worker, limits)
    return None


def shadow_finding(house: House, run: RunFacts) -> Finding | None:
    """A worker that still works on an earlier step of this run, which somebody else has by now."""
    for process in house.processes:
        for step in process.held:
            if step.run_id == run.id and step.seq < run.seq and process.is_alive:
                return Finding(
                    Cause.ZOMBIE_WORKER,
                    Severity.WAIT,
                    f"The worker {process.name} woke up and still works on step {step.seq}, which was given to"
                    f" another worker. What it finds is thrown away; nothing is done twice.",
                    (Evidence("database", f"It holds step {step.seq}; the run is at {run.seq}."),),
                    run_id=run.id,
                    is_healing=True,
                )
    return None


def _worker(house: House, run: RunFacts) -> ProcessFacts | None:
    # A claim names the thread as well: `<process>/<thread>`.
    name = (run.worker or "").partition("/")[0]
    return next((it for it in house.processes if it.name == name), None)


def _died(house: House, run: RunFacts, worker: ProcessFacts | None, limits: Thresholds) -> Finding:
    evidence = [_lease(house, run)]
    if worker is None:
        evidence.append(Evidence("database", f"{run.worker} gives no sign of life any more."))
    else:
        told = f"{worker.name} is gone: no process {worker.pid} on {worker.host}."
        evidence.append(Evidence("worker", told, worker.heartbeat_at))
    return _finding(house, run, Cause.WORKER_DIED, "The worker died while", evidence, limits)


def _hangs(house: House, run: RunFacts, worker: ProcessFacts, limits: Thresholds) -> Finding:
    silent = since(worker.heartbeat_at, house.now)
    told = (
        f"{worker.name} is alive, and does not renew its lease."
        if worker.is_alive
        else f"{worker.name} has been silent for {silent}"
        + (", and its process is there." if worker.exists else ".")
    )
    cause = Cause.ZOMBIE_WORKER
    if not worker.is_alive and worker.exists is None:
        cause = Cause.WORKER_DIED
    head = "The worker hangs while" if cause is Cause.ZOMBIE_WORKER else "The worker died while"
    evidence = [_lease(house, run), Evidence("worker", told, worker.heartbeat_at)]
    return _finding(house, run, cause, head, evidence, limits)


def _finding(
    house: House,
    run: RunFacts,
    cause: Cause,
    head: str,
    evidence: list[Evidence],
    limits: Thresholds,
) -> Finding:
    is_healing = is_dispatcher_alive(house)
    left = (run.lease_until - house.now).total_seconds() if run.lease_until else 0.0
    when = f"in {span(left)}" if left > 1 else "now"
    then = (
        f" The dispatcher gives it to another {when}."
        if is_healing
        else " Nobody gives it to another: the dispatcher does not run."
    )
    finished = run.attempt.finished_at if run.attempt else None
    stake = (
        finished_words(run.provider, finished, limits.output_window, house.now)
        if run.state is RunState.INGESTING
        else ""
    )
    return Finding(
        cause,
        Severity.WAIT if is_healing else Severity.ACT,
        f"{head} {DOING.get(run.state, 'working on it')}.{stake}{then}",
        tuple(evidence),
        (
            RemedyOffer("requeue", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.lease_until,
        is_healing=is_healing,
    )


def _lease(house: House, run: RunFacts) -> Evidence:
    assert run.lease_until is not None
    word = "ended" if run.lease_until < house.now else "ends"
    return Evidence("database", f"Its lease {word} at {clock(run.lease_until)}.", run.lease_until)
