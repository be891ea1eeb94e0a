"""Checks of Redis, workers, the dispatcher, undispatched runs and bulk fixes."""

from collections.abc import Sequence

from sqlalchemy import func, select

from services.core.errors import DatabaseUnavailableError, QueueUnavailableError
from services.core.redaction import shown_value
from services.core.states import OperationState
from services.core.thresholds import UNDISPATCHED_SECONDS, UNDISPATCHED_WARNING_SECONDS
from services.database.models import Operation
from services.health.check import (
    Answer,
    Check,
    CheckUpTargets,
    failed,
    ok,
    unknown,
    warning,
)
from services.health.report import undispatched_seconds
from services.monitoring.processes import ProcessFacts, read_processes
from services.queue.base import QueueWorker
from services.remedies.bulk import is_silent

QUEUE_GROUP = "Queue"
FULL_SHARE = 0.9
GROUP = "Work"


def _server(targets: CheckUpTargets) -> Answer:
    if targets.queue is None:
        return failed(
            f"No Redis: REDIS_URL is not set, and no ./run works in {targets.settings.home}.",
            "Start ./run, which brings its own Redis, or set REDIS_URL.",
        )
    place = shown_value(targets.settings.redis_url)
    try:
        targets.queue.check()
        server = targets.queue.server()
    except QueueUnavailableError as error:
        problem = error.problem
        words = f" Its words: {problem.detail.rstrip('.')}." if problem.detail else ""
        return failed(f"{problem.sentence} ({place}){words} Work is saved and waits.", problem.fix)
    version = f" {server.version}" if server else ""
    return ok(f"Redis{version} ({place}) takes writes.")


def _persistence(targets: CheckUpTargets) -> Answer:
    queue = targets.required_queue()
    server = queue.server()
    if server is None:
        return unknown(
            "Cannot be checked: the user of REDIS_URL may not use INFO.",
            "Grant it, to have it checked: ACL SETUSER <user> +info.",
        )
    if server.is_write_failing:
        return warning(
            "Redis could not save its file the last time.",
            "Free the disk where Redis keeps its file, then run BGSAVE there (BGREWRITEAOF for an"
            " append-only file): the next good one clears this.",
        )
    if server.eviction_policy not in ("noeviction", ""):
        return warning(
            f"maxmemory-policy is {server.eviction_policy}: a full Redis drops jobs.",
            "Set maxmemory-policy to noeviction in the Redis of REDIS_URL.",
        )
    if server.max_memory_bytes and (
        server.used_memory_bytes > FULL_SHARE * server.max_memory_bytes
    ):
        return warning(
            f"{server.used_memory_bytes / server.max_memory_bytes:.0%} of maxmemory is used.",
            "Raise maxmemory in the Redis of REDIS_URL, or find what fills it.",
        )
    if server.is_appending or server.is_snapshotting:
        how = "an append-only file" if server.is_appending else "snapshots"
        return ok(f"maxmemory-policy is noeviction, and {how} outlives a restart.")
    return warning(
        "Nothing in Redis outlives its restart; the dispatcher then enqueues everything again.",
        "Set appendonly yes in the Redis of REDIS_URL.",
    )


def _jobs(targets: CheckUpTargets) -> Answer:
    # A worker in a long step may miss one clean-up.
    interval = targets.settings.queue_cleanup_interval
    counts = targets.required_queue().counts(overdue_seconds=2 * interval)
    lines = counts.queues.values()
    waiting = ", ".join(f"{name.value} {line.waiting}" for name, line in counts.queues.items())
    listening = _listening(targets, counts.workers)
    summary = (
        f"Waiting: {waiting}. Started: {sum(it.active for it in lines)}, of them left by a dead"
        f" worker: {sum(it.abandoned for it in lines)}. Failed, stored 7 days:"
        f" {sum(it.failed for it in lines)}. Listening threads: {listening}."
    )
    if counts.is_suspended:
        return failed(f"RQ is suspended: no worker takes a job. {summary}", "Run: rq resume")
    if overdue := sum(it.overdue for it in lines):
        return warning(
            f"{overdue} failed jobs are listed beyond their 7 days. {summary}",
            "Start a worker: it cleans up when it starts and every QUEUE_CLEANUP_INTERVAL seconds.",
        )
    return ok(summary)


def _listening(targets: CheckUpTargets, workers: Sequence[QueueWorker]) -> str:
    """Count those of living processes: Redis keeps a killed one's threads for two minutes."""
    try:
        alive = {it.name for it in _processes(targets, "worker") if it.is_alive}
    except DatabaseUnavailableError:
        return f"{len(workers)} as far as Redis knows"
    return str(sum(worker.process in alive for worker in workers))


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
    query = select(func.count(), func.count().filter(is_silent())).where(
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
    Check("Redis", QUEUE_GROUP, _server),
    Check("Redis persistence", QUEUE_GROUP, _persistence),
    Check("Jobs", QUEUE_GROUP, _jobs),
    Check("Workers", GROUP, _workers),
    Check("Dispatcher", GROUP, _dispatcher),
    Check("Oldest undispatched job", GROUP, _undispatched),
    Check("Bulk fixes", GROUP, _operations),
)
