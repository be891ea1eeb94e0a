"""Simulations: rear and side view of one photograph in a scenario, with consent.

Two runs, each from the photograph itself. The consent is written in the transaction that charges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import Kind, Role, SlotRole
from services.database.models import (
    Consent,
    Generation,
    Reference,
    Scenario,
    Simulation,
    Slot,
    new_id,
)
from services.providers.base import ModelCapabilities
from services.recipes.base import (
    ExistingResult,
    FinalPrompt,
    GenerationPlan,
    QuoteLine,
    SlotPlan,
    prompt_problems,
)
from services.recipes.prompt_texts import PromptText, Words, words_of
from services.recipes.recipe import Draft, PriceItem, Recipe
from services.recipes.simulations.consents import WORDING_VERSION
from services.recipes.simulations.scenarios import MAX_STRENGTH, MIN_STRENGTH
from services.recipes.work import Work

STEPS = 30
FEWER_STEPS = 25
STEP_CHOICES = (STEPS, FEWER_STEPS)
OPTIONS = ("strength", "steps")
BOOSTERS = (
    "same adult person, same skin tone and hair, plain fitted sportswear, neutral light background,"
    " even light, photorealistic, sharp focus"
)
VIEWS = {
    SlotRole.REAR_VIEW: ("Rear view", "Body simulation, the person seen from behind, standing"),
    SlotRole.SIDE_VIEW: ("Side view", "Body simulation, the person seen from the side, standing"),
}
QUALITY = PromptText("simulation_quality", "Quality words of simulations", BOOSTERS)
VIEW_TEXTS = {
    role: PromptText(f"simulation_{role.value}", f"Prompt of a simulation's {label.lower()}", text)
    for role, (label, text) in VIEWS.items()
}
TEXTS = (QUALITY, *VIEW_TEXTS.values())


@dataclass(frozen=True)
class SimulationRequest:
    """What the form asks for. No `strength`: the scenario's own."""

    account_id: str
    reference_id: str
    scenario_id: str
    strength: float | None = None
    steps: int = STEPS
    has_consent: bool = False


@dataclass(frozen=True)
class ResolvedSimulation:
    """What was found for a request."""

    request: SimulationRequest
    reference: Reference | None
    scenario: Scenario | None
    words: Words = field(default_factory=lambda: {text.id: text.default for text in TEXTS})

    @property
    def strength(self) -> float:
        """As it will be sent; 0 while there is neither an own one nor a scenario."""
        own = self.request.strength
        given = own if own is not None else self.scenario.strength if self.scenario else 0.0
        return round(given, 3)

    @property
    def options(self) -> dict[str, Any]:
        """Return what the model is sent beside the prompt."""
        return {"strength": self.strength, "steps": self.request.steps}

    def as_json(self) -> dict[str, Any]:
        """Return what is stored of it, with the strength that counts and the scenario as it was."""
        return {
            "account_id": self.request.account_id,
            "reference_id": self.request.reference_id,
            "scenario_id": self.request.scenario_id,
            "scenario_name": self.scenario.name if self.scenario else "",
            "scenario_version": self.scenario.version if self.scenario else 0,
            **self.options,
        }

    def prompts(self) -> dict[SlotRole, str]:
        """Return the prompt of each view; none without a scenario."""
        if self.scenario is None:
            return {}
        shown, quality = self.scenario.description.rstrip("."), self.words[QUALITY.id]
        return {
            role: f"{self.words[text.id]}: {shown}, {quality}" for role, text in VIEW_TEXTS.items()
        }


def resolve_simulation(session: Session, request: SimulationRequest) -> ResolvedSimulation:
    """Look up what the request names: only what may still be chosen is found."""
    reference = session.scalar(
        select(Reference).where(
            Reference.id == request.reference_id,
            Reference.account_id == request.account_id,
            Reference.deleted_at.is_(None),
        )
    )
    scenario = session.scalar(
        select(Scenario).where(Scenario.id == request.scenario_id, Scenario.archived_at.is_(None))
    )
    return ResolvedSimulation(request, reference, scenario, words_of(session, TEXTS))


def problems_of(resolved: ResolvedSimulation, can: ModelCapabilities) -> list[str]:
    """Return why it cannot be started, as sentences, in the order of the form."""
    problems = _model_problems(can)
    if resolved.reference is None:
        problems.append("This photograph is not among the references any more. Choose another.")
    if resolved.scenario is None:
        problems.append("This scenario cannot be chosen any more. Choose another.")
    elif not MIN_STRENGTH <= resolved.strength <= MAX_STRENGTH:
        problems.append(f"Choose a strength from {MIN_STRENGTH} to {MAX_STRENGTH:.0f}.")
    if resolved.request.steps not in STEP_CHOICES:
        problems.append(f"Choose {STEPS} steps, or {FEWER_STEPS}.")
    if prompts := resolved.prompts():
        problems += prompt_problems("The prompt", max(prompts.values(), key=len), can)
    if not resolved.request.has_consent:
        problems.append("Confirm the consent of the person in the photograph.")
    return problems


