"""The remedies: which there are, who may order them, and why each was ordered."""

from collections.abc import Mapping
from typing import Any

from services.actors import Actor, require
from services.audit import reason_of
from services.diagnosis.remedies.adopting_objects import AdoptObject
from services.diagnosis.remedies.adoption import AdoptPrediction
from services.diagnosis.remedies.base import (
    DryRun,
    Outcome,
    Remedy,
    RemedyKind,
    RemedyOffer,
    role_for,
)
from services.diagnosis.remedies.ending import FailAndRefund
from services.diagnosis.remedies.fetching import FetchAgain
from services.diagnosis.remedies.making import MakeAgain
from services.diagnosis.remedies.ordered import RemedyTools
from services.diagnosis.remedies.restarting import CancelAndRestart, DeclareLost
from services.diagnosis.remedies.resuming import ResumeProvider, ResumeQueue, Unsuspend
from services.diagnosis.remedies.ringing import PollNow, RingAgain
from services.diagnosis.remedies.settling import SettleRefund
from services.diagnosis.remedies.strays import DeleteStray
from services.diagnosis.remedies.whole import CancelGeneration, RetryGeneration
from services.statuses import Role


def every_remedy(tools: RemedyTools) -> dict[RemedyKind, Remedy]:
    """One of each kind."""
    remedies: tuple[Remedy, ...] = (
        RingAgain(tools),
        PollNow(tools),
        AdoptPrediction(tools),
        FetchAgain(tools),
        MakeAgain(tools),
        FailAndRefund(tools),
        CancelAndRestart(tools),
        DeclareLost(tools),
        SettleRefund(tools),
        AdoptObject(tools),
        DeleteStray(tools),
        ResumeProvider(tools),
        ResumeQueue(tools),
        Unsuspend(tools),
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
