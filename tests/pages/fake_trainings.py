"""The made-up trainings: one in each state, a form that is checked, and a Studio that starts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Role
from services.providers.base import ModelCapabilities
from services.recipes.base import FinalPrompt, Quote, Started
from services.recipes.studio.recipe import StudioRequest
from services.recipes.training.data_set import CheckState, ChosenPicture, DataSetCheck
from services.recipes.training.recipe import TrainingQuote
from services.recipes.training.request import ModelTrainingRequest
from services.recipes.training.trained_models import (
    MadePicture,
    TaughtPicture,
    TrainedModelCard,
    TrainingState,
)
from services.references.summaries import ReferenceSummary
from services.storage.keys import weights_key

NOW = datetime.now(UTC)
FEWEST = 5


def trained_model(number: int, state: TrainingState, name: str = "Mira") -> TrainedModelCard:
    """A training in this state; a completed one has a version and weights."""
    is_done = state is TrainingState.COMPLETED
    return TrainedModelCard(
        id=f"mod_{number:026d}",
        generation_id=f"gen_{number:026d}",
        name=name,
        subject_type="person",
        gender="woman",
        trigger_word=f"mira000{number}",
        state=state,
        progress=1.0 if is_done else 0.42,
        stage="training" if state is TrainingState.TRAINING else "",
        seconds_left=720.0 if state is TrainingState.TRAINING else None,
        losses=((10.0, 0.5), (20.0, 0.4), (30.0, 0.38)),
        log="Extracted 8 files\n<b>step</b> 420" if state is not TrainingState.STARTING else "",
        web_url="https://replicate.com/p/abc",
        undecided_run_id=None,
        failure="The provider had a fault." if state is TrainingState.FAILED else "",
        version=f"studio/atelier-mira000{number}:{'f' * 64}" if is_done else None,
        weights_bytes=171_969_408 if is_done else None,
        weights_key=weights_key("0" * 64) if is_done else None,
        created_at=NOW - timedelta(minutes=30 * number),
        is_archived=False,
        is_canceling=False,
        taught=tuple(
            TaughtPicture(f"ast_{n:026d}", f"{n}.jpg", f"thumb-{n}.webp", "", "by a lake" * (n % 2))
            for n in range(8)
        ),
        made=(MadePicture(f"ast_{9:026d}", "thumb-9.webp", ""),) if is_done else (),
    )


@dataclass
class FakeTrainedModels:
    """`changes` holds every rename, archive and restore."""

    items: list[TrainedModelCard] = field(
        default_factory=lambda: [
            trained_model(1, TrainingState.TRAINING, "Bruno"),
            trained_model(2, TrainingState.COMPLETED, "<b>Mira</b> *2*"),
            trained_model(3, TrainingState.COMPLETED),
            trained_model(4, TrainingState.FAILED, "Olga"),
            trained_model(5, TrainingState.STARTING, "Ada"),
        ]
    )
    changes: list[tuple[str, ...]] = field(default_factory=list)

    def of_account(self, actor: Actor, account_id: str) -> tuple[TrainedModelCard, ...]:
        return tuple(self.items)

    def rename(self, actor: Actor, model_id: str, name: str) -> None:
        self._change(actor, "rename", model_id, name)

    def archive(self, actor: Actor, model_id: str) -> None:
        self._change(actor, "archive", model_id)
        self.items = [replace(card, is_archived=card.id == model_id) for card in self.items]

    def restore(self, actor: Actor, model_id: str) -> None:
        self._change(actor, "restore", model_id)

    def _change(self, actor: Actor, *change: str) -> None:
        require(actor, Role.OPERATOR)
        self.changes.append(change)


@dataclass
class FakeTraining:
    """`starts` holds the (request, key) pairs that were started."""

    references: list[ReferenceSummary]
    models: FakeTrainedModels
    balance: int = 12_480
    starts: list[tuple[ModelTrainingRequest, str]] = field(default_factory=list)

    def suggest_trigger_word(self, actor: Actor, name: str) -> str:
        return f"{name.lower()}4821"

    def quote(self, actor: Actor, request: ModelTrainingRequest) -> TrainingQuote:
        count = len(request.reference_ids)
        is_enough = count >= FEWEST
        state = CheckState.OK if is_enough else CheckState.PROBLEM
        checks = (
            DataSetCheck("Pictures", state, f"{count} chosen; a training needs {FEWEST}."),
            DataSetCheck("Variety", CheckState.WARNING, "<b>a</b>.png and b.png look alike."),
        )
        problems = () if is_enough else (checks[0].sentence,)
        quote = Quote(2, 1_000, 2.75, 1800.0, self.balance, problems=problems)
        chosen = [card for card in self.references if card.id in request.reference_ids]
        return TrainingQuote(quote, checks, tuple(map(_chosen, chosen)))

    def start(self, actor: Actor, request: ModelTrainingRequest, idempotency_key: str) -> Started:
        require(actor, Role.OPERATOR)
        self.starts.append((request, idempotency_key))
        card = replace(trained_model(6, TrainingState.STARTING), name=request.name)
        self.models.items.insert(0, card)
        return Started(card.generation_id, True, True)


@dataclass
class FakeStudio:
    """`starts` holds the (request, key) pairs that were started."""

    models: FakeTrainedModels
    balance: int = 12_480
    starts: list[tuple[StudioRequest, str]] = field(default_factory=list)

    def capabilities(self, actor: Actor, trained_model_id: str) -> ModelCapabilities:
        if all(card.id != trained_model_id for card in self.models.items):
            raise NotFoundError(what="trained model", id=trained_model_id)
        return ModelCapabilities("a/model", aspect_ratios=("1:1", "3:4"), options=("lora_scale",))

    def quote(self, actor: Actor, request: StudioRequest) -> Quote:
        words = request.prompt.strip()
        prompts = (FinalPrompt("Mira", f"mira0002, {words}"),) if words else ()
        problems = () if words else ("The prompt is empty.",)
        count = request.picture_count
        return Quote(count, 20 * count, 0.01 * count, 10.0, self.balance, prompts, problems)

    def start(self, actor: Actor, request: Any, idempotency_key: str) -> Started:
        require(actor, Role.OPERATOR)
        self.starts.append((request, idempotency_key))
        return Started("gen_studio", True, True)


def _chosen(card: ReferenceSummary) -> ChosenPicture:
    return ChosenPicture(
        card.id,
        card.asset_id,
        card.filename,
        card.width,
        card.height,
        card.byte_count,
        card.sharpness,
        None,
        None,
        card.thumbnail_key,
    )
