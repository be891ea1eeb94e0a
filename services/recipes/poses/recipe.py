"""Poses: a mascot, or a trained model's subject, in poses of the library or in one sentences in words.

One run for each picture; `pose_requests` says what a request comes to.
"""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Kind, Role, SlotRole
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, Quote, QuoteLine, SlotPlan, Started
from services.recipes.edits.slots import (
    EditModels,
    child_edits,
    edit_lines,
    edit_problems,
    priced_edits,
)
from services.recipes.poses.models import (
    PoseModel,
    PoseModelChoice,
    PoseModels,
)
from services.recipes.poses.request import (
    PoseMode,
    PosesRequest,
    ResolvedPoses,
    problems_of,
    resolve_poses,
)
from services.recipes.recipe import PriceItem, QuoteBasis, Recipe, RecipeTools

ITEM = "pose"


class Poses(Recipe):
    """Quotes and starts poses of a mascot, or of what a trained model was taught."""

    kind = Kind.POSES
    label = "Poses"
    icon = "accessibility_new"
    prices: ClassVar = {ITEM: PriceItem("Pose", 30)}
    are_lines_sequential = True

    def __init__(
        self,
        tools: RecipeTools,
        names: Mapping[str, tuple[str, str]],
        edit_models: EditModels,
    ) -> None:
        """`names`: provider and model of each choice that the settings make."""
        super().__init__(tools)
        self._models = PoseModels(tools.providers, names)
        self._edit_models = edit_models

    def models(self, actor: Actor, account_id: str) -> tuple[PoseModelChoice, ...]:
        """What may draw the poses of this account, the usual one first."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return self._models.choices(session, account_id)

    def quote(self, actor: Actor, request: PosesRequest) -> Quote:
        """Quote price, time and prompts; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        with self._database.transaction() as session:
            chosen = self._models.find(session, request.account_id, request.model)
            if isinstance(chosen, str):
                basis = QuoteBasis(request.account_id, request.as_json(), (), (chosen,))
                return self._quoted(session, basis)
            resolved = resolve_poses(session, request, chosen)
            count = request.picture_count
            line = QuoteLine(ITEM, chosen.provider, chosen.model, count)
            return self._quoted(
                session,
                QuoteBasis(
                    request.account_id,
                    request.as_json(),
                    (line, *edit_lines(request.edits, self._edit_models, count)),
                    self._problems(request, chosen, resolved),
                    resolved.final_prompts() + request.edits.final_prompts(),
                    _note(chosen, request.mode),
                ),
            )

    def start(self, actor: Actor, request: PosesRequest, idempotency_key: str) -> Started:
        """Start the poses; raises InvalidRequestError with the first problem, before any charge."""
        require(actor, Role.OPERATOR)
        request = request.cleaned()
        with self._database.transaction() as session:
            chosen = self._models.find(session, request.account_id, request.model)
            if isinstance(chosen, str):
                raise InvalidRequestError(problem=chosen)
            resolved = resolve_poses(session, request, chosen)
            problems = self._problems(request, chosen, resolved)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, request, chosen, resolved)
        if chosen.trained is not None:
            self._refuse_missing(chosen.provider, chosen.model)
        return self._starter.start(actor, plan, idempotency_key)

    def _problems(
        self, request: PosesRequest, chosen: PoseModel, resolved: ResolvedPoses
    ) -> list[str]:
        def capabilities(model: str) -> ModelCapabilities:
            return self._providers[self._edit_models.provider].capabilities(model)

        return [
            *problems_of(request, resolved, chosen.can),
            *edit_problems(request.edits, capabilities, self._edit_models),
        ]

    def _plan(
        self, session: Session, request: PosesRequest, chosen: PoseModel, resolved: ResolvedPoses
    ) -> GenerationPlan:
        assert resolved.subject is not None, "checked by problems_of"
        mascot = resolved.subject.mascot
        each = request.pictures_of_each
        price = partial(self._priced, session, request.account_id)
        edits = priced_edits(request.edits, self._edit_models, price)
        slots: list[SlotPlan] = []
        for pose in self._pose_slots(session, request, chosen, resolved):
            for _ in range(each):
                parent = len(slots)
                slots.append(pose)
                slots += child_edits(edits, parent=parent, base=parent + 1, pose_id=pose.pose_id)
        return GenerationPlan(
            kind=Kind.POSES,
            account_id=request.account_id,
            title=resolved.title(each),
            request=request.as_json(),
            slots=tuple(slots),
            mascot_id=mascot.id if mascot else None,
        )

    def _pose_slots(
        self, session: Session, request: PosesRequest, chosen: PoseModel, resolved: ResolvedPoses
    ) -> list[SlotPlan]:
        """One slot a pose, with the price of today."""
        price = self._price(session, request.account_id, ITEM)
        cost = self._cost_usd(session, chosen.provider, chosen.model)
        picture = resolved.subject.asset_id if resolved.subject else None
        return [
            SlotPlan(
                role=SlotRole.POSE,
                provider=chosen.provider,
                model=chosen.model,
                prompt=pose.prompt,
                price_credits=price,
                cost_usd=cost,
                input_asset_ids=(picture,) if picture else (),
                pose_id=pose.id,
                control_skeleton=pose.skeleton if chosen.can.takes_control_image else None,
            )
            for pose in resolved.poses
        ]


def _note(chosen: PoseModel, mode: PoseMode) -> str:
    """What the model is given, as far as that is not plain from the form."""
    can, sentences = chosen.can, [chosen.note] if chosen.note else []
    if mode is PoseMode.GALLERY and can.takes_control_image:
        sentences.append(f"{can.model} is shown each pose's skeleton, beside the words.")
    elif mode is PoseMode.GALLERY:
        sentences.append(f"{can.model} uses the pose's description only.")
    return " ".join(sentences)
