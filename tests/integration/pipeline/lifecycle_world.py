"""A world small enough for thousands of histories: the real database and steps, a provider in memory.

The provider does what each test draws; the storage is a dictionary. Everything between is the product.
"""

import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image
from sqlalchemy import func, select, text, update

from services.core.actors import SYSTEM
from services.core.errors import AtelierError, LeaseLostError, RemedyRefusedError
from services.core.states import (
    ACTIVE_RUNS,
    AttemptState,
    EntryKind,
    GenerationState,
    Kind,
    RunState,
    SlotRole,
    Tier,
)
from services.database.engine import Database
from services.database.models import (
    Account,
    Attempt,
    Generation,
    LedgerEntry,
    ProviderState,
    Run,
    Slot,
    new_id,
)
from services.pipeline import checkpoints
from services.pipeline.cancel import Cancel
from services.pipeline.due_work import recover_expired
from services.pipeline.leases import LeaseRenewer, Step
from services.pipeline.retry import Retry
from services.pipeline.start import Starter
from services.pipeline.step_context import Limits, StepContext
from services.pipeline.steps.ingest import ingest
from services.pipeline.steps.poll import poll
from services.pipeline.steps.reconcile import reconcile
from services.pipeline.steps.submit import submit
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PredictionStatus,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
)
from services.providers.durations import DurationEstimator
from services.recipes.base import GenerationPlan, SlotPlan
from services.remedies.base import RemedyOffer, RemedyTools
from services.remedies.registry import Remedies
from services.storage.base import ObjectInfo, PublicUrl

PRICE = 30
STEPS = {
    RunState.QUEUED: submit,
    RunState.SUBMITTING: reconcile,
    RunState.WAITING: poll,
    RunState.INGESTING: ingest,
}
# One statement for all that must hold, whatever happened: each row it finds is a violation.
VIOLATIONS = text(
    """
    WITH mine AS (SELECT * FROM app.generations WHERE account_id = :account),
    sums AS (
        SELECT mine.id, mine.state,
            coalesce((SELECT -sum(amount) FROM app.ledger_entries
                WHERE generation_id = mine.id AND kind = 'charge'), 0) AS charged,
            coalesce((SELECT sum(amount) FROM app.ledger_entries
                WHERE generation_id = mine.id AND kind = 'refund'), 0) AS refunded,
            coalesce((SELECT sum(price_credits) FROM app.slots
                WHERE generation_id = mine.id AND state = 'filled'), 0) AS consumed,
            coalesce((SELECT sum(price_credits) FROM app.slots
                WHERE generation_id = mine.id AND state IN ('pending', 'blocked')), 0) AS held
        FROM mine
    )
    SELECT 'ledger of ' || id AS what FROM sums WHERE charged <> consumed + refunded + held
    UNION ALL SELECT 'refunds of ' || id FROM sums WHERE refunded > charged
    UNION ALL SELECT 'held after the end ' || id FROM sums
        WHERE held <> 0 AND state IN ('succeeded', 'partial', 'failed', 'canceled')
    UNION ALL SELECT 'balance' FROM app.accounts WHERE id = :account AND (balance < 0 OR balance <>
        (SELECT coalesce(sum(amount), 0) FROM app.ledger_entries WHERE account_id = :account))
    UNION ALL SELECT 'quota of ' || day FROM app.quota_days AS quota WHERE account_id = :account
        AND used <> (SELECT sum(quota_slots) FROM app.ledger_entries
            WHERE account_id = :account AND quota_day = quota.day)
    UNION ALL SELECT 'two slots share ' || asset_id FROM app.slots
        WHERE generation_id IN (SELECT id FROM mine) AND asset_id IS NOT NULL
        GROUP BY asset_id HAVING count(*) > 1
    UNION ALL SELECT 'open slot without a way on ' || slot.id FROM app.slots AS slot
        WHERE slot.generation_id IN (SELECT id FROM mine) AND slot.state = 'pending' AND NOT EXISTS (
            SELECT FROM app.run_slots JOIN app.runs AS run ON run.id = run_slots.run_id
            WHERE run_slots.slot_id = slot.id
              AND run.state IN ('queued', 'submitting', 'waiting', 'ingesting', 'needs_review'))
    """
)


