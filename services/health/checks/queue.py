"""Checks of Redis: does it answer, does it persist its data, are RQ's registries clean?"""

from services.core.errors import QueueUnavailableError
from services.core.redaction import shown_value
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, warning

GROUP = "Queue"
FULL_SHARE = 0.9


def _server(targets: CheckUpTargets) -> Answer:
    if targets.queue is None:
        return failed(
            f"No Redis: REDIS_URL is not set, and no ./run works in {targets.settings.home}.",
            "Start ./run, which brings its own Redis, or set REDIS_URL.",
        )
    place = shown_value(targets.settings.redis_url)
    try:
        server = targets.queue.server()
    except QueueUnavailableError:
        return failed(
            f"Redis ({place}) does not answer. Work is saved and waits.",
            "Start Redis (./run starts its own), or correct REDIS_URL.",
        )
    if server.is_replica:
        return failed(
            f"Redis {server.version} ({place}) is a replica and takes no writes.",
            "Let REDIS_URL name the primary server.",
        )
    return ok(f"Redis {server.version} ({place}) answers.")


def _persistence(targets: CheckUpTargets) -> Answer:
    server = targets.required_queue().server()
    if server.is_write_failing:
        return failed(
            "Redis could not write its file the last time.",
            "Free disk space where Redis keeps its file, and read its log.",
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
    jobs = targets.required_queue().jobs(overdue_seconds=2 * interval)
    waiting = ", ".join(f"{name.value} {count}" for name, count in jobs.waiting.items())
    summary = (
        f"Waiting: {waiting}. Started: {jobs.started}, of them left by a dead worker:"
        f" {jobs.abandoned}. Failed, stored 7 days: {jobs.failed}. Listening threads:"
        f" {jobs.listening}."
    )
    if jobs.is_suspended:
        return failed(f"RQ is suspended: no worker takes a job. {summary}", "Run: rq resume")
    if jobs.overdue:
        return warning(
            f"{jobs.overdue} failed jobs are listed beyond their 7 days. {summary}",
            "Start a worker: it cleans up when it starts and every QUEUE_CLEANUP_INTERVAL seconds.",
        )
    return ok(summary)


CHECKS = (
    Check("Redis", GROUP, _server),
    Check("Redis persistence", GROUP, _persistence),
    Check("Jobs", GROUP, _jobs),
)
