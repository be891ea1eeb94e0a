"""A pipeline that the test drives in its own process: tick, run every enqueued step, tick once more.

Nothing waits: what is due later is made due now. No worker and no dispatcher process is needed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from services.container import build_step_context
from services.core.settings import Settings
from services.core.states import ACTIVE_RUNS, GenerationState, QueueName, RunState
from services.database.models import Account, Attempt, Event, ProviderState, Run, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.leases import Step
from services.pipeline.step_context import Limits, StepContext
from services.pipeline.steps.ingest import ingest
from services.pipeline.steps.poll import poll
from services.pipeline.steps.reconcile import reconcile
from services.pipeline.steps.submit import submit
from services.providers.registry import token_fingerprints
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue, connect
from tests.integration.pipeline.pipeline_setup import FINISHED, PipelineSetup
from tests.waiting import eventually

STEPS: dict[str, Callable[[StepContext, Step, str], None]] = {
    "submit": submit,
    "reconcile": reconcile,
    "poll": poll,
    "ingest": ingest,
}
LIMITS = Limits(lookup_seconds=0.2)


class RecordingQueue(RqQueue):
    """A queue whose every job some worker has taken already; it has no Redis."""

    def __init__(self) -> None:
        super().__init__(connect("redis://127.0.0.1:1/0"))
        self.jobs: list[QueuedStep] = []

    def enqueue(self, steps: Sequence[QueuedStep]) -> None:
        self.jobs += steps

    def waiting_job_ids(self) -> set[str]:
        return set()

    def depths(self) -> dict[QueueName, int]:
        return dict.fromkeys(QueueName, 0)

    def is_suspended(self) -> bool:
        return False

    def resume_all(self) -> None:
        return

    def check(self) -> None:
        return

    def take(self) -> list[QueuedStep]:
        """Everything that was enqueued since the last call."""
        taken, self.jobs = self.jobs, []
        return taken


@dataclass
class ManualPipeline:
    """A studio whose pipeline this test turns itself."""

    studio: PipelineSetup
    context: StepContext
    queue: RecordingQueue
    dispatcher: Dispatcher

    def limit(self, **limits: float) -> None:
        """Work with other limits from now on."""
        changed = replace(self.context.limits, **limits)  # type: ignore[arg-type]
        self.context = replace(self.context, limits=changed)

    def tick(self) -> list[QueuedStep]:
        """One tick of the dispatcher; what it enqueued."""
        self.dispatcher.tick()
        return self.queue.take()

    def do(self, job: QueuedStep) -> None:
        """One step, as a worker does it."""
        STEPS[job.step](self.context, Step(job.run_id, job.seq), "test")

    def hurry(self, *, opens_gates: bool = True) -> None:
        """Make due now what is due later; by default blocks end and buckets fill as well."""
        with self.context.database.transaction() as session:
            session.execute(
                update(Run)
                .where(Run.lease_until.is_(None), Run.state.in_(ACTIVE_RUNS))
                .values(due_at=func.clock_timestamp())
            )
            if opens_gates:
                session.execute(update(ProviderState).values(blocked_until=None, bucket_tokens=99))

    def round(self) -> None:
        """Hurry, tick once and do all that was enqueued."""
        self.hurry()
        for job in self.tick():
            self.do(job)

    def until(self, is_reached: Callable[[], object], seconds: float = 15.0) -> None:
        """Rounds until something is so."""

        def is_done() -> bool:
            if is_reached():
                return True
            self.round()
            return False

        eventually(is_done, seconds)

    def finish(self, generation_id: str) -> GenerationState:
        """Rounds until nothing happens by itself any more; the invariants hold then."""
        try:
            self.until(lambda: self.studio.state(generation_id) in FINISHED)
        except AssertionError as error:
            raise AssertionError(self.studio.describe(generation_id)) from error
        self.studio.assert_sound(generation_id)
        return self.studio.state(generation_id)

    def until_run(self, generation_id: str, state: RunState) -> Run:
        """Rounds until the generation's only run is in this state."""
        self.until(lambda: self.run(generation_id).state is state)
        return self.run(generation_id)

    def until_state_only(self, generation_id: str, state: RunState) -> None:
        """As `until_run`, for work that takes the simulator a while."""
        self.until(lambda: self.run(generation_id).state is state, 60.0)

    def run(self, generation_id: str) -> Run:
        """The generation's newest run."""
        return self.runs(generation_id)[-1]

    def runs(self, generation_id: str) -> list[Run]:
        """Its runs, oldest first."""
        return self._all(select(Run).where(Run.generation_id == generation_id).order_by(Run.id))

    def slots(self, generation_id: str) -> list[Slot]:
        """Its slots, in order."""
        query = select(Slot).where(Slot.generation_id == generation_id)
        return self._all(query.order_by(Slot.position))

    def attempts(self, generation_id: str) -> list[Attempt]:
        """Every attempt of its runs, oldest first."""
        query = select(Attempt).join(Run, Run.id == Attempt.run_id)
        return self._all(query.where(Run.generation_id == generation_id).order_by(Attempt.id))

    def events(self, generation_id: str) -> list[str]:
        """The names of its timeline."""
        query = select(Event).where(Event.generation_id == generation_id).order_by(Event.id)
        return [event.name for event in self._all(query)]

    def provider(self, name: str = "replicate") -> ProviderState:
        """The provider's row."""
        found: list[ProviderState] = self._all(
            select(ProviderState).where(ProviderState.provider == name)
        )
        return found[0]

    def balance(self) -> int:
        """The account's credits."""
        with self.context.database.transaction() as session:
            return session.get_one(Account, DEFAULT_ACCOUNT_ID).balance

    def change_run(self, run_id: str, **values: Any) -> None:
        """Put the run's row into a state that would take long to reach."""
        with self.context.database.transaction() as session:
            session.execute(update(Run).where(Run.id == run_id).values(**values))

    def end_lease(self, run_id: str) -> None:
        """As if the run's worker had been silent for too long."""
        self.change_run(run_id, lease_until=func.clock_timestamp() - timedelta(seconds=1))

    def end_lease_if_any(self, run_id: str) -> None:
        """As `end_lease`, for a step that may have been committed before its worker died."""
        with self.context.database.transaction() as session:
            session.execute(
                update(Run)
                .where(Run.id == run_id, Run.lease_until.is_not(None))
                .values(lease_until=func.clock_timestamp() - timedelta(seconds=1))
            )

    def _all(self, query: Any) -> list[Any]:
        with self.context.database.transaction() as session:
            return list(session.scalars(query))


@contextmanager
def open_manual_pipeline(
    studio: PipelineSetup,
    settings: Settings | None = None,
    limits: Limits = LIMITS,
    *,
    keeps_providers: bool = False,
) -> Iterator[ManualPipeline]:
    """The studio's pipeline, with all providers known to the dispatcher."""
    settings = settings or studio.services.settings
    context = replace(build_step_context(settings), limits=limits)
    queue = RecordingQueue()
    rules = DispatchRules(rates=dict.fromkeys(token_fingerprints(settings)), min_jobs=500)
    dispatcher = Dispatcher(context.database, queue, rules)
    dispatcher.register(token_fingerprints(settings))
    try:
        yield ManualPipeline(studio, context, queue, dispatcher)
    finally:
        for provider in () if keeps_providers else context.providers.values():
            provider.close()
        context.database.close()
