"""What people ask for on the simulations page, and what it comes to: prompts and problems.

Plans and charges nothing; `services.recipes.simulations.recipe` does.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import SlotRole
from services.database.models import Reference, Scenario
from services.providers.base import ModelCapabilities
from services.recipes.base import prompt_problems
from services.recipes.simulations.scenarios import LEAST_STRENGTH, MOST_STRENGTH

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
class Wanted:
    """What was found for a request."""

    request: SimulationRequest
    reference: Reference | None
    scenario: Scenario | None

    @property
    def strength(self) -> float:
        """As it will be sent; 0 while there is neither an own one nor a scenario."""
        own = self.request.strength
        given = own if own is not None else self.scenario.strength if self.scenario else 0.0
        return round(given, 3)

    @property
    def options(self) -> dict[str, Any]:
        """What the model is told beside the prompt."""
        return {"strength": self.strength, "steps": self.request.steps}

    def as_json(self) -> dict[str, Any]:
        """What is kept of it, with the strength that counts and the scenario as it was."""
        return {
            "account_id": self.request.account_id,
            "reference_id": self.request.reference_id,
            "scenario_id": self.request.scenario_id,
            "scenario_name": self.scenario.name if self.scenario else "",
            "scenario_version": self.scenario.version if self.scenario else 0,
            **self.options,
        }

    def prompts(self) -> dict[SlotRole, str]:
        """What each view's model will be told; nothing without a scenario."""
        if self.scenario is None:
            return {}
        words = self.scenario.description.rstrip(".")
        return {role: f"{view}: {words}, {BOOSTERS}" for role, (_, view) in VIEWS.items()}


def wanted_of(session: Session, request: SimulationRequest) -> Wanted:
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
    return Wanted(request, reference, scenario)


def problems_of(wanted: Wanted, can: ModelCapabilities) -> list[str]:
    """Why it cannot be started, as sentences; the consent comes last, as it does in the form."""
    problems = _model_problems(can)
    if wanted.reference is None:
        problems.append("This photograph is not among the references any more. Choose another.")
    if wanted.scenario is None:
        problems.append("This scenario cannot be chosen any more. Choose another.")
    elif not LEAST_STRENGTH <= wanted.strength <= MOST_STRENGTH:
        problems.append(f"Choose a strength from {LEAST_STRENGTH} to {MOST_STRENGTH:.0f}.")
    if wanted.request.steps not in STEP_CHOICES:
        problems.append(f"Choose {STEPS} steps, or {FEWER_STEPS}.")
    if prompts := wanted.prompts():
        problems += prompt_problems("The prompt", max(prompts.values(), key=len), can)
    if not wanted.request.has_consent:
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
