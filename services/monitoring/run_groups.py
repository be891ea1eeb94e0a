"""The groups in which the jobs page counts and lists runs."""

from enum import StrEnum


class RunGroup(StrEnum):
    """What a run does, as people ask for it; the value stands in addresses."""

    WAITING = "waiting"
    ACTIVE = "active"
    DELAYED = "delayed"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