def _model_problems(can: ModelCapabilities) -> list[str]:
    """Why this model cannot make simulations. One that names no options is asked at the submit."""
    problems = []
    if can.max_images < 1:
        problems.append(f"{can.model} takes no picture, so it cannot make simulations.")
    missing = [option for option in OPTIONS if option not in can.options]
    if can.options and missing:
        problems.append(f"{can.model} knows no {' and no '.join(missing)}.")
    if problems:
        problems[-1] += " An admin sets another model as REPLICATE_SIMULATION_MODEL."
    return problems


ITEM = "simulation_view"
WITHDRAWN = "The consent to use this photograph was withdrawn. Nothing new is made from it."
MAX_NAME_CHARACTERS = 120


class SimulationWork(Work):
    """Pictures of people, for as long as they agree."""

    def retry_problem(
        self, session: Session, generation: Generation, slots: Sequence[Slot]
    ) -> str | None:
        """Nothing is made from a photograph whose consent was withdrawn."""
        return WITHDRAWN if is_consent_withdrawn(session, generation.id) else None


class Simulations(Recipe[SimulationRequest]):
    """Quotes and starts simulations."""

    kind = Kind.SIMULATIONS
    work = SimulationWork()
    label = "Simulations"
    icon = "compare"
    prices: ClassVar = {ITEM: PriceItem("Simulation view", 15)}
    texts = TEXTS
    tiles_in_group = len(VIEWS)
    is_compared = True
    quote_role = Role.OPERATOR

    def _draft(
        self, session: Session, request: SimulationRequest, idempotency_key: str = ""
    ) -> Draft:
        resolved = resolve_simulation(session, request)
        effort = request.steps / STEPS
        line = QuoteLine(ITEM, self._provider_name, self._model, len(VIEWS), effort=effort)
        prompts = resolved.prompts().items()
        return Draft(
            request.account_id,
            resolved.as_json(),
            (line,),
            problems_of(resolved, self._capabilities),
            lambda: self._plan(session, resolved, line),
            tuple(FinalPrompt(VIEWS[role][0], text) for role, text in prompts),
        )

    def _plan(
        self, session: Session, resolved: ResolvedSimulation, line: QuoteLine
    ) -> GenerationPlan:
        reference, scenario, request = resolved.reference, resolved.scenario, resolved.request
        assert reference and scenario, "checked by problems_of"
        price, cost = self._priced(session, request.account_id, line)
        slots = [
            SlotPlan(
                role=role,
                provider=self._provider_name,
                model=self._model,
                prompt=prompt,
                price_credits=price,
                cost_usd=cost,
                input_asset_ids=(reference.asset_id,),
                options=resolved.options,
            )
            for role, prompt in resolved.prompts().items()
        ]
        return GenerationPlan(
            kind=Kind.SIMULATIONS,
            account_id=request.account_id,
            title=f"{reference.filename[:MAX_NAME_CHARACTERS]} · {scenario.name}",
            request=resolved.as_json(),
            slots=tuple(slots),
            also_write=partial(_write, resolved, scenario, reference.asset_id),
        )

    def _existing(self, session: Session, draft: Draft) -> ExistingResult | None:
        """Not one whose consent was withdrawn: its pictures are erased."""
        found = super()._existing(session, draft)
        if found is None or is_consent_withdrawn(session, found.generation_id):
            return None
        return found


def is_consent_withdrawn(session: Session, generation_id: str) -> bool:
    """Whether a simulation's photograph may not be used any more."""
    query = (
        select(Consent.withdrawn_at)
        .join(Simulation, Simulation.consent_id == Consent.id)
        .where(Simulation.generation_id == generation_id)
    )
    return session.scalar(query) is not None


def _write(
    resolved: ResolvedSimulation,
    scenario: Scenario,
    asset_id: str,
    session: Session,
    generation: Generation,
    slots: Sequence[Slot],
) -> None:
    """Write the consent, and what the simulation is made of."""
    consent = Consent(
        id=new_id("con"),
        account_id=generation.account_id,
        asset_id=asset_id,
        wording_version=WORDING_VERSION,
        given_by=generation.person_id,
    )
    session.add(consent)
    session.flush()
    session.add(
        Simulation(
            generation_id=generation.id,
            original_asset_id=asset_id,
            scenario_id=scenario.id,
            scenario_version=scenario.version,
            strength=resolved.strength,
            steps=resolved.request.steps,
            consent_id=consent.id,
        )
    )
    session.flush()
