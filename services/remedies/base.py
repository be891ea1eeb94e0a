"""What every remedy has: a subject, a dry-run, and a refusal when the state has changed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from services.core.actors import Actor
from services.core.states import Role


class RemedyKind(StrEnum):
    """What can be done; the value is also the audit's word."""

    REQUEUE = "requeue"
    POLL_NOW = "poll_now"
    ADOPT_PREDICTION = "adopt_prediction"
    REDOWNLOAD = "redownload"
    REGENERATE = "regenerate"
    FAIL_AND_REFUND = "fail_and_refund"
    CANCEL_AND_RESTART = "cancel_and_restart"
    DECLARE_LOST = "declare_lost"
    SETTLE_REFUND = "settle_refund"
    ADOPT_OBJECT = "adopt_object"
    DELETE_ORPHAN = "delete_orphan"
    RESUME_PROVIDER = "resume_provider"
    RESUME_QUEUE = "resume_queue"
    RESUME_RQ = "resume_rq"
    CANCEL = "cancel"
    RETRY = "retry"


class SubjectKind(StrEnum):
    """What a remedy is ordered for."""

    RUN = "run"
    SLOT = "slot"
    GENERATION = "generation"
    OBJECT = "object"
    PROVIDER = "provider"
    QUEUE = "queue"


SUBJECTS: dict[RemedyKind, SubjectKind] = {
    RemedyKind.REQUEUE: SubjectKind.RUN,
    RemedyKind.POLL_NOW: SubjectKind.RUN,
    RemedyKind.ADOPT_PREDICTION: SubjectKind.RUN,
    RemedyKind.REDOWNLOAD: SubjectKind.RUN,
    RemedyKind.REGENERATE: SubjectKind.SLOT,
    RemedyKind.FAIL_AND_REFUND: SubjectKind.RUN,
    RemedyKind.CANCEL_AND_RESTART: SubjectKind.RUN,
    RemedyKind.DECLARE_LOST: SubjectKind.RUN,
    RemedyKind.SETTLE_REFUND: SubjectKind.GENERATION,
    RemedyKind.ADOPT_OBJECT: SubjectKind.OBJECT,
    RemedyKind.DELETE_ORPHAN: SubjectKind.OBJECT,
    RemedyKind.RESUME_PROVIDER: SubjectKind.PROVIDER,
    RemedyKind.RESUME_QUEUE: SubjectKind.QUEUE,
    RemedyKind.RESUME_RQ: SubjectKind.QUEUE,
    RemedyKind.CANCEL: SubjectKind.GENERATION,
    RemedyKind.RETRY: SubjectKind.GENERATION,
}
ADMINS_ALONE = frozenset(
    {
        RemedyKind.SETTLE_REFUND,
        RemedyKind.ADOPT_OBJECT,
        RemedyKind.DELETE_ORPHAN,
        RemedyKind.RESUME_PROVIDER,
    }
)
WITH_ARGUMENT = frozenset({RemedyKind.ADOPT_PREDICTION, RemedyKind.ADOPT_OBJECT})
"""Those that need to be told something, so they cannot be ordered for many at once."""


def role_for(kind: RemedyKind) -> Role:
    """Who may apply it; every operator may see its dry-run."""
    return Role.ADMIN if kind in ADMINS_ALONE else Role.OPERATOR


@dataclass(frozen=True)
class RemedyOffer:
    """A remedy that a finding proposes.

    `argument` is what it needs beside its subject: a prediction's id, or a slot's.
    """

    kind: RemedyKind
    subject_id: str
    argument: str | None = None


@dataclass(frozen=True)
class DryRun:
    """What a remedy would do now. `expected` is handed back with the order.

    `problem`: why it cannot be done now; it is refused then.
    """

    offer: RemedyOffer
    sentence: str
    expected: Mapping[str, Any]
    credits: int = 0
    """Moved to the customer (positive) or from them (negative)."""
    cost_usd: float = 0.0
    problem: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What was done, for the person who ordered it."""

    sentence: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class Remedy(Protocol):
    """One kind of remedy; its service writes the audit row and checks the role."""

    kind: RemedyKind

    def dry_run(self, offer: RemedyOffer) -> DryRun:
        """Change nothing; raises NotFoundError."""

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        """Do it once, in one transaction with its audit row; doing it again changes nothing more.

        Raises RemedyRefusedError when the state is not `expected` any more, or it has a problem.
        """
