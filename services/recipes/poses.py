"""Poses: a finished mascot in chosen poses of the library, or in one that words describe.

One run for each picture; `pose_requests` says what a request comes to.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.credits import price_of
from services.database.engine import Database
from services.database.models import Account
from services.errors import InvalidRequestError
from services.generations.start import Starter
from services.providers.base import ModelCapabilities, Provider
from services.recipes.base import GenerationPlan, Quote, SlotPlan, Started
from services.recipes.estimates import Estimates
from services.recipes.pose_requests import (
    MAX_BATCH,
    MAX_COUNT,
    MAX_PICTURES,
    PoseMode,
    PosesRequest,
    Wanted,
    problems_of,
    wanted_of,
)
from services.statuses import Kind, Role, SlotRole

__all__ = ["MAX_BATCH", "MAX_COUNT", "MAX_PICTURES", "PoseMode", "Poses", "PosesRequest"]


class Poses:
    """Quotes and starts poses of a mascot."""

    def __init__(
        self,
        database: Database,
        starter: Starter,
        estimates: Estimates,
        providers: Mapping[str, Provider],
        provider_name: str,
        model: str,
    ) -> None:
        self._database = database
        self._starter = starter
        self._estimates = estimates
        self._providers = providers
        self._provider_name = provider_name
        self._model = model

    @property
    def _provider(self) -> Provider:
        """Taken when it is needed: a provider's library is slow to load."""
        return self._providers[self._provider_name]

    @property
    def _capabilities(self) -> ModelCapabilities:
        return self._provider.capabilities(self._model)

    def quote(self, actor: Actor, request: PosesRequest) -> Quote:
        """Price, time and prompts; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        count = request.picture_count
        with self._database.transaction() as session:
            wanted = wanted_of(session, request)
            problems = problems_of(request, wanted, self._capabilities)
            price = price_of(session, "pose") * count
            balance = session.scalar(
                select(Account.balance).where(Account.id == request.account_id)
            )
            seconds = self._estimates.seconds(session, self._provider, self._model, count)
        if price > (balance or 0):
            problems.append(
                f"This costs {price:,} credits and the account holds {balance or 0:,}."
                " Make fewer pictures, or ask an admin for a grant."
            )
        return Quote(
            picture_count=count,
            price_credits=price,
            cost_usd=count * self._capabilities.cost_usd,
            seconds=seconds,
            balance=balance or 0,
            final_prompts=wanted.final_prompts(),
            problems=tuple(problems),
            note=_note(self._capabilities) if request.mode is PoseMode.GALLERY else "",
        )

    def start(self, actor: Actor, request: PosesRequest, idempotency_key: str) -> Started:
        """Start the poses; raises InvalidRequestError with the first problem, before any charge."""
        require(actor, Role.OPERATOR)
        request = request.cleaned()
        with self._database.transaction() as session:
            wanted = wanted_of(session, request)
            problems = problems_of(request, wanted, self._capabilities)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, request, wanted)
        return self._starter.start(actor, plan, idempotency_key)

    def _plan(self, session: Session, request: PosesRequest, wanted: Wanted) -> GenerationPlan:
        assert wanted.subject is not None, "checked by problems_of"
        can, price = self._capabilities, price_of(session, "pose")
        slots = [
            SlotPlan(
                role=SlotRole.POSE,
                provider=self._provider.name,
                model=self._model,
                prompt=pose.prompt,
                price_credits=price,
                cost_usd=can.cost_usd,
                input_asset_ids=(wanted.subject.asset_id,),
                pose_id=pose.id,
                control_skeleton=pose.skeleton if can.takes_control_image else None,
            )
            for pose in wanted.poses
        ]
        each = request.pictures_of_each
        return GenerationPlan(
            kind=Kind.POSES,
            account_id=request.account_id,
            title=wanted.title(each),
            request=request.as_json(),
            slots=tuple(slot for slot in slots for _ in range(each)),
            mascot_id=wanted.subject.mascot.id,
        )


def _note(can: ModelCapabilities) -> str:
    if can.takes_control_image:
        return f"{can.model} is shown each pose's skeleton, beside the words."
    return f"{can.model} takes no control image: each pose is sent to it as words."
