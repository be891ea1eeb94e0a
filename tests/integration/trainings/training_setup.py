"""Trainings with short names for what the tests do all the time."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from services.core.actors import Actor
from services.core.states import AttemptState, Role, SlotRole, SlotState, Tier
from services.database.engine import Database
from services.database.models import (
    Account,
    Asset,
    Attempt,
    Generation,
    Reference,
    Run,
    Slot,
    TrainedModel,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.pipeline.start import Starter
from services.providers.durations import Capacity, DurationEstimator
from services.recipes.recipe import RecipeTools
from services.recipes.studio.recipe import Studio, StudioRequest
from services.recipes.training.recipe import Training
from services.recipes.training.request import ModelTrainingRequest
from services.recipes.training.trained_models import TrainedModelCard, TrainedModels
from services.storage.keys import original_key, thumbnail_key, weights_key
from tests.integration.pipeline.manual_pipeline import RecordingQueue
from tests.integration.trainings.fake_trainer import TRAINER, FakeTrainer

OPERATOR = Actor(LOCAL_PERSON_ID, "Ada", Role.OPERATOR)
VIEWER = replace(OPERATOR, role=Role.VIEWER)
OTHER_ACCOUNT = "acc_other"
VERSION = "f" * 64


class TrainingSetup:
    """The recipes and the models on one database, with a provider that only says what it can."""

    def __init__(self, database: Database, *parameters: str) -> None:
        self.database = database
        durations = DurationEstimator()
        tools = RecipeTools(
            database,
            Starter(database, RecordingQueue()),
            durations,
            Capacity(4, {"replicate": 10.0}),
            {"replicate": FakeTrainer(*parameters)},
        )
        self.training = Training(tools, "replicate", TRAINER)
        self.studio = Studio(tools)
        self.models = TrainedModels(database, durations)

    def pictures(self, count: int = 6, account_id: str = DEFAULT_ACCOUNT_ID) -> tuple[str, ...]:
        """References that look like each other in nothing; their ids."""
        return tuple(self.picture(f"{n}.png", account_id=account_id) for n in range(count))

    def picture(
        self, name: str = "a.png", *, account_id: str = DEFAULT_ACCOUNT_ID, **changes: Any
    ) -> str:
        """A large sharp reference, or one that differs from it as given."""
        bits = secrets.randbits(63)
        values = {"sharpness": 9.0, "phash": bits, "phash_mirrored": ~bits} | changes
        side = values.pop("side", 1200)
        sha256 = secrets.token_hex(32)
        with self.database.transaction() as session:
            asset = Asset(
                id=new_id("ast"),
                account_id=account_id,
                sha256=sha256,
                storage_key=original_key(sha256, "png"),
                storage_uri=f"s3://bucket/{name}",
                thumbnail_key=thumbnail_key(sha256),
                content_type="image/png",
                byte_count=values.pop("byte_count", 900_000),
                width=side,
                height=side,
                placeholder="",
            )
            session.add(asset)
            session.flush()
            reference = Reference(
                id=new_id("ref"),
                account_id=account_id,
                asset_id=asset.id,
                sha256=sha256,
                filename=name,
                source_format="PNG",
                source_bytes=asset.byte_count,
                uploaded_by=LOCAL_PERSON_ID,
                pixel_count=side * side,
                **values,
            )
            session.add(reference)
            return reference.id

    def other_account(self) -> str:
        """A second account, with nothing in it."""
        with self.database.transaction() as session:
            session.add(Account(id=OTHER_ACCOUNT, name="Other", tier=Tier.FREE))
        return OTHER_ACCOUNT

    def request(self, **changes: Any) -> ModelTrainingRequest:
        """A request that can be started; its pictures are made unless they are given."""
        if "reference_ids" not in changes:
            changes["reference_ids"] = self.pictures()
        request = ModelTrainingRequest(DEFAULT_ACCOUNT_ID, "Mira", "person", "woman", "mira4821")
        return replace(request, **changes)

    def start(self, key: str = "form", **changes: Any) -> str:
        """Start such a training; its generation's id."""
        return self.training.start(OPERATOR, self.request(**changes), key).generation_id

    def ready(self, word: str = "mira4821", **changes: Any) -> TrainedModel:
        """A model whose training has ended well."""
        generation_id = self.start(f"key-{word}", trigger_word=word)
        values = {
            "version": f"studio/atelier-{word}:{VERSION}",
            "ready_at": func.clock_timestamp(),
        }
        self.change(generation_id, TrainedModel, **(values | changes))
        self.change(generation_id, Slot, SlotRole.VERSION, state=SlotState.FILLED)
        return self.model(generation_id)

    def change(
        self, generation_id: str, table: type, role: SlotRole | None = None, **values: Any
    ) -> None:
        """Put rows of the generation into a state that the pipeline would bring about."""
        rows = table.generation_id == generation_id  # type: ignore[attr-defined]
        query = update(table).where(rows).values(**values)
        if role:
            query = query.where(Slot.role == role)
        with self.database.transaction() as session:
            session.execute(query)

    def attempt(self, generation_id: str, logs: str, minutes_ago: float = 5.0) -> None:
        """The training is at the provider, since so long."""
        since = func.clock_timestamp() - timedelta(minutes=minutes_ago)
        self.change(generation_id, Run, accepted_at=since, started_at=since)
        with self.database.transaction() as session:
            run = session.scalars(select(Run).where(Run.generation_id == generation_id)).one()
            session.add(
                Attempt(
                    id=new_id("att"),
                    run_id=run.id,
                    number=1,
                    provider="replicate",
                    model=TRAINER,
                    payload={},
                    payload_hash="h",
                    seed=1,
                    state=AttemptState.RUNNING,
                    prediction_id=secrets.token_hex(8),
                    web_url="https://replicate.com/p/abc",
                    outputs=[],
                    logs=logs,
                    estimated_cost_usd=2.0,
                )
            )

    def weights(self, generation_id: str, byte_count: int = 170_000_000) -> Asset:
        """The training's weights are kept."""
        with self.database.transaction() as session:
            asset = Asset(
                id=new_id("ast"),
                account_id=DEFAULT_ACCOUNT_ID,
                sha256=secrets.token_hex(32),
                storage_key=weights_key("0" * 64),
                storage_uri="s3://bucket/w.safetensors",
                content_type="application/octet-stream",
                byte_count=byte_count,
            )
            session.add(asset)
            session.flush()
        self.change(generation_id, TrainedModel, weights_asset_id=asset.id)
        return asset

    def model(self, generation_id: str) -> TrainedModel:
        """The row that the start wrote."""
        found: TrainedModel = self.all(TrainedModel, TrainedModel.generation_id == generation_id)[0]
        return found

    def card(self, generation_id: str) -> TrainedModelCard:
        """The model as a page sees it."""
        model = self.model(generation_id)
        cards = self.models.of_account(VIEWER, model.account_id)
        return next(card for card in cards if card.id == model.id)

    def slots(self, generation_id: str) -> Sequence[Slot]:
        """Its slots, in order."""
        found = self.all(Slot, Slot.generation_id == generation_id)
        return sorted(found, key=lambda slot: slot.position)

    def all(self, table: Any, *conditions: Any) -> list[Any]:
        """Rows of a table."""
        with self.database.transaction() as session:
            return list(session.scalars(select(table).where(*conditions)))

    def is_untouched(self) -> bool:
        """Whether nothing was started or charged."""
        with self.database.transaction() as session:
            balance = session.get_one(Account, DEFAULT_ACCOUNT_ID).balance
        return balance == 10_000 and not self.all(Generation) and not self.all(TrainedModel)

    def studio_request(self, model: TrainedModel, **changes: Any) -> StudioRequest:
        """A request for one picture of a model."""
        request = StudioRequest(DEFAULT_ACCOUNT_ID, model.id, "reading in a café")
        return replace(request, **changes)
