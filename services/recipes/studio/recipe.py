"""Studio: pictures of a trained model, alone or beside an earlier one with the same seed."""

import re
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Kind, Role, SlotRole
from services.core.text import clean
from services.database.models import TrainedModel
from services.providers.base import ModelCapabilities
from services.recipes.base import (
    FinalPrompt,
    GenerationPlan,
    QuoteLine,
    SlotPlan,
    prompt_problems,
)
from services.recipes.prompt_texts import PromptText, words_of
from services.recipes.recipe import Draft, PriceItem, Recipe
from services.recipes.training.work import trainings_of

MAX_COUNT = 4
MIN_SCALE, MAX_SCALE = -1.0, 2.0
MAX_SEED = 2**31 - 1
MAX_TITLE_CHARACTERS = 160
BOOSTERS = "sharp focus, balanced light, high detail"
QUALITY = PromptText("studio_quality", "Quality words of the Studio", BOOSTERS)
_OF_GENDER = {"woman": "a woman", "man": "a man"}


@dataclass(frozen=True)
class StudioRequest:
    """Pictures of a trained model; with `compare_model_id` each is made with that one as well.

    Both pictures of a pair have the same seed. Without `seed` every picture, or pair, has one
    drawn at random; with it the first has this one, the next the number after it.
    """

    account_id: str
    trained_model_id: str
    prompt: str = ""
    count: int = 1
    aspect_ratio: str = "1:1"
    lora_scale: float = 1.0
    seed: int | None = None
    compare_model_id: str | None = None

    @property
    def picture_count(self) -> int:
        """Return how many pictures it asks for."""
        return max(0, self.count) * (2 if self.compare_model_id else 1)

    def cleaned(self) -> "StudioRequest":
        """Return the request with its prompt as it will be stored."""
        return replace(self, prompt=clean(self.prompt).strip())


@dataclass(frozen=True)
class PromptedModel:
    """A trained model with the prompt that it will be sent."""

    model: TrainedModel
    prompt: str

    @property
    def version(self) -> str:
        """`owner/name:id` at the provider; empty while it is not there."""
        return self.model.version or ""


@dataclass(frozen=True)
class ResolvedModels:
    """The models that a request names: the chosen one, and the one compared with it."""

    chosen: PromptedModel | None
    compared: PromptedModel | None = None

    @property
    def models(self) -> tuple[PromptedModel, ...]:
        """The models whose pictures are made, in order."""
        return tuple(one for one in (self.chosen, self.compared) if one is not None)

    def final_prompts(self) -> tuple[FinalPrompt, ...]:
        """Return the prompt of each model."""
        return tuple(FinalPrompt(one.model.name, one.prompt) for one in self.models)


def resolve_models(session: Session, request: StudioRequest) -> ResolvedModels:
    """Look up the models; those of other accounts are not found."""
    chosen = _model(session, request.account_id, request.trained_model_id)
    if chosen is None:
        return ResolvedModels(None)
    compared = _model(session, request.account_id, request.compare_model_id)
    words, quality = request.prompt, words_of(session, [QUALITY])[QUALITY.id]
    other = _exchanged(words, chosen, compared) if compared else ""
    return ResolvedModels(
        PromptedModel(chosen, final_prompt(words, chosen, quality)),
        PromptedModel(compared, final_prompt(other, compared, quality)) if compared else None,
    )


def final_prompt(words: str, model: TrainedModel, quality: str = BOOSTERS) -> str:
    """Return the words with the trigger word, in front where they lack it, and quality words."""
    if not _has(words, model.trigger_word):
        words = f"{_front(model)}, {words}"
    return f"{words}, {quality}"


def request_problems(
    request: StudioRequest, resolved: ResolvedModels, can: ModelCapabilities | None
) -> list[str]:
    """Return why it cannot be started, as sentences; `can` is None without a model that is ready."""
    problems = _model_problems(request, resolved)
    if not request.prompt:
        problems.append("The prompt is empty: say what the picture should show.")
    if not 1 <= request.count <= MAX_COUNT:
        problems.append(f"Choose 1 to {MAX_COUNT} pictures.")
    if not MIN_SCALE <= request.lora_scale <= MAX_SCALE:
        problems.append(f"Choose a strength of the likeness from {MIN_SCALE:g} to {MAX_SCALE:g}.")
    if request.seed is not None and not 1 <= request.seed <= MAX_SEED - MAX_COUNT:
        problems.append(f"Choose a seed from 1 to {MAX_SEED - MAX_COUNT:,}, or none.")
    return problems if can is None else problems + _capability_problems(request, resolved, can)


