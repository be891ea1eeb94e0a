"""`overhead`: what the pipeline adds to each step, beside a bare RQ job on the same worker.

The provider answers at once and the pictures are kept already, so no HTTP and no decoding is
measured: `throughput` has those in its CPU for each pose.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from redis import Redis
from rq import Queue as RedisQueue
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import func, update

from bench.figures import Figure, at_most
from bench.instant import InstantProvider, kept_json
from bench.meter import Cost, metered
from bench.rig import Rig, open_rig, progress
from services.container import build_step_context
from services.core.states import QueueName, RunState
from services.database.models import Attempt, Run
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.step_context import StepContext
from services.providers.base import PredictionStatus
from services.queue.rq_queue import RqQueue, connect
from workers import steps
from workers.start_log import FORMAT
from workers.steps import StepJob
from workers.worker import ThreadWorker

POSES = 60
ROUNDS = 8
IDLE_TICKS = 40
AIM = at_most(3.0)
BARE = "bare job"


def nothing(run_id: str, seq: int) -> None:
    """The bare job: takes what a step takes and does nothing."""


@dataclass
class Bench:
    """The parts of one worker and one dispatcher, all in this process."""

    rig: Rig
    parts: StepContext
    provider: InstantProvider
    dispatcher: Dispatcher
    redis: Redis

    def work(self, job_class: type[Job]) -> None:
        """Do every job that waits."""
        worker = ThreadWorker(
            [name.value for name in QueueName],
            connection=self.redis,
            job_class=job_class,
            serializer=JSONSerializer,
            default_result_ttl=0,
            worker_ttl=60,
            log_job_description=False,
        )
        worker.work(burst=True, logging_level="WARNING")

    def step(self, state: RunState, count: int) -> Cost:
        """One step of each of `count` runs: rung by the dispatcher, done by the worker."""
        with self.parts.database.transaction() as session:
            is_in_state = Run.state == state
            session.execute(update(Run).where(is_in_state).values(due_at=func.clock_timestamp()))
        with metered(self.parts.database.engine) as cost:
            enqueued = self.dispatcher.tick().enqueued
            self.work(StepJob)
        if enqueued != count:
            raise AssertionError(f"{enqueued} of {count} runs were rung in {state}")
        return cost.per(count)

    def bare(self, count: int) -> Cost:
        """The same number of RQ's own jobs that do nothing."""
        queue = RedisQueue("high", connection=self.redis, serializer=JSONSerializer)
        with metered(self.parts.database.engine) as cost:
            jobs = [
                RedisQueue.prepare_data(
                    nothing, args=[f"run_{number}", 0], timeout=60, result_ttl=0, failure_ttl=60
                )
                for number in range(count)
            ]
            queue.enqueue_many(jobs)
            self.work(Job)
        return cost.per(count)

    def forget_fetching(self) -> None:
        """The pictures are in the storage: what is left of the ingest is the pipeline's."""
        with self.parts.database.transaction() as session:
            session.execute(update(Attempt).values(outputs=kept_json()))


def run(scale: float) -> list[Figure]:
    """Measure every step a few times, each time right after a bare job's."""
    count = max(10, round(POSES * scale))
    logging.basicConfig(stream=open(os.devnull, "w"), level=logging.INFO, format=FORMAT)  # noqa: SIM115
    with open_rig("--seconds", "1", "--predrawn", "2") as rig:
        rig.start_pipeline(1)
        mascot = rig.make_mascot()
        rig.stop_processes()
        bench = _bench(rig, count)
        rounds = [_round(bench, mascot, count, number) for number in range(1, ROUNDS + 1)]
        idle = _idle_share(bench)
    return [*figures(rounds), Figure("dispatcher's idle tick", idle, "% core")]


def _bench(rig: Rig, count: int) -> Bench:
    provider = InstantProvider()
    parts = replace(build_step_context(rig.settings), providers={provider.name: provider})
    steps.install(parts, "bench")
    address = rig.env["REDIS_URL"]
    rules = DispatchRules(rates={provider.name: None}, min_jobs=count)
    dispatcher = Dispatcher(parts.database, RqQueue(connect(address)), rules)
    return Bench(rig, parts, provider, dispatcher, connect(address))


def _round(bench: Bench, mascot: str, count: int, number: int) -> dict[str, Cost]:
    progress(f"overhead: round {number} of {ROUNDS}, {count} runs")
    bench.rig.start_poses(mascot, count)
    bench.provider.status = PredictionStatus.PROCESSING
    costs = {BARE: bench.bare(count), "submit": bench.step(RunState.QUEUED, count)}
    costs["first look"] = bench.step(RunState.WAITING, count)
    costs["look"] = bench.step(RunState.WAITING, count)
    bench.provider.status = PredictionStatus.SUCCEEDED
    costs["last look"] = bench.step(RunState.WAITING, count)
    bench.forget_fetching()
    costs["ingest"] = bench.step(RunState.INGESTING, count)
    return costs


def _idle_share(bench: Bench) -> float:
    with metered(bench.parts.database.engine) as cost:
        for _ in range(IDLE_TICKS):
            bench.dispatcher.tick()
    ticks_a_second = 1 / bench.rig.settings.dispatch_tick_seconds
    return 100 * cost.per(IDLE_TICKS).cpu_seconds * ticks_a_second


def figures(rounds: list[dict[str, Cost]]) -> Iterator[Figure]:
    """Each step's median cost, and its CPU in the terms of its aim.

    The ratio is taken within a round: the machine's speed changes from one to the next.
    """
    for name in rounds[0]:
        costs = [costs[name] for costs in rounds]
        ratios = [costs[name].cpu_seconds / costs[BARE].cpu_seconds for costs in rounds]
        aim = None if name == BARE else AIM
        yield Figure(f"{name}: CPU beside a bare job", median(ratios), "×", aim)
        yield Figure(f"{name}: CPU", 1000 * median(cost.cpu_seconds for cost in costs), "ms")
        yield Figure(f"{name}: SQL statements", median(cost.statements for cost in costs), "")
        yield Figure(f"{name}: transactions", median(cost.transactions for cost in costs), "")
        yield Figure(f"{name}: Redis round trips", median(cost.round_trips for cost in costs), "")
