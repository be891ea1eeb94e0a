"""The states of generations, slots, runs and attempts, and the moves allowed between them.

Imports nothing of ours. Every state is stored as its value; `docs/lifecycle.md` draws the arrows.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a person can start."""

    MASCOTS = "mascots"
    POSES = "poses"
    SIMULATIONS = "simulations"
    TRAINING = "training"
    STUDIO = "studio"
    EDITS = "edits"


PRIVATE_KINDS = frozenset({Kind.SIMULATIONS})
"""Kinds whose pictures, and all that is made from them, are not shown to viewers."""


class GenerationState(StrEnum):
    """The state of what a person started; always a function of its slots and runs."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"
    NEEDS_REVIEW = "needs_review"


class SlotState(StrEnum):
    """The state of one picture that a generation owes."""

    BLOCKED = "blocked"
    PENDING = "pending"
    FILLED = "filled"
    FAILED = "failed"
    CANCELED = "canceled"


class RunState(StrEnum):
    """The state of the work that fills one or more slots."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    WAITING = "waiting"
    INGESTING = "ingesting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    NEEDS_REVIEW = "needs_review"


class AttemptState(StrEnum):
    """The state of one create at a provider, as far as we know it."""

    SUBMITTING = "submitting"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    LOST = "lost"


class Role(StrEnum):
    """What a person may do; each role may do everything that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Tier(StrEnum):
    """What an account pays for; pro and unlimited go first in the queue."""

    FREE = "free"
    PRO = "pro"
    UNLIMITED = "unlimited"


class EntryKind(StrEnum):
    """Why credits moved."""

    GRANT = "grant"
    CHARGE = "charge"
    REFUND = "refund"


class SlotRole(StrEnum):
    """What a slot's picture or file is for."""

    FULL_BODY = "full_body"
    AVATAR = "avatar"
    SQUARE_ICON = "square_icon"
    POSE = "pose"
    REAR_VIEW = "rear_view"
    SIDE_VIEW = "side_view"
    VERSION = "version"
    WEIGHTS = "weights"
    STUDIO = "studio"
    BACKGROUND = "background"
    EXPORT = "export"


class PriceUnit(StrEnum):
    """What a provider's price is for."""

    SECOND = "second"
    PICTURE = "picture"


class QueueName(StrEnum):
    """RQ's queues, in the order in which workers poll them."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


class ReconciliationScope(StrEnum):
    """How much of the storage a round compares."""

    FULL = "full"
    NEW = "new"


class ReconciliationState(StrEnum):
    """How far a comparison of storage and rows has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class OperationState(StrEnum):
    """How far a bulk remedy has come."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class ItemState(StrEnum):
    """What became of one subject of a bulk remedy."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class MissingCause(StrEnum):
    """Why a stored file cannot be shown, as the last comparison with the storage found."""

    GONE = "gone"
    THUMBNAIL_GONE = "thumbnail_gone"
    WRONG_BUCKET = "wrong_bucket"
    DAMAGED = "damaged"


RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.SUBMITTING, RunState.FAILED, RunState.CANCELED}),
    RunState.SUBMITTING: frozenset(
        {
            RunState.QUEUED,
            RunState.WAITING,
            RunState.INGESTING,
            RunState.FAILED,
            RunState.CANCELED,
            RunState.NEEDS_REVIEW,
        }
    ),
    RunState.WAITING: frozenset(
        {RunState.QUEUED, RunState.INGESTING, RunState.FAILED, RunState.CANCELED}
    ),
    RunState.INGESTING: frozenset(
        {RunState.QUEUED, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED}
    ),
    RunState.NEEDS_REVIEW: frozenset(
        {RunState.QUEUED, RunState.WAITING, RunState.FAILED, RunState.CANCELED}
    ),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELED: frozenset(),
}

SLOT_MOVES: dict[SlotState, frozenset[SlotState]] = {
    SlotState.BLOCKED: frozenset({SlotState.PENDING, SlotState.FAILED, SlotState.CANCELED}),
    SlotState.PENDING: frozenset({SlotState.FILLED, SlotState.FAILED, SlotState.CANCELED}),
    SlotState.FAILED: frozenset({SlotState.PENDING, SlotState.BLOCKED}),
    SlotState.CANCELED: frozenset({SlotState.PENDING, SlotState.BLOCKED}),
    SlotState.FILLED: frozenset({SlotState.PENDING, SlotState.FAILED}),
}

ACTIVE_RUNS = frozenset(
    {RunState.QUEUED, RunState.SUBMITTING, RunState.WAITING, RunState.INGESTING}
)
ACTIVE_GENERATIONS = frozenset({GenerationState.QUEUED, GenerationState.RUNNING})
OPEN_SLOTS = frozenset({SlotState.BLOCKED, SlotState.PENDING})
PICTURELESS_ROLES = frozenset({SlotRole.VERSION, SlotRole.WEIGHTS})
"""A model's version has no file of ours, and its weights are no picture."""
