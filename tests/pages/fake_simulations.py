"""The made-up simulations: what was asked, and scenarios and consents that are changed in place."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Role
from services.database.seed import SCENARIOS
from services.recipes.base import FinalPrompt, Quote, Started
from services.recipes.simulations.consents import WORDING_VERSION, ConsentView
from services.recipes.simulations.recipe import SimulationRequest
from services.recipes.simulations.scenarios import ScenarioView, ScenarioWords


@dataclass
class FakeSimulations:
    """`starts` holds the (request, key) pairs that were started."""

    starts: list[tuple[SimulationRequest, str]] = field(default_factory=list)

    def quote(self, actor: Actor, request: SimulationRequest) -> Quote:
        require(actor, Role.OPERATOR)
        problems = () if request.has_consent else ("Confirm the consent of the person.",)
        prompts = (FinalPrompt("Rear view", "the person seen from behind"),)
        return Quote(2, 30, 0.02, 12.0, 12_480, prompts, problems)

    def start(self, actor: Actor, request: SimulationRequest, idempotency_key: str) -> Started:
        require(actor, Role.OPERATOR)
        self.starts.append((request, idempotency_key))
        return Started("gen_new", True, True)


@dataclass
class FakeScenarios:
    """`reasons` holds why each change was made."""

    items: list[ScenarioView] = field(
        default_factory=lambda: [
            ScenarioView(id_, name, description, strength, 1, is_archived=False)
            for id_, name, description, strength in SCENARIOS
        ]
    )
    reasons: list[str] = field(default_factory=list)

    def choices(self, actor: Actor) -> tuple[ScenarioView, ...]:
        require(actor, Role.OPERATOR)
        return tuple(view for view in self.items if not view.is_archived)

    def everything(self, actor: Actor) -> tuple[ScenarioView, ...]:
        require(actor, Role.ADMIN)
        return tuple(self.items)

    def add(self, actor: Actor, words: ScenarioWords, reason: str) -> str:
        self._note(actor, reason)
        view = ScenarioView("scn_new", words.name, words.description, words.strength, 1, False)
        self.items.append(view)
        return view.id

    def edit(self, actor: Actor, scenario_id: str, words: ScenarioWords, reason: str) -> None:
        self._note(actor, reason)
        self.items = [
            replace(
                view,
                name=words.name,
                description=words.description,
                strength=words.strength,
                version=view.version + 1,
            )
            if view.id == scenario_id
            else view
            for view in self.items
        ]

    def archive(self, actor: Actor, scenario_id: str, reason: str) -> None:
        self._archived(actor, scenario_id, reason, is_archived=True)

    def restore(self, actor: Actor, scenario_id: str, reason: str) -> None:
        self._archived(actor, scenario_id, reason, is_archived=False)

    def _archived(self, actor: Actor, scenario_id: str, reason: str, *, is_archived: bool) -> None:
        self._note(actor, reason)
        self.items = [
            replace(view, is_archived=is_archived) if view.id == scenario_id else view
            for view in self.items
        ]

    def _note(self, actor: Actor, reason: str) -> None:
        require(actor, Role.ADMIN)
        if not reason.strip():
            raise InvalidRequestError(problem="Give a reason: it is stored with the change.")
        self.reasons.append(reason)


@dataclass
class FakeConsents:
    """One consent, until it is withdrawn."""

    items: list[ConsentView] = field(
        default_factory=lambda: [
            ConsentView(
                id="con_1",
                asset_id="ast_1",
                filename="front view.jpg",
                wording_version=WORDING_VERSION,
                given_by="You",
                given_at=datetime.now(UTC),
                withdrawn_at=None,
                pictures=2,
            )
        ]
    )
    reasons: list[str] = field(default_factory=list)

    def of_account(self, actor: Actor, account_id: str) -> list[ConsentView]:
        require(actor, Role.OPERATOR)
        return self.items

    def withdraw(self, actor: Actor, consent_id: str, reason: str) -> int:
        require(actor, Role.OPERATOR)
        if not reason.strip():
            raise InvalidRequestError(problem="Give a reason: it is stored with the consent.")
        self.reasons.append(reason)
        self.items = [
            replace(view, withdrawn_at=datetime.now(UTC), pictures=0)
            if view.id == consent_id
            else view
            for view in self.items
        ]
        return 2
