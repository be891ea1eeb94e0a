"""The remedies: which there are, who may order them, and why each was ordered."""

from collections.abc import Mapping
from typing import Any

from services.audit.changes import reason_of
from services.core.actors import Actor, require
from services.core.states import Role
from services.remedies.adopt_object import AdoptObject
from services.remedies.adopt_prediction import AdoptPrediction
from services.remedies.base import (
    DryRun,
    Outcome,
    Remedy,
    RemedyKind,
    RemedyOffer,
    role_for,
)
from services.remedies.cancel_and_retry import CancelGeneration, RetryGeneration
from services.remedies.delete_orphan import DeleteOrphan
from services.remedies.fail_and_refund import FailAndRefund
from services.remedies.redownload import Redownload
from services.remedies.regenerate import Regenerate
from services.remedies.remedy import RemedyTools
from services.remedies.requeue import PollNow, Requeue
from services.remedies.restart import CancelAndRestart, DeclareLost
from services.remedies.resume import ResumeProvider, ResumeQueue, ResumeRq
from services.remedies.settle_refund import SettleRefund


def every_remedy(tools: RemedyTools) -> dict[RemedyKind, Remedy]:
    """One of each kind."""
    remedies: tuple[Remedy, ...] = (
        Requeue(tools),
        PollNow(tools),
        AdoptPrediction(tools),
        Redownload(tools),
        Regenerate(tools),
        FailAndRefund(tools),
        CancelAndRestart(tools),
        DeclareLost(tools),
        SettleRefund(tools),
        AdoptObject(tools),
        DeleteOrphan(tools),
        ResumeProvider(tools),
        ResumeQueue(tools),
        ResumeRq(tools),
        CancelGeneration(tools),
        RetryGeneration(tools),
    )
    return {remedy.kind: remedy for remedy in remedies}


class Remedies:
    """Shows what a remedy would do, and does it with a reason."""

    def __init__(self, tools: RemedyTools) -> None:
        self._remedies = every_remedy(tools)

    def dry_run(self, actor: Actor, offer: RemedyOffer) -> DryRun:
        """What it would do now, or why it cannot be done; changes nothing.

        Raises NotFoundError, and what storage, queue or provider raise when they are away.
        """
        require(actor, Role.OPERATOR)
        return self._remedies[offer.kind].dry_run(offer)

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        """Do it; `expected` is the dry-run's. A second time is refused and changes nothing more.

        Raises RemedyRefusedError when the state is another one by now, or forbids it,
        InvalidRequestError without a reason, and NotFoundError.
        """
        require(actor, role_for(offer.kind))
        return self._remedies[offer.kind].apply(actor, offer, reason_of(reason), expected)
