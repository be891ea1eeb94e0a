"""Studio: pictures of a trained model, alone or beside an earlier one with the same seed.

`studio_wish` says what a request comes to.
"""

import secrets
from dataclasses import asdict, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Kind, Role, SlotRole
from services.database.models import TrainedModel
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, Order, Quote, SlotPlan, Started
from services.recipes.recipe import QuoteBasis, Recipe
from services.recipes.studio.request import (
    MAX_COUNT,
    MAX_TITLE_CHARACTERS,
    MOST_SEED,
    Likeness,
    StudioFound,
    StudioRequest,
    found_of,
    not_ready,
    options_of,
    request_problems,
)
from services.recipes.training.recipe import trainings_of

__all__ = ["MAX_COUNT", "Studio", "StudioRequest"]

ITEM = "studio_picture"


class Studio(Recipe):
    """Quotes and starts pictures of trained models."""

    kind = Kind.STUDIO

    def capabilities(self, actor: Actor, trained_model_id: str) -> ModelCapabilities:
        """What this model can do; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            model = session.get(TrainedModel, trained_model_id)
            if model is None:
                raise NotFoundError(what="trained model", id=trained_model_id)
            return self._product(model)

    def quote(self, actor: Actor, request: StudioRequest) -> Quote:
        """Price, time and prompts; incomplete input becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        with self._database.transaction() as session:
            found = found_of(session, request)
            ready = _ready(found)
            return self._quoted(
                session,
                QuoteBasis(
                    request.account_id,
                    asdict(request),
                    tuple(_order(one, request) for one in ready),
                    self._problems(request, found),
                    found.final_prompts() if request.prompt else (),
                ),
            )

    def start(self, actor: Actor, request: StudioRequest, idempotency_key: str) -> Started:
        """Start the pictures; raises InvalidRequestError with the first problem, uncharged."""
        require(actor, Role.OPERATOR)
        request = request.cleaned()
        with self._database.transaction() as session:
            found = found_of(session, request)
            problems = self._problems(request, found)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, request, found)
        for provider, model in dict.fromkeys((slot.provider, slot.model) for slot in plan.slots):
            self._refuse_missing(provider, model)
        return self._starter.start(actor, plan, idempotency_key)

    def _capabilities_of(self, session: Session, provider: str, model: str) -> ModelCapabilities:
        """Of a trained version: what its trainer's products can do."""
        trained = session.scalars(
            select(TrainedModel).where(
                TrainedModel.provider == provider, TrainedModel.version == model
            )
        ).first()
        if trained is None:
            raise NotFoundError(what="trained version", id=model)
        return self._product(trained)

    def _product(self, model: TrainedModel) -> ModelCapabilities:
        trainings = trainings_of(self._providers[model.provider], model.trainer)
        return replace(trainings.product(model.trainer), model=model.name)

    def _problems(self, request: StudioRequest, found: StudioFound) -> list[str]:
        ready = _ready(found)
        can = self._product(ready[0].model) if ready else None
        return request_problems(request, found, can)

    def _plan(self, session: Session, request: StudioRequest, found: StudioFound) -> GenerationPlan:
        pairs = [(seed, one) for seed in _seeds(request) for one in found.likenesses]
        name = found.likenesses[0].model.name
        return GenerationPlan(
            kind=Kind.STUDIO,
            account_id=request.account_id,
            title=f"{name}: {request.prompt}"[:MAX_TITLE_CHARACTERS],
            request=asdict(request),
            slots=tuple(self._slot(session, request, one, seed) for seed, one in pairs),
        )

    def _slot(
        self, session: Session, request: StudioRequest, one: Likeness, seed: int | None
    ) -> SlotPlan:
        can = self._product(one.model)
        return SlotPlan(
            role=SlotRole.STUDIO,
            provider=one.model.provider,
            model=one.version,
            prompt=one.prompt,
            price_credits=self._price(session, request.account_id, ITEM),
            cost_usd=self._cost_usd(session, one.model.provider, one.version),
            aspect_ratio=request.aspect_ratio if can.aspect_ratios else None,
            options=options_of(request, can),
            seed=seed,
        )


def _ready(found: StudioFound) -> list[Likeness]:
    return [one for one in found.likenesses if not_ready(one.model) is None]


def _order(one: Likeness, request: StudioRequest) -> Order:
    return Order(ITEM, one.model.provider, one.version, max(0, request.count))


def _seeds(request: StudioRequest) -> list[int | None]:
    """One for each picture or pair; None is drawn at random when the slot is written."""
    if request.seed is not None:
        return [request.seed + number for number in range(request.count)]
    if request.compare_model_id:
        return [secrets.randbelow(MOST_SEED) + 1 for _ in range(request.count)]
    return [None] * request.count
