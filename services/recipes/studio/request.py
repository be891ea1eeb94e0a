"""What people ask for in the Studio: a trained model, words, and perhaps another model beside it.

Plans and charges nothing; `services.recipes.studio.recipe` does.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from services.core.text import clean
from services.database.models import TrainedModel
from services.providers.base import ModelCapabilities
from services.recipes.base import FinalPrompt, prompt_problems

MAX_COUNT = 4
LEAST_SCALE, MOST_SCALE = -1.0, 2.0
MOST_SEED = 2**31 - 1
MAX_TITLE_CHARACTERS = 160
BOOSTERS = "sharp focus, balanced light, high detail"
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
        """How many pictures it asks for."""
        return max(0, self.count) * (2 if self.compare_model_id else 1)

    def cleaned(self) -> "StudioRequest":
        """The same request with its prompt as it will be kept."""
        return replace(self, prompt=clean(self.prompt).strip())


@dataclass(frozen=True)
class Likeness:
    """A trained model with the prompt that it will be sent."""

    model: TrainedModel
    prompt: str

    @property
    def version(self) -> str:
        """`owner/name:id` at the provider; empty while it is not there."""
        return self.model.version or ""


@dataclass(frozen=True)
class StudioFound:
    """What was found for a request: the model, and the one beside it."""

    chosen: Likeness | None
    compared: Likeness | None = None

    @property
    def likenesses(self) -> tuple[Likeness, ...]:
        """Those whose pictures are made, in order."""
        return tuple(one for one in (self.chosen, self.compared) if one is not None)

    def final_prompts(self) -> tuple[FinalPrompt, ...]:
        """What each model will be told."""
        return tuple(FinalPrompt(one.model.name, one.prompt) for one in self.likenesses)


def found_of(session: Session, request: StudioRequest) -> StudioFound:
    """Look up the models; those of other accounts are not found."""
    chosen = _model(session, request.account_id, request.trained_model_id)
    if chosen is None:
        return StudioFound(None)
    compared = _model(session, request.account_id, request.compare_model_id)
    words = request.prompt
    other = _exchanged(words, chosen, compared) if compared else ""
    return StudioFound(
        Likeness(chosen, final_prompt(words, chosen)),
        Likeness(compared, final_prompt(other, compared)) if compared else None,
    )


def final_prompt(words: str, model: TrainedModel) -> str:
    """The words with the trigger word, which is put in front where they lack it."""
    if not _has(words, model.trigger_word):
        words = f"{_front(model)}, {words}"
    return f"{words}, {BOOSTERS}"


def request_problems(
    request: StudioRequest, found: StudioFound, can: ModelCapabilities | None
) -> list[str]:
    """Why it cannot be started, as sentences; `can` is None without a model that is ready."""
    problems = _model_problems(request, found)
    if not request.prompt:
        problems.append("The prompt is empty: say what the picture should show.")
    if not 1 <= request.count <= MAX_COUNT:
        problems.append(f"Choose 1 to {MAX_COUNT} pictures.")
    if not LEAST_SCALE <= request.lora_scale <= MOST_SCALE:
        problems.append(
            f"Choose a strength of the likeness from {LEAST_SCALE:g} to {MOST_SCALE:g}."
        )
    if request.seed is not None and not 1 <= request.seed <= MOST_SEED - MAX_COUNT:
        problems.append(f"Choose a seed from 1 to {MOST_SEED - MAX_COUNT:,}, or none.")
    return problems if can is None else problems + _capability_problems(request, found, can)


def not_ready(model: TrainedModel) -> str | None:
    """Why a model cannot make pictures, as a sentence; None when it can."""
    if model.archived_at is not None:
        return f"{model.name} is archived. Take it back on the Training page, or choose another."
    if model.version is None:
        text = f"{model.name} has no trained version"
        return f"{text}: its training runs or has failed. Choose another, or wait for it."
    return None


def _model_problems(request: StudioRequest, found: StudioFound) -> list[str]:
    if found.chosen is None:
        return ["Choose a trained model. Training makes one from your references."]
    told = [not_ready(one.model) for one in found.likenesses]
    problems = [problem for problem in told if problem]
    if request.compare_model_id and found.compared is None:
        problems.append("The model to compare with is not there any more. Choose another, or none.")
    if request.compare_model_id == request.trained_model_id:
        problems.append("It would be compared with itself. Choose another model, or none.")
    return problems


def _capability_problems(
    request: StudioRequest, found: StudioFound, can: ModelCapabilities
) -> list[str]:
    problems = []
    if can.aspect_ratios and request.aspect_ratio not in can.aspect_ratios:
        problems.append(f"The model makes no pictures of {request.aspect_ratio}. Choose another.")
    if request.lora_scale != 1.0 and "lora_scale" not in can.options:
        problems.append("This model's likeness has one strength. Put it back to 1.")
    if request.prompt:
        longest = max((one.prompt for one in found.likenesses), key=len)
        problems += prompt_problems("The prompt", longest, can)
    return problems


def options_of(request: StudioRequest, can: ModelCapabilities) -> dict[str, Any]:
    """What the model is told beside the prompt."""
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
