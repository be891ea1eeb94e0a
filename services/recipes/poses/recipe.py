"""Poses: a mascot, or a trained model's subject, in poses of the library or in words.

One run for each picture.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import ClassVar

from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.states import Kind, Role, SlotRole
from services.recipes.base import GenerationPlan, QuoteLine, SlotPlan
from services.recipes.edits.slots import (
    EditModels,
    edit_lines,
    edit_problems,
    edit_slots,
    priced_edits,
)
from services.recipes.poses.models import PoseModel, PoseModelChoice, PoseModels
from services.recipes.poses.request import (
    QUALITY,
    PoseMode,
    PosesRequest,
    ResolvedPoses,
    problems_of,
    resolve_poses,
)
from services.recipes.recipe import Draft, PriceItem, Recipe, RecipeTools

ITEM = "pose"


class Poses(Recipe[PosesRequest]):
    """Quotes and starts poses of a mascot or of a trained model's subject."""

    kind = Kind.POSES
    label = "Poses"
    icon = "accessibility_new"
    prices: ClassVar = {ITEM: PriceItem("Pose", 30)}
    texts = (QUALITY,)
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
        """Return the models that may draw this account's poses, the default first."""
        require(actor, Role.VIEWER)
        self._learn()
        with self._database.transaction() as session:
            return self._models.choices(session, account_id)

    def _models_used(self) -> Iterable[tuple[str, str]]:
        return self._models.names.values()

    def _draft(self, session: Session, request: PosesRequest, idempotency_key: str = "") -> Draft:
        request = request.cleaned()
        chosen = self._models.find(session, request.account_id, request.model)
        if isinstance(chosen, str):
            return Draft(request.account_id, request.as_json(), (), (chosen,))
        resolved = resolve_poses(session, request, chosen)
        count = request.picture_count
        line = QuoteLine(ITEM, chosen.provider, chosen.model, count)
        capabilities = partial(self._capabilities_of, session, self._edit_models.provider)
        return Draft(
            request.account_id,
            request.as_json(),
            (line, *edit_lines(request.edits, self._edit_models, count)),
            [
                *problems_of(request, resolved, chosen.can),
                *edit_problems(request.edits, capabilities, self._edit_models),
            ],
            lambda: self._plan(session, request, chosen, resolved, line),
            resolved.final_prompts() + request.edits.final_prompts(),
            _note(chosen, request.mode),
            versions=((chosen.provider, chosen.model),) if chosen.trained is not None else (),
        )

    def _plan(
        self,
        session: Session,
        request: PosesRequest,
        chosen: PoseModel,
        resolved: ResolvedPoses,
        line: QuoteLine,
    ) -> GenerationPlan:
        assert resolved.subject is not None, "checked by problems_of"
        mascot = resolved.subject.mascot
        each = request.pictures_of_each
        priced = partial(self._priced, session, request.account_id)
        edits = priced_edits(request.edits, self._edit_models, priced)
        slots: list[SlotPlan] = []
        for pose in _pose_slots(chosen, resolved, *priced(line)):
            for _ in range(each):
                parent = len(slots)
                slots.append(pose)
                slots += edit_slots(edits, base=parent + 1, parent=parent, pose_id=pose.pose_id)
        return GenerationPlan(
            kind=Kind.POSES,
            account_id=request.account_id,
            title=resolved.title(each),
            request=request.as_json(),
            slots=tuple(slots),
            mascot_id=mascot.id if mascot else None,
        )


def _pose_slots(
    chosen: PoseModel, resolved: ResolvedPoses, price_credits: int, cost_usd: float
) -> list[SlotPlan]:
    """Plan one slot for each pose."""
    picture = resolved.subject.asset_id if resolved.subject else None
    return [
        SlotPlan(
            role=SlotRole.POSE,
            provider=chosen.provider,
            model=chosen.model,
            prompt=pose.prompt,
            price_credits=price_credits,
            cost_usd=cost_usd,
            input_asset_ids=(picture,) if picture else (),
            pose_id=pose.id,
            control_skeleton=pose.skeleton if chosen.can.takes_control_image else None,
        )
        for pose in resolved.poses
    ]


def _note(chosen: PoseModel, mode: PoseMode) -> str:
    """Describe what the model is given, where the form does not show it."""
    can, sentences = chosen.can, [chosen.note] if chosen.note else []
    if mode is PoseMode.GALLERY and can.takes_control_image:
        sentences.append(f"{can.model} is shown each pose's skeleton, beside the words.")
    elif mode is PoseMode.GALLERY:
        sentences.append(f"{can.model} uses the pose's description only.")
    return " ".join(sentences)
