"""`diagnosis`: every cause injected for real beside healthy work, with the dispatcher running and not.

A cause counts when it is the verdict of its generation, or, where it is put right by itself, when the
timeline names it. A false alarm is an "act" on a generation that nobody touched and that finishes.

Faults of single generations are injected side by side, each in a thread of its own; those that kill or
stop processes, or block all work, one after the other.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from bench.faults.catalogue import FAULTS
from bench.faults.environment import Environment, FaultNotInjectedError
from bench.faults.fault import Fault, is_named
from bench.figures import Figure, at_least, at_most
from bench.rig import Rig, open_rig, progress, wait_until
from services.core.actors import SYSTEM
from services.core.errors import AtelierError
from services.core.states import RunState
from services.database.models import Run
from services.diagnosis.cause import Severity
from services.queue.rq_queue import connect
from services.remedies.base import RemedyOffer

EACH = 5
HEALTHY_FIRST = 160
HEALTHY_BESIDE_ALL = 640
HEALTHY_BESIDE_ONE = 40
PORTION, MAX_OPEN = 10, 60
"""More untouched work is started while fewer runs than that are open."""
WORKERS = 2
DETECT_SECONDS = 75.0
SETTLE_SECONDS = 240.0
LOOK_SECONDS = 1.0
SOON_SECONDS = 60.0
CURE_SECONDS = 90.0
SLOW_SECONDS = 45.0
OPEN = (RunState.QUEUED, RunState.SUBMITTING, RunState.WAITING, RunState.INGESTING)
RUNNING, PAUSED = "running", "paused"


@dataclass
class Score:
    """What became of one fault in one mode."""

    name: str
    mode: str
    planted: int = 0
    seconds: list[float] = field(default_factory=list)
    """Until each of them was named."""
    cured: int = 0
    curable: int = 0
    problem: str = ""

    @property
    def named(self) -> int:
        """How many were named."""
        return len(self.seconds)


@dataclass
class Report:
    """All of them, and the generations that nobody touched."""

    scores: list[Score] = field(default_factory=list)
    healthy: list[str] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    """By generation, what was said of it."""


def run(scale: float) -> list[Figure]:
    """Faults of single generations side by side, then the others one after the other."""
    count = max(1, round(EACH * scale))
    with open_rig("--creates-per-minute", "0", "--reads-per-minute", "0") as rig:
        rig.start_pipeline(WORKERS)
        bench = Bench(rig, scale)
        rig.set_seconds(1.0)
        bench.environment.mascot()
        bench.start_healthy(max(1, round(HEALTHY_FIRST * scale)))
        bench.wait_idle()
        together = {name: it for name, it in FAULTS.items() if not it.is_alone}
        for mode in (RUNNING, PAUSED):
            bench.try_together(together, mode, count)
        for name, fault in FAULTS.items():
            for mode in (RUNNING, PAUSED) if fault.is_alone and not fault.is_global else (RUNNING,):
                if fault.is_alone:
                    bench.try_alone(name, fault, mode, count)
        bench.wait_idle()
        uneven = sum(it.uneven for it in rig.services.ledger.totals(SYSTEM).values())
    return figures(bench.report, uneven)


def figures(report: Report, uneven: int) -> list[Figure]:
    """The results in the terms of their aims, then one line for each fault."""
    planted = sum(it.planted for it in report.scores)
    named = sum(it.named for it in report.scores)
    curable = sum(it.curable for it in report.scores)
    cured = sum(it.cured for it in report.scores)
    lines = [
        Figure(f"{it.name}, dispatcher {it.mode}: named within", max(it.seconds, default=0.0), "s")
        for it in report.scores
    ]
    return [
        Figure("causes named", 100.0 * named / max(planted, 1), "%", at_least(99)),
        Figure("causes injected", planted, ""),
        Figure("false alarms", len(report.alarms), "", at_most(0)),
        Figure("untouched generations beside them", len(report.healthy), ""),
        Figure("until it was named, p95", percentile_95(report), "s", at_most(SOON_SECONDS)),
        Figure("remedies that cured", 100.0 * cured / max(curable, 1), "%", at_least(95)),
        Figure("generations whose credits do not add up afterwards", uneven, "", at_most(0)),
        *lines,
    ]


def percentile_95(report: Report) -> float:
    """Return the seconds within which 95% of those that were named were named."""
    seconds = sorted(second for it in report.scores for second in it.seconds)
    return seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))] if seconds else 0.0


class Bench:
    """Injects faults into a rig, and asks of each what a support person would ask."""

    def __init__(self, rig: Rig, scale: float) -> None:
        self.report = Report()
        self.environment = _environment(rig)
        self._rig = rig
        self._scale = scale
        self._services = rig.services

    def start_healthy(self, count: int) -> list[str]:
        """Start work that nobody touches."""
        started = self.environment.start_poses("healthy", count)
        self.report.healthy += started
        return started

    def try_together(self, faults: Mapping[str, Fault], mode: str, count: int) -> None:
        """Inject these faults side by side; paused: the dispatcher stops once all are injected."""
        barrier, is_watched = threading.Barrier(len(faults) + 1), threading.Event()
        if not faults:
            return
        watch = threading.Thread(target=self._feed_and_watch, args=(is_watched,))
        if mode == RUNNING:
            watch.start()

        def one(name: str) -> None:
            try:
                self._try(name, faults[name], mode, count, barrier)
            except Exception:
                # The others wait for this one.
                barrier.abort()
                raise

        with ThreadPoolExecutor(len(faults)) as pool:
            done = [pool.submit(one, name) for name in faults]
            barrier.wait()
            with self._dispatcher(is_paused=mode == PAUSED):
                barrier.wait()
                barrier.wait()
        for task in done:
            task.result()
        is_watched.set()
        if mode == RUNNING:
            watch.join()
        self._settle(mode)

    def try_alone(self, name: str, fault: Fault, mode: str, count: int) -> None:
        """Inject one fault that disturbs what is injected beside it."""
        has_company = not fault.is_global and mode == RUNNING
        beside = max(1, round(HEALTHY_BESIDE_ONE * self._scale))
        healthy = self.start_healthy(beside) if has_company else []
        score = Score(name, mode)
        self.report.scores.append(score)
        planted = self._plant(fault, score, count)
        with self._dispatcher(is_paused=mode == PAUSED):
            self._detect(fault, planted, score, healthy)
            self.environment.clear_faults()
            treated = self._cure(fault, planted, score)
        self.environment.undo()
        self._watch_cure(fault, treated, score)
        self._settle(mode)
        self._say(score)

    def _try(
        self, name: str, fault: Fault, mode: str, count: int, barrier: threading.Barrier
    ) -> None:
        """Inject, name and cure one of several; the barriers stop and continue the dispatcher."""
        score = Score(name, mode)
        self.report.scores.append(score)
        planted = self._plant(fault, score, count)
        if mode == RUNNING:
            self._detect(fault, planted, score)
        barrier.wait()
        barrier.wait()
        if mode == PAUSED:
            self._detect(fault, planted, score)
        treated = self._cure(fault, planted, score)
        barrier.wait()
        self._watch_cure(fault, treated, score)
        self._say(score)

    def _plant(self, fault: Fault, score: Score, count: int) -> list[str]:
        score.planted = count
        try:
            return fault.plant(self.environment, count)
        except FaultNotInjectedError as problem:
            score.problem = str(problem)
            return []

    @contextmanager
    def _dispatcher(self, *, is_paused: bool) -> Iterator[None]:
        """Stopped inside the block, or not."""
        pids = self.environment.pids("dispatcher") if is_paused else []
        _signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(pids, signal.SIGCONT)

    def _detect(
        self, fault: Fault, planted: list[str], score: Score, beside: Sequence[str] = ()
    ) -> None:
        """Ask for each of them until it is named, as a support person would."""
        began, left = time.monotonic(), set(planted)
        while left and time.monotonic() - began < DETECT_SECONDS:
            for one in sorted(left):
                if self._is_named(fault, one):
                    left.discard(one)
                    score.seconds.append(time.monotonic() - began)
            self._note_alarms(beside)
            time.sleep(LOOK_SECONDS)
        if left:
            score.problem = f"{len(left)} not named; the first says: {self._verdict(min(left))}"

    def _is_named(self, fault: Fault, one: str) -> bool:
        if not one.startswith("gen_"):
            return self._is_orphan_listed(one)
        try:
            return is_named(self._services.diagnoses.diagnose(SYSTEM, one), fault)
        except AtelierError:
            # The database may be the server that was disturbed: it is asked again.
            return False

    def _is_orphan_listed(self, key: str) -> bool:
        return any(it.is_orphan for it in self._services.locator.locate(SYSTEM, key).objects)

    def _verdict(self, one: str) -> str:
        if not one.startswith("gen_"):
            return "not listed"
        try:
            found = self._services.diagnoses.diagnose(SYSTEM, one).verdict
        except AtelierError as error:
            return error.sentence
        return f"{found.cause}: {found.sentence}"

    def _feed_and_watch(self, is_watched: threading.Event) -> None:
        """Start untouched work at the pace of the workers, and look for alarms about it."""
        healthy: list[str] = []
        wanted = HEALTHY_BESIDE_ALL * self._scale
        while len(healthy) < wanted or not is_watched.is_set():
            if len(healthy) < wanted and self._open_runs() < MAX_OPEN:
                healthy += self.start_healthy(PORTION)
            self._note_alarms(healthy)
            is_watched.wait(LOOK_SECONDS)

    def _note_alarms(self, beside: Sequence[str]) -> None:
        """In the list over everything: that is where an alarm would be raised."""
        untouched = set(beside) - self.report.alarms.keys()
        if not untouched:
            return
        for group in self._services.diagnoses.stalled(SYSTEM).groups:
            for item in group.items if group.severity is Severity.ACT else ():
                if item.generation_id in untouched:
                    self.report.alarms[item.generation_id] = f"{group.cause}: {item.sentence}"
                    progress(f"diagnosis: false alarm: {self.report.alarms[item.generation_id]}")

    def _cure(self, fault: Fault, planted: list[str], score: Score) -> list[str]:
        """Apply the fault's own remedy, where one is still offered; to whom it was applied."""
        treated: list[str] = []
        for one in planted if fault.remedy else ():
            offer = self._offer(fault.remedy or "", one)
            if offer is None:
                continue
            try:
                dry = self._services.remedies.dry_run(SYSTEM, offer)
                self._services.remedies.apply(SYSTEM, offer, "benchmark", dry.expected)
            except AtelierError as problem:
                score.problem = problem.sentence
            treated.append(one)
            if fault.is_global:
                break
        score.curable = len(treated)
        return treated

    def _offer(self, remedy: str, one: str) -> RemedyOffer | None:
        if not one.startswith("gen_"):
            return RemedyOffer(remedy, one)
        findings = self._services.diagnoses.diagnose(SYSTEM, one).findings
        offers = [offer for it in findings for offer in it.remedies if offer.remedy_id == remedy]
        return offers[0] if offers else None

    def _watch_cure(self, fault: Fault, treated: list[str], score: Score) -> None:
        """Each is cured when its verdict is another one, and none that somebody must act on."""
        left, ends = set(treated), time.monotonic() + CURE_SECONDS
        while left and time.monotonic() < ends:
            left = {one for one in left if not self._is_cured(fault, one)}
            time.sleep(LOOK_SECONDS)
        score.cured = len(treated) - len(left)
        if left:
            score.problem = f"not cured: {self._verdict(min(left))}"

    def _is_cured(self, fault: Fault, one: str) -> bool:
        if not one.startswith("gen_"):
            return not self._is_orphan_listed(one)
        verdict = self._services.diagnoses.diagnose(SYSTEM, one).verdict
        return verdict.severity is not Severity.ACT and (
            verdict.cause is not fault.cause or verdict.severity is Severity.INFO
        )

    def _settle(self, mode: str) -> None:
        self.environment.clear_faults()
        self.environment.undo()
        self.wait_idle()
        progress(f"diagnosis: idle again (dispatcher {mode})")

    def _say(self, score: Score) -> None:
        seen = f"{score.named} of {score.planted} named, {score.cured} of {score.curable} cured"
        progress(f"diagnosis: {score.name} ({score.mode}): {seen} {score.problem}")

    def wait_idle(self) -> None:
        """Wait until nothing goes on but what waits for a person, or was injected to stay; and all answer."""
        wait_until("everything has ended", lambda: self._open_runs() == 0, SETTLE_SECONDS)
        # A Redis that hung is not asked again for some seconds.
        stalled = self._services.diagnoses.stalled
        wait_until("every part answers", lambda: not stalled(SYSTEM).unanswered, SETTLE_SECONDS)

    def _open_runs(self) -> int:
        soon = func.clock_timestamp() + timedelta(hours=1)
        with self._services.database.transaction() as session:
            return session.scalars(
                select(func.count()).select_from(Run).where(Run.state.in_(OPEN), Run.due_at < soon)
            ).one()


def _environment(rig: Rig) -> Environment:
    redis_url = rig.settings.redis_url.get_secret_value() if rig.settings.redis_url else ""
    numbers = iter(range(1, 1000))

    def revive() -> None:
        for _ in range(WORKERS):
            rig.start(f"worker-again-{next(numbers)}", "workers.worker")

    redis = connect(redis_url, timeout_seconds=5.0)
    return Environment(rig.services, redis, rig.simulator_url, rig.home, revive, SLOW_SECONDS)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)
