"""The models that can draw poses: those of the settings, and the account's trained ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.core.errors import ProviderMissingError
from services.database.models import TrainedModel
from services.providers.base import ModelCapabilities, Provider, TrainingProvider
from services.providers.registry import provider_label
from services.recipes.base import model_problem

DEFAULT = "default"
TRAINED = "trained:"
MAX_TRAINED = 50
GONE = "This trained model is not there any more, or is not ready yet. Choose another model."


@dataclass(frozen=True)
class PoseModelChoice:
    """A model as the form offers it; one with a `problem` cannot be chosen now."""

    id: str
    label: str
    provider: str
    needs_mascot: bool
    takes_control_image: bool = False
    typical_seconds: float = 0.0
    note: str = ""
    problem: str = ""

    @property
    def is_available(self) -> bool:
        """Whether poses can be made with it."""
        return not self.problem


@dataclass(frozen=True)
class PoseModel:
    """A model that draws poses; `trained` is the account's own, which needs no mascot."""

    id: str
    provider: str
    model: str
    can: ModelCapabilities
    trained: TrainedModel | None = None

    @property
    def note(self) -> str:
        """Describe what it draws from, where that is not the mascot's picture."""
        if self.trained is not None:
            return f"{self.can.model} draws what it was taught, so no mascot is needed."
        if not self.can.max_images:
            return f"{self.can.model} sees no picture: the mascot's description is sent to it."
        return ""


@dataclass(frozen=True)
class PoseModels:
    """Finds the models; `names` has provider and model by choice: DEFAULT, or a provider."""

    providers: Mapping[str, Provider]
    names: Mapping[str, tuple[str, str]]

    def choices(self, session: Session, account_id: str) -> tuple[PoseModelChoice, ...]:
        """Return every model of this account, with those that cannot be used now."""
        trained = session.scalars(
            _ready(account_id).order_by(TrainedModel.created_at.desc()).limit(MAX_TRAINED)
        )
        configured = [self._choice(self.named(name), name, self.names[name]) for name in self.names]
        own = [
            self._choice(self.own(row), f"{TRAINED}{row.id}", (row.provider, row.name), True)
            for row in trained
        ]
        return (*configured, *own)

    def find(self, session: Session, account_id: str, chosen: str) -> PoseModel | str:
        """Return the chosen model, or why it cannot be used as a sentence."""
        if not chosen.startswith(TRAINED):
            return self.named(chosen)
        query = _ready(account_id).where(TrainedModel.id == chosen.removeprefix(TRAINED))
        row = session.scalar(query)
        return self.own(row) if row else GONE

    def named(self, name: str) -> PoseModel | str:
        """Return a model of the settings, or why it cannot be used."""
        if name not in self.names:
            return "Choose one of the models."
        provider_name, model = self.names[name]
        provider = self.providers.get(provider_name)
        if provider is None:
            return ProviderMissingError(provider=provider_label(provider_name)).sentence
        problem = model_problem(self.providers, provider_name, model)
        return problem or PoseModel(name, provider_name, model, provider.capabilities(model))

    def own(self, row: TrainedModel) -> PoseModel | str:
        """Return a trained model, or why it cannot be used."""
        provider = self.providers.get(row.provider)
        if provider is None:
            return ProviderMissingError(provider=provider_label(row.provider)).sentence
        if not isinstance(provider, TrainingProvider):
            return f"{provider_label(row.provider)} runs no trained models."
        can = replace(provider.trainings.product(row.trainer), model=row.name)
        return PoseModel(f"{TRAINED}{row.id}", row.provider, row.version or "", can, row)

    def _choice(
        self, found: PoseModel | str, name: str, called: tuple[str, str], is_own: bool = False
    ) -> PoseModelChoice:
        provider, label = provider_label(called[0]), called[1]
        if isinstance(found, str):
            return PoseModelChoice(name, label, provider, not is_own, problem=found)
        return PoseModelChoice(
            id=name,
            label=label,
            provider=provider,
            needs_mascot=not is_own,
            takes_control_image=found.can.takes_control_image,
            typical_seconds=found.can.typical_seconds,
            note=found.note,
        )


def _ready(account_id: str) -> Select[TrainedModel]:
    return select(TrainedModel).where(
        TrainedModel.account_id == account_id,
        TrainedModel.version.is_not(None),
        TrainedModel.archived_at.is_(None),
    )
