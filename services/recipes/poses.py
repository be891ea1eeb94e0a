"""Poses: a finished mascot in chosen poses of the library, or in one that words describe.

One run for each picture; `pose_requests` says what a request comes to.
"""

from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.errors import InvalidRequestError
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, Order, Quote, SlotPlan, Started
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
from services.recipes.recipe import Recipe, RecipeTools, Wish
from services.statuses import Kind, Role, SlotRole

__all__ = ["MAX_BATCH", "MAX_COUNT", "MAX_PICTURES", "PoseMode", "Poses", "PosesRequest"]

ITEM = "pose"


class Poses(Recipe):
    """Quotes and starts poses of a mascot."""

    kind = Kind.POSES

    def __init__(self, tools: RecipeTools, provider_name: str, model: str) -> None:
        super().__init__(tools)
        self._provider_name = provider_name
        self._model = model

    @property
    def _capabilities(self) -> ModelCapabilities:
        """Asked when it is needed: a provider's library is slow to load."""
        return self._providers[self._provider_name].capabilities(self._model)

    def quote(self, actor: Actor, request: PosesRequest) -> Quote:
        """Price, time and prompts; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        note = _note(self._capabilities) if request.mode is PoseMode.GALLERY else ""
        with self._database.transaction() as session:
            wanted = wanted_of(session, request)
            problems = problems_of(request, wanted, self._capabilities)
            order = Order(ITEM, self._provider_name, self._model, request.picture_count)
            return self._quoted(
                session,
                Wish(
                    request.account_id,
                    request.as_json(),
                    (order,),
                    problems,
                    wanted.final_prompts(),
                    note,
                ),
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
        can = self._capabilities
        price = self._price(session, request.account_id, ITEM)
        cost = self._cost_usd(session, self._provider_name, self._model)
        slots = [
            SlotPlan(
                role=SlotRole.POSE,
                provider=self._provider_name,
                model=self._model,
                prompt=pose.prompt,
                price_credits=price,
                cost_usd=cost,
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
