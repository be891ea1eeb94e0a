"""Checks of workers, the dispatcher, undispatched runs and bulk fixes."""

from datetime import timedelta

from sqlalchemy import func, select

from services.core.states import OperationState
from services.core.thresholds import (
    OPERATION_SILENT_SECONDS,
    UNDISPATCHED_SECONDS,
    UNDISPATCHED_WARNING_SECONDS,
)
from services.database.models import Operation
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, warning
from services.health.report import undispatched_seconds
from services.monitoring.processes import ProcessFacts, read_processes

GROUP = "Work"


def _workers(targets: CheckUpTargets) -> Answer:
    fix = "Start ./run, or ./run worker on a host of its own."
    if targets.database is None:
        return failed("No worker runs: there is no database to work for.", fix)
    known = _processes(targets, "worker")
    alive = [process for process in known if process.is_alive]
    silent = [process for process in known if not process.is_alive]
    if not alive:
        return failed(f"No worker is alive.{_silence(silent)}", fix)
    threads = sum(process.threads for process in alive)
    busy = sum(process.busy for process in alive)
    who = "1 process" if len(alive) == 1 else f"{len(alive)} processes"
    return ok(f"{who} with {threads} threads, {busy} of them busy.{_silence(silent)}")


def _silence(silent: list[ProcessFacts]) -> str:
    if not silent:
        return ""
    ended = "1 has" if len(silent) == 1 else f"{len(silent)} have"
    return f" In the last day {ended} gone silent without stopping cleanly."


def _dispatcher(targets: CheckUpTargets) -> Answer:
    fix = "Start ./run, or ./run dispatcher on one host."
    if targets.database is None:
        return failed("No dispatcher runs: there is no database to work for.", fix)
    known = _processes(targets, "dispatcher")
    if not known:
        return failed("No dispatcher runs: nothing is enqueued.", fix)
    age = min(process.age_seconds for process in known)
    if not any(process.is_alive for process in known):
        return failed(f"The dispatcher's last tick was {age:.0f} s ago.", fix)
    return ok(f"The last tick was {age:.1f} s ago.")


def _undispatched(targets: CheckUpTargets) -> Answer:
    with targets.transaction() as session:
        age = undispatched_seconds(session)
    if age is None:
        return ok("Every due run is enqueued.")
    finding = f"The oldest due run has not been enqueued for {age:.0f} s."
    fix = "See the dispatcher above; a paused provider (Providers, below) also holds back its runs."
    if age >= UNDISPATCHED_SECONDS:
        return failed(finding, fix)
    return warning(finding, fix) if age >= UNDISPATCHED_WARNING_SECONDS else ok(finding)


def _processes(targets: CheckUpTargets, role: str) -> list[ProcessFacts]:
    with targets.transaction() as session:
        return [process for process in read_processes(session) if process.role == role]


def _operations(targets: CheckUpTargets) -> Answer:
    is_stalled = func.clock_timestamp() - Operation.heartbeat_at > timedelta(
        seconds=OPERATION_SILENT_SECONDS
    )
    query = select(func.count(), func.count().filter(is_stalled)).where(
        Operation.state == OperationState.RUNNING
    )
    with targets.transaction() as session:
        running, stalled = session.execute(query).one()
    if stalled:
        many = "1 bulk fix has" if stalled == 1 else f"{stalled} bulk fixes have"
        return warning(
            f"{many} made no progress for more than a minute.",
            "Open it on Diagnose and continue it: finished items are not repeated.",
        )
    return ok(f"{running} running, none stalled." if running else "None is running.")


CHECKS = (
    Check("Workers", GROUP, _workers),
    Check("Dispatcher", GROUP, _dispatcher),
    Check("Oldest undispatched job", GROUP, _undispatched),
    Check("Bulk fixes", GROUP, _operations),
)
