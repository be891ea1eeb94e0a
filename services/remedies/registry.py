"""Registry of remedies, and the service that plans and applies them."""

from collections.abc import Mapping
from typing import Any

from services.audit.changes import reason_of
from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Role
from services.remedies.adopt_prediction import AdoptPrediction
from services.remedies.base import DryRun, Outcome, Remedy, RemedyOffer, RemedyTools
from services.remedies.choose_model import ChooseModel
from services.remedies.edit_prompt import EditPrompt
from services.remedies.fail_and_refund import FailAndRefund
from services.remedies.generations import CancelGeneration, RetryGeneration, SettleRefund
from services.remedies.orphans import AdoptObject, DeleteOrphan
from services.remedies.redownload import Redownload
from services.remedies.regenerate import Regenerate
from services.remedies.requeue import CancelAndRestart, DeclareLost, PollNow, Requeue
from services.remedies.resume import ResumeProvider, ResumeQueue, ResumeRq

_CLASSES: tuple[type[Remedy[Any]], ...] = (
    Requeue,
    PollNow,
    AdoptPrediction,
    Redownload,
    Regenerate,
    ChooseModel,
    EditPrompt,
    FailAndRefund,
    CancelAndRestart,
    DeclareLost,
    SettleRefund,
    AdoptObject,
    DeleteOrphan,
    ResumeProvider,
    ResumeQueue,
    ResumeRq,
    CancelGeneration,
    RetryGeneration,
)
REMEDIES: Mapping[str, type[Remedy[Any]]] = {remedy.id: remedy for remedy in _CLASSES}
"""Every remedy by id, in the order of the documentation."""


def remedy_of(remedy_id: str) -> type[Remedy[Any]]:
    """Return the remedy with this id; raises NotFoundError."""
    if remedy_id not in REMEDIES:
        raise NotFoundError(what="remedy", id=remedy_id)
    return REMEDIES[remedy_id]


class Remedies:
    """Plans and applies remedies for a person."""

    def __init__(self, tools: RemedyTools) -> None:
        self._tools = tools

    def dry_run(self, actor: Actor, offer: RemedyOffer) -> DryRun:
        """Plan it without a change.

        Raises NotFoundError, and what storage, queue or provider raise when they do not answer.
        """
        require(actor, Role.OPERATOR)
        return remedy_of(offer.remedy_id)(self._tools).dry_run(offer)

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        """Apply it; `expected` is that of the dry run. A second time is refused.

        Raises RemedyRefusedError when the state has changed or forbids it, InvalidRequestError
        without a reason, and NotFoundError.
        """
        remedy = remedy_of(offer.remedy_id)
        require(actor, remedy.role)
        return remedy(self._tools).apply(actor, offer, reason_of(reason), expected)