def not_ready(model: TrainedModel) -> str | None:
    """Why a model cannot make pictures, as a sentence; None when it can."""
    if model.archived_at is not None:
        return f"{model.name} is archived. Take it back on the Training page, or choose another."
    if model.version is None:
        text = f"{model.name} has no trained version"
        return f"{text}: its training runs or has failed. Choose another, or wait for it."
    return None


def _model_problems(request: StudioRequest, resolved: ResolvedModels) -> list[str]:
    if resolved.chosen is None:
        return ["Choose a trained model. Training makes one from your references."]
    reasons = [not_ready(one.model) for one in resolved.models]
    problems = [problem for problem in reasons if problem]
    if request.compare_model_id and resolved.compared is None:
        problems.append("The model to compare with is not there any more. Choose another, or none.")
    if request.compare_model_id == request.trained_model_id:
        problems.append("It would be compared with itself. Choose another model, or none.")
    return problems


def _capability_problems(
    request: StudioRequest, resolved: ResolvedModels, can: ModelCapabilities
) -> list[str]:
    problems = []
    if can.aspect_ratios and request.aspect_ratio not in can.aspect_ratios:
        problems.append(f"The model makes no pictures of {request.aspect_ratio}. Choose another.")
    if request.lora_scale != 1.0 and "lora_scale" not in can.options:
        problems.append("This model's likeness has one strength. Put it back to 1.")
    if request.prompt:
        longest = max((one.prompt for one in resolved.models), key=len)
        problems += prompt_problems("The prompt", longest, can)
    return problems


def options_of(request: StudioRequest, can: ModelCapabilities) -> dict[str, Any]:
    """Return what the model is sent beside the prompt."""
    return {"lora_scale": request.lora_scale} if "lora_scale" in can.options else {}


def _model(session: Session, account_id: str, model_id: str | None) -> TrainedModel | None:
    model = session.get(TrainedModel, model_id) if model_id else None
    return model if model is not None and model.account_id == account_id else None


def _front(model: TrainedModel) -> str:
    if model.subject_type == "style":
        return f"in the style of {model.trigger_word}"
    kind = _OF_GENDER.get(model.gender or "")
    return f"{model.trigger_word}, {kind}" if kind else model.trigger_word


def _exchanged(words: str, chosen: TrainedModel, compared: TrainedModel) -> str:
    return _word(chosen.trigger_word).sub(compared.trigger_word, words)


def _has(words: str, trigger_word: str) -> bool:
    return _word(trigger_word).search(words) is not None


def _word(trigger_word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(trigger_word)}\b", re.IGNORECASE)


ITEM = "studio_picture"


class Studio(Recipe[StudioRequest]):
    """Quotes and starts pictures of trained models."""

    kind = Kind.STUDIO
    label = "Studio"
    icon = "brush"
    prices: ClassVar = {ITEM: PriceItem("Studio picture", 20)}
    texts = (QUALITY,)
    tiles_in_group = 2

    def capabilities(self, actor: Actor, trained_model_id: str) -> ModelCapabilities:
        """Return what this model can do; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            model = session.get(TrainedModel, trained_model_id)
            if model is None:
                raise NotFoundError(what="trained model", id=trained_model_id)
            return self._product(model)

    def _draft(self, session: Session, request: StudioRequest, idempotency_key: str = "") -> Draft:
        request = request.cleaned()
        resolved = resolve_models(session, request)
        ready = [one for one in resolved.models if not_ready(one.model) is None]
        versions = tuple((one.model.provider, one.version) for one in ready)
        can = self._product(ready[0].model) if ready else None
        return Draft(
            request.account_id,
            asdict(request),
            tuple(QuoteLine(ITEM, *version, max(0, request.count)) for version in versions),
            request_problems(request, resolved, can),
            lambda: self._plan(session, request, resolved),
            resolved.final_prompts() if request.prompt else (),
            versions=versions,
        )

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

    def _plan(
        self, session: Session, request: StudioRequest, resolved: ResolvedModels
    ) -> GenerationPlan:
        pairs = [(seed, one) for seed in _seeds(request) for one in resolved.models]
        name = resolved.models[0].model.name
        return GenerationPlan(
            kind=Kind.STUDIO,
            account_id=request.account_id,
            title=f"{name}: {request.prompt}"[:MAX_TITLE_CHARACTERS],
            request=asdict(request),
            slots=tuple(self._slot(session, request, one, seed) for seed, one in pairs),
        )

    def _slot(
        self, session: Session, request: StudioRequest, one: PromptedModel, seed: int | None
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


def _seeds(request: StudioRequest) -> list[int | None]:
    """One for each picture or pair; None is drawn at random when the slot is written."""
    if request.seed is not None:
        return [request.seed + number for number in range(request.count)]
    if request.compare_model_id:
        return [secrets.randbelow(MAX_SEED) + 1 for _ in range(request.count)]
    return [None] * request.count
