"""Training: a likeness learnt from references, kept as a version at the provider and as weights.

One run fills both slots; `training_wish` and `training_set` say what a wish comes to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Kind, Role, SlotRole
from services.database.models import Generation, Slot, TrainedModel, TrainingPicture, new_id
from services.providers.base import ModelCapabilities
from services.recipes.base import GenerationPlan, Order, Quote, SlotPlan, Started
from services.recipes.recipe import PriceItem, QuoteBasis, Recipe, RecipeTools
from services.recipes.training.data_set import (
    CheckState,
    ChosenPicture,
    DataSetCheck,
    chosen_pictures,
    data_set_checks,
)
from services.recipes.training.request import (
    TrainingOrder,
    free_word,
    is_taken,
    trigger_word_problem,
    wish_problems,
)
from services.recipes.training.work import TrainingWork, trainings_of

ITEMS = {SlotRole.VERSION: "training_version", SlotRole.WEIGHTS: "training_weights"}


@dataclass(frozen=True)
class TrainingQuote:
    """A quote with the pictures that were found and everything that was looked at in them."""

    quote: Quote
    checks: tuple[DataSetCheck, ...]
    pictures: tuple[ChosenPicture, ...]


class Training(Recipe):
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

    def __init__(self, tools: RecipeTools, provider_name: str, trainer: str) -> None:
        super().__init__(tools)
        self._provider_name = provider_name
        self._trainer = trainer

    def _capabilities_of(self, session: Session, provider: str, model: str) -> ModelCapabilities:
        return trainings_of(self._providers[provider], model).capabilities(model)

    @property
    def _capabilities(self) -> ModelCapabilities:
        return trainings_of(self._providers[self._provider_name], self._trainer).capabilities(
            self._trainer
        )

    def suggest_trigger_word(self, actor: Actor, name: str) -> str:
        """A word made from the name that no trained model of any account has."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return free_word(session, name)

    def quote(self, actor: Actor, wish: TrainingOrder) -> TrainingQuote:
        """Price, time and checks; what is missing or refused becomes `problems`."""
        require(actor, Role.VIEWER)
        wish = wish.cleaned()
        with self._database.transaction() as session:
            pictures = chosen_pictures(session, wish)
            checks = (*data_set_checks(wish, pictures), _word_check(session, wish, ""))
            quote = self._quoted(
                session,
                QuoteBasis(
                    wish.account_id,
                    wish.as_json(),
                    self._orders(wish),
                    _problems(wish, checks, self._capabilities),
                    warnings=_sentences(checks, CheckState.WARNING),
                ),
            )
        return TrainingQuote(quote, checks, pictures)

    def start(self, actor: Actor, wish: TrainingOrder, idempotency_key: str) -> Started:
        """Start the training; raises InvalidRequestError with the first problem, uncharged."""
        require(actor, Role.OPERATOR)
        wish = wish.cleaned()
        with self._database.transaction() as session:
            pictures = chosen_pictures(session, wish)
            checks = (
                *data_set_checks(wish, pictures),
                _word_check(session, wish, idempotency_key),
            )
            problems = _problems(wish, checks, self._capabilities)
            if problems:
                raise InvalidRequestError(problem=problems[0])
            plan = self._plan(session, wish, pictures)
        return self._starter.start(actor, plan, idempotency_key)

    def _orders(self, wish: TrainingOrder) -> tuple[Order, ...]:
        """The weights come out of the version's run: money and time are counted once."""
        return tuple(
            Order(
                item,
                self._provider_name,
                self._trainer,
                1,
                effort=wish.effort,
                is_same_run=role is SlotRole.WEIGHTS,
            )
            for role, item in ITEMS.items()
        )

    def _plan(
        self, session: Session, wish: TrainingOrder, pictures: Sequence[ChosenPicture]
    ) -> GenerationPlan:
        cost = self._cost_usd(session, self._provider_name, self._trainer, wish.effort)
        slots = tuple(
            SlotPlan(
                role=role,
                provider=self._provider_name,
                model=self._trainer,
                prompt=wish.trigger_word,
                price_credits=self._price(session, wish.account_id, item),
                cost_usd=cost if role is SlotRole.VERSION else 0.0,
                input_asset_ids=tuple(picture.asset_id for picture in pictures),
                options={**wish.sent, "trigger_word": wish.trigger_word},
                group=0,
            )
            for role, item in ITEMS.items()
        )

        def also_write(session: Session, generation: Generation, slots: Sequence[Slot]) -> None:
            _write(session, generation, slots[0], wish, pictures)

        return GenerationPlan(
            kind=Kind.TRAINING,
            account_id=wish.account_id,
            title=wish.name,
            request=wish.as_json(),
            slots=slots,
            also_write=also_write,
        )


def _problems(
    wish: TrainingOrder, checks: Sequence[DataSetCheck], can: ModelCapabilities
) -> list[str]:
    return [*wish_problems(wish, can), *_sentences(checks, CheckState.PROBLEM)]


def _sentences(checks: Sequence[DataSetCheck], state: CheckState) -> tuple[str, ...]:
    return tuple(f"{check.name}: {check.sentence}" for check in checks if check.state is state)


def _word_check(session: Session, wish: TrainingOrder, idempotency_key: str) -> DataSetCheck:
    name, word = "Trigger word", wish.trigger_word
    problem = trigger_word_problem(word)
    if problem is None and is_taken(session, word, wish.account_id, idempotency_key):
        problem = _taken(session, wish)
    if problem:
        return DataSetCheck(name, CheckState.PROBLEM, problem)
    return DataSetCheck(name, CheckState.OK, f"No other model has {word}.")


def _taken(session: Session, wish: TrainingOrder) -> str:
    other = free_word(session, wish.name)
    return f"{wish.trigger_word} belongs to another model. Take {other}, which is free."


def _write(
    session: Session,
    generation: Generation,
    version: Slot,
    wish: TrainingOrder,
    pictures: Sequence[ChosenPicture],
) -> None:
    """The model and its pictures. Another start may have taken the word since it was checked."""
    model_id = session.scalar(
        insert(TrainedModel)
        .values(
            id=new_id("mod"),
            account_id=generation.account_id,
            generation_id=generation.id,
            name=wish.name,
            subject_type=wish.subject_type,
            gender=wish.gender,
            trigger_word=wish.trigger_word,
            provider=version.provider,
            trainer=version.model,
            destination_name=f"atelier-{wish.trigger_word}",
            parameters=wish.sent,
        )
        .on_conflict_do_nothing(index_elements=[TrainedModel.trigger_word])
        .returning(TrainedModel.id)
    )
    if model_id is None:
        raise InvalidRequestError(problem=_taken(session, wish))
    captions = dict(wish.captions)
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
