"""Is Redis there and set up to keep what it is given, and are RQ's registries tidy?"""

from services.core.errors import QueueUnavailableError
from services.core.redaction import shown_value
from services.health.check import Answer, Question, failed, ok, warning
from services.health.system_under_check import House
from services.queue.base import QueueServer

GROUP = "Queue"
FULL_SHARE = 0.9


def queue_questions(house: House) -> list[Question]:
    """The questions about the queue."""
    return [
        Question("Redis", GROUP, lambda: _server(house)),
        Question("Redis keeps its data", GROUP, lambda: _keeping(house.needed_queue().server())),
        Question("Jobs", GROUP, lambda: _jobs(house)),
    ]


def _server(house: House) -> Answer:
    if house.queue is None:
        return failed(
            f"No Redis: REDIS_URL is not set, and no ./run works in {house.settings.home}.",
            "Start ./run, which brings its own Redis, or set REDIS_URL.",
        )
    place = shown_value(house.settings.redis_url)
    try:
        server = house.queue.server()
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


def _keeping(server: QueueServer) -> Answer:
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
        "Nothing in Redis outlives its restart; the dispatcher then rings for everything again.",
        "Set appendonly yes in the Redis of REDIS_URL.",
    )


def _jobs(house: House) -> Answer:
    # Two clean-ups may pass: a worker in the middle of a long step comes late.
    interval = house.settings.queue_cleanup_interval
    jobs = house.needed_queue().jobs(overdue_seconds=2 * interval)
    waiting = ", ".join(f"{name.value} {count}" for name, count in jobs.waiting.items())
    told = (
        f"Waiting: {waiting}. Started: {jobs.started}, of them left by a dead worker:"
        f" {jobs.abandoned}. Failed, kept 7 days: {jobs.failed}. Listening threads:"
        f" {jobs.listening}."
    )
    if jobs.is_suspended:
        return failed(f"RQ is suspended: no worker takes a job. {told}", "Run: rq resume")
    if jobs.overdue:
        return warning(
            f"{jobs.overdue} failed jobs are listed beyond their 7 days. {told}",
            "Start a worker: it tidies up when it starts and every QUEUE_CLEANUP_INTERVAL seconds.",
        )
    return ok(told)
