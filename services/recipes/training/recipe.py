"""Training: a model trained on references, stored as a version at the provider and as weights.

One run fills both slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Kind, Role, SlotRole
from services.database.models import Generation, Slot, TrainedModel, TrainingPicture, new_id
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, Quote, QuoteLine, SlotPlan
from services.recipes.recipe import Draft, PriceItem, Recipe
from services.recipes.training.data_set import (
    CheckState,
    ChosenPicture,
    DataSetCheck,
    chosen_pictures,
    data_set_checks,
)
from services.recipes.training.request import (
    ModelTrainingRequest,
    free_word,
    is_taken,
    request_problems,
    trigger_word_problem,
)
from services.recipes.training.work import TrainingWork, trainings_of

ITEMS = {SlotRole.VERSION: "training_version", SlotRole.WEIGHTS: "training_weights"}


@dataclass(frozen=True)
class TrainingQuote:
    """A quote with the pictures that were found and the checks on them."""

    quote: Quote
    checks: tuple[DataSetCheck, ...]
    pictures: tuple[ChosenPicture, ...]


class Training(Recipe[ModelTrainingRequest]):
    """Quotes and starts trainings."""

    kind = Kind.TRAINING
    work = TrainingWork()
    label = "Training"
    icon = "model_training"
    noun = "training"
    prices: ClassVar = {
        ITEMS[SlotRole.VERSION]: PriceItem("Trained version", 800),
        ITEMS[SlotRole.WEIGHTS]: PriceItem("Weights file", 200),
    }

    def _capabilities_of(self, session: Session, provider: str, model: str) -> ModelCapabilities:
        return trainings_of(self._providers[provider], model).capabilities(model)

    def suggest_trigger_word(self, actor: Actor, name: str) -> str:
        """Return a word made from the name that no trained model of any account has."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return free_word(session, name)

    def quote(  # type: ignore[override]  # a quote with its checks
        self, actor: Actor, request: ModelTrainingRequest
    ) -> TrainingQuote:
        """Quote price, time and checks; what is missing or refused becomes `problems`."""
        require(actor, Role.VIEWER)
        request = request.cleaned()
        with self._database.transaction() as session:
            pictures = chosen_pictures(session, request)
            checks = _checks(session, request, pictures)
            quote = self._quoted(session, self._checked(session, request, pictures, checks))
        return TrainingQuote(quote, checks, pictures)

    def _draft(
        self, session: Session, request: ModelTrainingRequest, idempotency_key: str = ""
    ) -> Draft:
        request = request.cleaned()
        pictures = chosen_pictures(session, request)
        checks = _checks(session, request, pictures, idempotency_key)
        return self._checked(session, request, pictures, checks)

    def _checked(
        self,
        session: Session,
        request: ModelTrainingRequest,
        pictures: Sequence[ChosenPicture],
        checks: Sequence[DataSetCheck],
    ) -> Draft:
        can = self._capabilities_of(session, self._provider_name, self._model)
        return Draft(
            request.account_id,
            request.as_json(),
            self._lines(request),
            [*request_problems(request, can), *_sentences(checks, CheckState.PROBLEM)],
            lambda: self._plan(session, request, pictures),
            warnings=_sentences(checks, CheckState.WARNING),
        )

    def _lines(self, request: ModelTrainingRequest) -> tuple[QuoteLine, ...]:
        """Return the quote's lines; the weights come from the version's run, so cost counts once."""
        return tuple(
            QuoteLine(
                item,
                self._provider_name,
                self._model,
                1,
                effort=request.effort,
                is_same_run=role is SlotRole.WEIGHTS,
            )
            for role, item in ITEMS.items()
        )

    def _plan(
        self, session: Session, request: ModelTrainingRequest, pictures: Sequence[ChosenPicture]
    ) -> GenerationPlan:
        cost = self._cost_usd(session, self._provider_name, self._model, request.effort)
        slots = tuple(
            SlotPlan(
                role=role,
                provider=self._provider_name,
                model=self._model,
                prompt=request.trigger_word,
                price_credits=self._price(session, request.account_id, item),
                cost_usd=cost if role is SlotRole.VERSION else 0.0,
                input_asset_ids=tuple(picture.asset_id for picture in pictures),
                options={**request.sent, "trigger_word": request.trigger_word},
                group=0,
            )
            for role, item in ITEMS.items()
        )

        return GenerationPlan(
            kind=Kind.TRAINING,
            account_id=request.account_id,
            title=request.name,
            request=request.as_json(),
            slots=slots,
            also_write=partial(_write, request, pictures),
        )


def _checks(
    session: Session,
    request: ModelTrainingRequest,
    pictures: Sequence[ChosenPicture],
    idempotency_key: str = "",
) -> tuple[DataSetCheck, ...]:
    word_check = _word_check(session, request, idempotency_key)
    return (*data_set_checks(request, pictures), word_check)


def _sentences(checks: Sequence[DataSetCheck], state: CheckState) -> tuple[str, ...]:
    return tuple(f"{check.name}: {check.sentence}" for check in checks if check.state is state)


def _word_check(
    session: Session, request: ModelTrainingRequest, idempotency_key: str
) -> DataSetCheck:
    name, word = "Trigger word", request.trigger_word
    problem = trigger_word_problem(word)
    if problem is None and is_taken(session, word, request.account_id, idempotency_key):
        problem = _taken(session, request)
    if problem:
        return DataSetCheck(name, CheckState.PROBLEM, problem)
    return DataSetCheck(name, CheckState.OK, f"No other model has {word}.")


def _taken(session: Session, request: ModelTrainingRequest) -> str:
    other = free_word(session, request.name)
    return f"{request.trigger_word} belongs to another model. Take {other}, which is free."


def _write(
    request: ModelTrainingRequest,
    pictures: Sequence[ChosenPicture],
    session: Session,
    generation: Generation,
    slots: Sequence[Slot],
) -> None:
    """Write the model and its pictures; another start may have taken the word meanwhile."""
    model_id = session.scalar(
        insert(TrainedModel)
        .values(
            id=new_id("mod"),
            account_id=generation.account_id,
            generation_id=generation.id,
            name=request.name,
            subject_type=request.subject_type,
            gender=request.gender,
            trigger_word=request.trigger_word,
            provider=slots[0].provider,
            trainer=slots[0].model,
            destination_name=f"atelier-{request.trigger_word}",
            parameters=request.sent,
        )
        .on_conflict_do_nothing(index_elements=[TrainedModel.trigger_word])
        .returning(TrainedModel.id)
    )
    if model_id is None:
        raise InvalidRequestError(problem=_taken(session, request))
    captions = dict(request.captions)
    session.add_all(
        TrainingPicture(
            trained_model_id=model_id,
            position=position,
            reference_id=picture.reference_id,
            asset_id=picture.asset_id,
            caption=captions.get(picture.reference_id, ""),
        )
        for position, picture in enumerate(pictures)
    )
    session.flush()
