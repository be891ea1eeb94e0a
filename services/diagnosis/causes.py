"""Every cause that can be told apart: its name for people, how loud it is, where its runbook lies.

Imports nothing but the standard library. docs/runbooks/ has one page for each.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether somebody must act, only has to wait, or is merely told how it ended."""

    ACT = "act"
    WAIT = "wait"
    TOLD = "told"


class Scope(StrEnum):
    """What a cause is about: the whole house explains many generations at once."""

    HOUSE = "house"
    RUN = "run"
    SLOT = "slot"
    MONEY = "money"


class Cause(StrEnum):
    """Why something does not go on, is missing, or ended as it did."""

    NEVER_ENQUEUED = "never_enqueued"
    REDIS_LOST_JOB = "redis_lost_job"
    LOST_AT_DEQUEUE = "lost_at_dequeue"
    WORKER_DIED = "worker_died"
    ZOMBIE_WORKER = "zombie_worker"
    NO_WORKER = "no_worker"
    QUEUE_PAUSED = "queue_paused"
    QUEUE_AWAY = "queue_away"
    DISPATCHER_DOWN = "dispatcher_down"
    PROVIDER_PAUSED = "provider_paused"
    TOKEN = "token"
    PROVIDER_AWAY = "provider_away"
    THROTTLED = "throttled"
    COLD_START = "cold_start"
    SLOW_PROVIDER = "slow_provider"
    PROVIDER_STUCK = "provider_stuck"
    OUTPUT_NOT_FETCHED = "output_not_fetched"
    OUTPUT_EXPIRED = "output_expired"
    STORAGE_REFUSES = "storage_refuses"
    OBJECT_MISSING = "object_missing"
    ORPHANED_FILE = "orphaned_file"
    WRONG_BUCKET = "wrong_bucket"
    PARTLY_FILLED = "partly_filled"
    PARENT_FAILED = "parent_failed"
    SUBMIT_UNKNOWN = "submit_unknown"
    REFUND_MISSING = "refund_missing"
    REFUND_DOUBLED = "refund_doubled"
    QUOTA_REACHED = "quota_reached"
    TRAINING_AT_ZERO = "training_at_zero"
    WAITING_ITS_TURN = "waiting_its_turn"
    WORKING = "working"
    ENDED_FAILED = "ended_failed"
    CANCELED = "canceled"
    HEALTHY = "healthy"


@dataclass(frozen=True)
class CauseCard:
    """What is said of a cause everywhere; `title` is a short clause without a full stop."""

    title: str
    scope: Scope


CAUSES: dict[Cause, CauseCard] = {
    Cause.NEVER_ENQUEUED: CauseCard("The queue was never rung for it", Scope.RUN),
    Cause.REDIS_LOST_JOB: CauseCard("Redis lost the job", Scope.RUN),
    Cause.LOST_AT_DEQUEUE: CauseCard("The job was lost when a worker took it", Scope.RUN),
    Cause.WORKER_DIED: CauseCard("The worker died in the middle of it", Scope.RUN),
    Cause.ZOMBIE_WORKER: CauseCard("A worker hangs and still holds it", Scope.RUN),
    Cause.NO_WORKER: CauseCard("No worker listens to its queue", Scope.HOUSE),
    Cause.QUEUE_PAUSED: CauseCard("Its queue is paused", Scope.HOUSE),
    Cause.QUEUE_AWAY: CauseCard("Redis does not answer", Scope.HOUSE),
    Cause.DISPATCHER_DOWN: CauseCard("The dispatcher does not run", Scope.HOUSE),
    Cause.PROVIDER_PAUSED: CauseCard("The provider is paused or out of funds", Scope.HOUSE),
    Cause.TOKEN: CauseCard("The provider's token is missing or of another account", Scope.HOUSE),
    Cause.PROVIDER_AWAY: CauseCard("The provider does not answer", Scope.HOUSE),
    Cause.THROTTLED: CauseCard("The provider takes no more requests for now", Scope.RUN),
    Cause.COLD_START: CauseCard("The model is starting", Scope.RUN),
    Cause.SLOW_PROVIDER: CauseCard("Slower than this model usually is", Scope.RUN),
    Cause.PROVIDER_STUCK: CauseCard("Stuck at the provider, past its deadline", Scope.RUN),
    Cause.OUTPUT_NOT_FETCHED: CauseCard("Finished there, not fetched yet", Scope.RUN),
    Cause.OUTPUT_EXPIRED: CauseCard("The provider deleted the picture", Scope.RUN),
    Cause.STORAGE_REFUSES: CauseCard("The storage refuses to keep the picture", Scope.RUN),
    Cause.OBJECT_MISSING: CauseCard("The picture's file is gone from the storage", Scope.SLOT),
    Cause.ORPHANED_FILE: CauseCard("A stored file that no row names", Scope.SLOT),
    Cause.WRONG_BUCKET: CauseCard("The file lies in another bucket or folder", Scope.SLOT),
    Cause.PARTLY_FILLED: CauseCard("Some pictures did not arrive", Scope.SLOT),
    Cause.PARENT_FAILED: CauseCard("The picture that it is made from failed", Scope.SLOT),
    Cause.SUBMIT_UNKNOWN: CauseCard("Nobody knows whether it was ordered", Scope.RUN),
    Cause.REFUND_MISSING: CauseCard("A refund is missing", Scope.MONEY),
    Cause.REFUND_DOUBLED: CauseCard("More was refunded than was charged", Scope.MONEY),
    Cause.QUOTA_REACHED: CauseCard("Today's quota is used up", Scope.HOUSE),
    Cause.TRAINING_AT_ZERO: CauseCard("The training stands at 0%", Scope.RUN),
    Cause.WAITING_ITS_TURN: CauseCard("It waits for its turn", Scope.RUN),
    Cause.WORKING: CauseCard("It is being made", Scope.RUN),
    Cause.ENDED_FAILED: CauseCard("It failed, and the credits are back", Scope.SLOT),
    Cause.CANCELED: CauseCard("It was canceled", Scope.SLOT),
    Cause.HEALTHY: CauseCard("Nothing is wrong", Scope.RUN),
}


def runbook_of(cause: Cause) -> str:
    """The page of a cause below docs/runbooks/, without its suffix."""
    return cause.value.replace("_", "-")