class ProcessDied(BaseException):
    """Stands for SIGKILL: no handler of the product may catch it."""


@dataclass
class MemoryStorage:
    """Objects in a dictionary."""

    name: str = "memory"
    objects: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.objects[key] = content

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        self.objects[key] = path.read_bytes()

    def get(self, key: str) -> bytes:
        return self.objects[key]

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.objects[key])

    def head(self, key: str) -> ObjectInfo | None:
        return None

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        return iter(())

    def uri(self, key: str) -> str:
        return f"memory://{key}"

    def public_url(self, key: str, download_name: str | None = None) -> PublicUrl | None:
        return None

    def mark(self) -> str | None:
        """Unmarked: it belongs to its test."""
        return None

    def set_mark(self, installation_id: str) -> None:
        """Belongs to its test already."""

    def check(self) -> None:
        return


@dataclass
class MemoryProvider:
    """A provider whose next answer the test chooses; it counts what it would bill."""

    name: str = "replicate"
    next_create: str = "accept"
    predictions: dict[str, Prediction] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    """How often each exact payload was created."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def capabilities(self, model: str) -> ModelCapabilities:
        return ModelCapabilities(model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        given = {"prompt": request.prompt, "seed": request.seed}
        return PreparedRequest(request.model, "v1", {"version": "v1", "input": given})

    def account(self) -> ProviderAccount:
        return ProviderAccount(self.name, "memory")

    def close(self) -> None:
        return

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        answer, self.next_create = self.next_create, "accept"
        if answer == "throttle":
            raise ProviderError(FailureClass.THROTTLED, "later", retry_after_seconds=1.0)
        if answer == "unreachable":
            raise ProviderError(FailureClass.TRANSIENT, "no route", reached=False)
        if answer == "refuse":
            raise ProviderError(FailureClass.BAD_INPUT, "no")
        if answer == "lost before":
            raise ProviderError(FailureClass.AMBIGUOUS, "reset")
        made = self._made(prepared)
        if answer == "lost after":
            raise ProviderError(FailureClass.AMBIGUOUS, "reset")
        return made

    def get(self, prediction_id: str) -> Prediction:
        return self.predictions[prediction_id]

    def cancel(self, prediction_id: str) -> Prediction:
        now = self.predictions[prediction_id]
        if now.status in (PredictionStatus.STARTING, PredictionStatus.PROCESSING):
            self.end(prediction_id, "canceled")
        return self.predictions[prediction_id]

    def find(self, prepared: PreparedRequest, created_after: datetime) -> list[Prediction]:
        requested = prepared.payload["input"]
        return [known for known in self.predictions.values() if known.input == requested]

    def end(self, prediction_id: str, how: str) -> None:
        """Let a prediction end in this way; one that has ended stays as it is."""
        now = self.predictions[prediction_id]
        if now.status not in (PredictionStatus.STARTING, PredictionStatus.PROCESSING):
            return
        self.predictions[prediction_id] = replace(now, **_endings(prediction_id)[how])

    def running(self) -> list[str]:
        """Predictions that have not ended."""
        going = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)
        return [known.id for known in self.predictions.values() if known.status in going]

    def _made(self, prepared: PreparedRequest) -> Prediction:
        self.creates[repr(prepared.payload)] += 1
        made = Prediction(
            id=f"{new_id('pre')}{next(self._numbers)}",
            status=PredictionStatus.PROCESSING,
            model=prepared.model,
            version=prepared.version,
            input=prepared.payload["input"],
        )
        self.predictions[made.id] = made
        return made


def _endings(prediction_id: str) -> dict[str, dict[str, Any]]:
    url = f"memory://{prediction_id}"
    return {
        "picture": {"status": PredictionStatus.SUCCEEDED, "output_urls": (url,)},
        "nothing": {"status": PredictionStatus.SUCCEEDED},
        "failure": {
            "status": PredictionStatus.FAILED,
            "failure": FailureClass.UNKNOWN,
            "error": "It did not work out.",
        },
        "platform": {
            "status": PredictionStatus.FAILED,
            "failure": FailureClass.PLATFORM,
            "error": "Prediction interrupted; please retry (code: PA)",
        },
        "canceled": {
            "status": PredictionStatus.CANCELED,
            "failure": FailureClass.CANCELED,
            "predict_seconds": 1.5,
        },
    }


def picture(url: str) -> bytes:
    """A tiny picture of its own for each address, with a square in it: a plain one counts as blank."""
    colour = (hash(url) % 256, hash(url) // 256 % 256, hash(url) // 65536 % 256)
    buffer = io.BytesIO()
    image = Image.new("RGB", (16, 16), colour)
    image.paste(tuple((level + 128) % 256 for level in colour), (4, 4, 12, 12))
    image.save(buffer, "PNG")
    return buffer.getvalue()


class Silent:
    """A queue that is there and has lost every job."""

    def mark(self) -> str | None:
        """Unmarked: it belongs to its test."""
        return None

    def set_mark(self, installation_id: str) -> None:
        """Belongs to its test already."""

    def check(self) -> None:
        return

    def waiting_job_ids(self) -> set[str]:
        return set()


class World:
    """One account with its own provider; every method is something that can happen."""

    def __init__(self, database: Database, tier: Tier, balance: int, quota: int) -> None:
        self.database = database
        self.provider = MemoryProvider()
        self.account_id = new_id("acc")
        durations = DurationEstimator()
        self.starter = Starter(database, Silent())  # type: ignore[arg-type]
        self.cancel_service, self.retry_service = Cancel(database), Retry(database, durations)
        self.context = StepContext(
            database=database,
            providers={"replicate": self.provider},
            storage=MemoryStorage(),
            fetch=picture,
            fetch_to=lambda url, path: path.write_bytes(picture(url)),
            scratch=Path(),
            leases=LeaseRenewer(database, 30.0, 240.0),
            durations=durations,
            limits=Limits(lookup_seconds=0.0, refused_base_seconds=0.0, retry_base_seconds=0.0),
        )
        tools = RemedyTools(self.context, Silent(), self.retry_service)  # type: ignore[arg-type]
        self.remedies = Remedies(tools)
        self._open(tier, balance, quota)

    def _open(self, tier: Tier, balance: int, quota: int) -> None:
        with self.database.transaction() as session:
            session.add(
                Account(id=self.account_id, name=self.account_id, tier=tier, daily_quota=quota)
            )
            session.flush()
            session.add(
                LedgerEntry(
                    id=new_id("led"),
                    account_id=self.account_id,
                    kind=EntryKind.GRANT,
                    amount=balance,
                    idempotency_key=new_id("grant"),
                    actor="system",
                    reason="To begin with",
                )
            )

    def start(self, parents: int, children: int, price: int = PRICE) -> str | None:
        """Start pictures, each with so many made from it; None when it is refused."""
        slots: list[SlotPlan] = []
        for _ in range(parents):
            parent = len(slots)
            slots.append(_slot(price, None))
            slots += [_slot(price, parent) for _ in range(children)]
        plan = GenerationPlan(
            Kind.POSES, self.account_id, "A batch", {"n": new_id("req")}, tuple(slots)
        )
        try:
            return self.starter.start(SYSTEM_PERSON, plan, new_id("key")).generation_id
        except AtelierError:
            return None

    def generations(self) -> list[str]:
        """Everything started, oldest first."""
        query = select(Generation.id).where(Generation.account_id == self.account_id)
        with self.database.transaction() as session:
            return list(session.scalars(query.order_by(Generation.id)))

    def runs(self, *states: RunState) -> list[Run]:
        """Runs in one of these states, oldest first."""
        query = (
            select(Run)
            .join(Generation, Generation.id == Run.generation_id)
            .where(Generation.account_id == self.account_id, Run.state.in_(states))
        )
        with self.database.transaction() as session:
            return list(session.scalars(query.order_by(Run.id)))

    def do(self, run: Run, dies_at: int | None = None) -> None:
        """The run's next step as a worker does it; perhaps the process dies at a checkpoint."""
        with dying_at(dies_at):
            try:
                STEPS[run.state](self.context, Step(run.id, run.seq), "worker")
            except (LeaseLostError, ProcessDied):
                return

    def deliver(self, run_id: str, seq: int, state: RunState) -> None:
        """A job that was delivered before comes once more."""
        try:
            STEPS[state](self.context, Step(run_id, seq), "other worker")
        except LeaseLostError:
            return

    def attempts_sent(self) -> int:
        """Attempts that may have reached the provider."""
        query = (
            select(func.count())
            .select_from(Attempt)
            .join(Run, Run.id == Attempt.run_id)
            .join(Generation, Generation.id == Run.generation_id)
            .where(Generation.account_id == self.account_id, Attempt.state != AttemptState.NOT_SENT)
        )
        with self.database.transaction() as session:
            return session.scalars(query).one()

    def states(self) -> dict[str, GenerationState]:
        """The stored state of everything started."""
        query = select(Generation.id, Generation.state).where(
            Generation.account_id == self.account_id
        )
        with self.database.transaction() as session:
            return {generation_id: state for generation_id, state in session.execute(query)}

    def rescue(self) -> None:
        """Time passes: leases are over, so that the next worker gets the runs; a 429 is over, too."""
        with self.database.transaction() as session:
            session.execute(
                update(Run)
                .where(Run.lease_until.is_not(None))
                .values(lease_until=func.clock_timestamp() - timedelta(seconds=1))
            )
            session.execute(update(ProviderState).values(blocked_until=None))
        with self.database.transaction() as session:
            recover_expired(session, max_step_failures=1_000)

    def cancel(self, generation_id: str, dies_at: int | None = None) -> None:
        """A person cancels; one that has ended refuses."""
        with dying_at(dies_at):
            try:
                self.cancel_service.cancel(SYSTEM, generation_id)
            except (AtelierError, ProcessDied):
                return

    def retry(self, generation_id: str) -> None:
        """A person has what is missing made again; refused where that cannot be."""
        try:
            self.retry_service.start(SYSTEM, generation_id)
        except AtelierError:
            return

    def decide(self, run_id: str, is_again: bool) -> None:
        """A person decides about a lost answer; refused while the provider may still show it."""
        self._apply(RemedyOffer("declare_lost" if is_again else "fail_and_refund", run_id))

    def heal(self, kind: str, which: int) -> None:
        """A person orders a remedy for a run or a slot; refused where it cannot be.

        This storage says of every file that it is gone.
        """
        noun = Slot if kind == "regenerate" else Run
        mine = select(Generation.id).where(Generation.account_id == self.account_id)
        query = select(noun.id).where(noun.generation_id.in_(mine)).order_by(noun.id)
        with self.database.transaction() as session:
            ids = session.scalars(query).all()
        if not ids:
            return
        self._apply(RemedyOffer(kind, ids[which % len(ids)]))

    def _apply(self, offer: RemedyOffer) -> None:
        preview = self.remedies.dry_run(SYSTEM, offer)
        # What was due later may have become due by the clock meanwhile.
        with suppress(RemedyRefusedError):
            if preview.problem is None:
                self.remedies.apply(SYSTEM, offer, "Healed", preview.expected)

    def violations(self) -> list[str]:
        """What does not hold; empty when all is well."""
        with self.database.transaction() as session:
            return list(session.scalars(VIOLATIONS, {"account": self.account_id}))

    def settle(self) -> None:
        """No more faults: everything comes to its end."""
        for _ in range(200):
            self.rescue()
            for prediction_id in self.provider.running():
                self.provider.end(prediction_id, "picture")
            for run in self.runs(RunState.NEEDS_REVIEW):
                self.decide(run.id, is_again=False)
            open_runs = self.runs(*ACTIVE_RUNS)
            if not open_runs:
                return
            for run in open_runs:
                self.do(run)
        raise AssertionError("it never comes to an end")


SYSTEM_PERSON = replace(SYSTEM, id="per_local")


def _slot(price: int, parent: int | None) -> SlotPlan:
    return SlotPlan(
        role=SlotRole.POSE,
        provider="replicate",
        model="fofr/consistent-character",
        prompt="waving",
        price_credits=price,
        cost_usd=0.01,
        parent=parent,
    )


@contextmanager
def dying_at(number: int | None) -> Iterator[None]:
    """The process dies at its `number`-th checkpoint from here, if it gets that far."""
    if number is None:
        yield
        return
    reached = itertools.count(1)

    def die(_: str) -> None:
        if next(reached) == number:
            raise ProcessDied

    listener: Callable[[str], None] = die
    checkpoints.listen(listener)
    try:
        yield
    finally:
        checkpoints.forget(listener)
