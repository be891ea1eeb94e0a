"""Simulations: rear and side view of one photograph in a scenario, with consent.

Two runs, each from the photograph itself. The consent is written in the transaction that charges.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Kind, Role
from services.database.models import (
    Consent,
    Generation,
    Simulation,
    Slot,
    new_id,
)
from services.providers.base import ModelCapabilities
from services.recipes.base import (
    ExistingResult,
    FinalPrompt,
    GenerationPlan,
    Order,
    Quote,
    SlotPlan,
    Started,
)
from services.recipes.recipe import QuoteBasis, Recipe, RecipeTools
from services.recipes.simulations.consents import WORDING_VERSION
from services.recipes.simulations.request import (
    FEWER_STEPS,
    STEP_CHOICES,
    STEPS,
    VIEWS,
    SimulationRequest,
    Wanted,
    problems_of,
    wanted_of,
)

__all__ = ["FEWER_STEPS", "STEPS", "STEP_CHOICES", "SimulationRequest", "Simulations"]

ITEM = "simulation_view"
MAX_NAME_CHARACTERS = 120


class Simulations(Recipe):
    """Quotes and starts simulations."""

    kind = Kind.SIMULATIONS

    def __init__(self, tools: RecipeTools, provider_name: str, model: str) -> None:
        super().__init__(tools)
        self._provider_name = provider_name
        self._model = model

    @property
    def _capabilities(self) -> ModelCapabilities:
        """Asked when it is needed: a provider's library is slow to load."""
        return self._providers[self._provider_name].capabilities(self._model)

    def quote(self, actor: Actor, request: SimulationRequest) -> Quote:
        """Price, time and prompts; a missing consent is one of the `problems`."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            wanted = wanted_of(session, request)
            prompts = wanted.prompts()
            order = Order(
                ITEM, self._provider_name, self._model, len(VIEWS), effort=_effort(request.steps)
            )
            return self._quoted(
                session,
                QuoteBasis(
                    request.account_id,
                    wanted.as_json(),
                    (order,),
                    problems_of(wanted, self._capabilities),
                    tuple(FinalPrompt(VIEWS[role][0], text) for role, text in prompts.items()),
                ),
            )

    def start(self, actor: Actor, request: SimulationRequest, idempotency_key: str) -> Started:
        """Start both views; raises InvalidRequestError with the first problem, before any charge."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            wanted = wanted_of(session, request)
            problems = problems_of(wanted, self._capabilities)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, actor, wanted)
        return self._starter.start(actor, plan, idempotency_key)

    def _plan(self, session: Session, actor: Actor, wanted: Wanted) -> GenerationPlan:
        reference, scenario, request = wanted.reference, wanted.scenario, wanted.request
        assert reference and scenario, "checked by problems_of"
        effort = _effort(request.steps)
        cost = self._cost_usd(session, self._provider_name, self._model, effort)
        slots = [
            SlotPlan(
                role=role,
                provider=self._provider_name,
                model=self._model,
                prompt=prompt,
                price_credits=self._price(session, request.account_id, ITEM),
                cost_usd=cost,
                input_asset_ids=(reference.asset_id,),
                options=wanted.options,
            )
            for role, prompt in wanted.prompts().items()
        ]
        return GenerationPlan(
            kind=Kind.SIMULATIONS,
            account_id=request.account_id,
            title=f"{reference.filename[:MAX_NAME_CHARACTERS]} · {scenario.name}",
            request=wanted.as_json(),
            slots=tuple(slots),
            also_write=_writer(actor, wanted, reference.asset_id),
        )

    def _existing(self, session: Session, wish: QuoteBasis) -> ExistingResult | None:
        """Not one whose consent was withdrawn: its pictures are erased."""
        found = super()._existing(session, wish)
        if found is None:
            return None
        query = (
            select(Consent.withdrawn_at)
            .join(Simulation, Simulation.consent_id == Consent.id)
            .where(Simulation.generation_id == found.generation_id)
        )
        return found if session.scalar(query) is None else None


def _effort(steps: int) -> float:
    """The model's work in proportion to its usual steps."""
    return steps / STEPS


def _writer(
    actor: Actor, wanted: Wanted, asset_id: str
) -> Callable[[Session, Generation, Sequence[Slot]], None]:
    """Writes the consent, and what the simulation is made of."""
    scenario = wanted.scenario
    assert scenario is not None
    scenario_id, version = scenario.id, scenario.version

    def write(session: Session, generation: Generation, slots: Sequence[Slot]) -> None:
        consent = Consent(
            id=new_id("con"),
            account_id=generation.account_id,
            asset_id=asset_id,
            wording_version=WORDING_VERSION,
            given_by=actor.id,
        )
        session.add(consent)
        session.flush()
        session.add(
            Simulation(
                generation_id=generation.id,
                original_asset_id=asset_id,
                scenario_id=scenario_id,
                scenario_version=version,
                strength=wanted.strength,
                steps=wanted.request.steps,
                consent_id=consent.id,
            )
        )
        session.flush()

    return write
