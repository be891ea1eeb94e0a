"""`diagnosis`: every cause planted for real beside healthy work, with the dispatcher running and not.

A cause counts when it is the verdict of its generation, or, where it is put right by itself, when the
timeline names it. A false alarm is an "act" on a generation that nobody touched and that finishes.
"""

import os
import signal
import time
from collections.abc import Iterator
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
HEALTHY_EACH = 10
WORKERS = 2
DETECT_SECONDS = 75.0
SETTLE_SECONDS = 150.0
LOOK_SECONDS = 0.5
SOON_SECONDS = 60.0
CURE_SECONDS = 60.0
SLOW_SECONDS = 45.0
OPEN = (RunState.QUEUED, RunState.SUBMITTING, RunState.WAITING, RunState.INGESTING)


@dataclass
class Score:
    """What became of one plant in one mode."""

    name: str
    mode: str
    planted: int = 0
    named: int = 0
    cured: int = 0
    curable: int = 0
    seconds: float = 0.0
    """Until the last of them was named."""
    problem: str = ""


@dataclass
class Report:
    """All of them, and the generations that nobody touched."""

    scores: list[Score] = field(default_factory=list)
    healthy: list[str] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    """By generation, what was said of it."""


def run(scale: float) -> list[Figure]:
    """Local causes beside healthy work, running and paused; global ones alone."""
    count = max(1, round(EACH * scale))
    with open_rig("--creates-per-minute", "0", "--reads-per-minute", "0") as rig:
        rig.start_pipeline(WORKERS)
        environment = _ground(rig)
        rig.set_seconds(1.0)
        environment.mascot()
        report = Report()
        _healthy(rig, environment, report, 3 * HEALTHY_EACH)
        _wait_idle(rig)
        for name, plant in FAULTS.items():
            modes = ("running",) if plant.is_global else ("running", "paused")
            for mode in modes:
                report.scores.append(_try(rig, environment, report, name, plant, mode, count))
        _wait_idle(rig)
        uneven = sum(it.uneven for it in rig.services.ledger.totals(SYSTEM).values())
    return figures(report, uneven)


def figures(report: Report, uneven: int) -> list[Figure]:
    """The results in the terms of their aims, then one line for each plant."""
    planted = sum(it.planted for it in report.scores)
    named = sum(it.named for it in report.scores)
    curable = sum(it.curable for it in report.scores)
    cured = sum(it.cured for it in report.scores)
    slowest = max((it.seconds for it in report.scores), default=0.0)
    lines = [
        Figure(f"{it.name}, dispatcher {it.mode}: named within", it.seconds, "s")
        for it in report.scores
    ]
    return [
        Figure("causes named", 100.0 * named / max(planted, 1), "%", at_least(95)),
        Figure("causes planted", planted, ""),
        Figure("false alarms", len(report.alarms), "", at_most(0)),
        Figure("untouched generations beside them", len(report.healthy), ""),
        Figure("slowest to be named", slowest, "s", at_most(SOON_SECONDS)),
        Figure("remedies that cured", 100.0 * cured / max(curable, 1), "%", at_least(95)),
        Figure("generations whose credits do not add up afterwards", uneven, "", at_most(0)),
        *lines,
    ]


def _ground(rig: Rig) -> Environment:
    redis_url = rig.settings.redis_url.get_secret_value() if rig.settings.redis_url else ""
    numbers = iter(range(1, 1000))

    def revive() -> None:
        for _ in range(WORKERS):
            rig.start(f"worker-again-{next(numbers)}", "workers.worker")

    redis = connect(redis_url, timeout_seconds=5.0)
    return Environment(rig.services, redis, rig.simulator_url, rig.home, revive, SLOW_SECONDS)


def _try(
    rig: Rig,
    environment: Environment,
    report: Report,
    name: str,
    plant: Fault,
    mode: str,
    count: int,
) -> Score:
    score = Score(name, mode)
    beside = (
        []
        if plant.is_global or mode == "paused"
        else _healthy(rig, environment, report, HEALTHY_EACH)
    )
    try:
        planted = plant.plant(environment, count)
    except FaultNotInjectedError as problem:
        score.problem = str(problem)
        planted = []
    score.planted = count
    with _dispatcher(environment, is_paused=mode == "paused"):
        _detect(rig, report, plant, planted, beside, score)
        treated = _cure(rig, environment, plant, planted, score)
    environment.undo()
    _watch_cure(rig, plant, treated, score)
    _wait_idle(rig)
    seen = f"{score.named} of {score.planted} named, {score.cured} of {score.curable} cured"
    progress(f"diagnosis: {name} ({mode}): {seen} {score.problem}")
    return score


@contextmanager
def _dispatcher(environment: Environment, *, is_paused: bool) -> Iterator[None]:
    """Stopped inside the block, or not."""
    pids = environment.pids("dispatcher") if is_paused else []
    _signal(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pids, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def _detect(
    rig: Rig, report: Report, plant: Fault, planted: list[str], beside: list[str], score: Score
) -> None:
    """Ask for each of them until it is named, as a support person would."""
    began, left = time.monotonic(), set(planted)
    while left and time.monotonic() - began < DETECT_SECONDS:
        for one in sorted(left):
            if _is_named(rig, plant, one):
                left.discard(one)
                score.named += 1
                score.seconds = max(score.seconds, time.monotonic() - began)
        _note_alarms(rig, report, beside)
        time.sleep(LOOK_SECONDS)
    if left:
        verdict = _verdict(rig, min(left))
        score.problem = f"{len(left)} not named; the first says: {verdict}"


def _is_named(rig: Rig, plant: Fault, one: str) -> bool:
    if not one.startswith("gen_"):
        return _is_orphan_listed(rig, one)
    return is_named(rig.services.diagnoses.diagnose(SYSTEM, one), plant)


def _is_orphan_listed(rig: Rig, key: str) -> bool:
    located = rig.services.locator.locate(SYSTEM, key)
    return any(it.is_orphan for it in located.objects)


def _verdict(rig: Rig, one: str) -> str:
    if not one.startswith("gen_"):
        return "not listed"
    found = rig.services.diagnoses.diagnose(SYSTEM, one).verdict
    return f"{found.cause}: {found.sentence}"


def _note_alarms(rig: Rig, report: Report, beside: list[str]) -> None:
    """In the list over everything: that is where an alarm would be raised."""
    untouched = set(beside) - report.alarms.keys()
    for group in rig.services.diagnoses.stalled(SYSTEM).groups:
        for item in group.items if group.severity is Severity.ACT else ():
            if item.generation_id in untouched:
                report.alarms[item.generation_id] = f"{group.cause}: {item.sentence}"
                progress(f"diagnosis: false alarm: {report.alarms[item.generation_id]}")


def _cure(
    rig: Rig, environment: Environment, plant: Fault, planted: list[str], score: Score
) -> list[str]:
    """Apply the plant's own remedy, where one is still offered; whom it was applied to."""
    environment.clear_faults()
    treated: list[str] = []
    if plant.remedy is None:
        return treated
    for one in planted:
        offer = _offer(rig, plant.remedy, one)
        if offer is None:
            continue
        try:
            dry = rig.services.remedies.dry_run(SYSTEM, offer)
            rig.services.remedies.apply(SYSTEM, offer, "benchmark", dry.expected)
        except AtelierError as problem:
            score.problem = problem.sentence
        treated.append(one)
        if plant.is_global:
            break
    score.curable = len(treated)
    return treated


def _watch_cure(rig: Rig, plant: Fault, treated: list[str], score: Score) -> None:
    """Each is cured when its verdict is another one, and none that somebody must act on."""
    left, ends = set(treated), time.monotonic() + CURE_SECONDS
    while left and time.monotonic() < ends:
        left = {one for one in left if not _is_cured(rig, plant, one)}
        time.sleep(LOOK_SECONDS)
    score.cured = len(treated) - len(left)
    if left:
        score.problem = f"not cured: {_verdict(rig, min(left))}"


def _is_cured(rig: Rig, plant: Fault, one: str) -> bool:
    if not one.startswith("gen_"):
        return not _is_orphan_listed(rig, one)
    verdict = rig.services.diagnoses.diagnose(SYSTEM, one).verdict
    return verdict.severity is not Severity.ACT and (
        verdict.cause is not plant.cause or verdict.severity is Severity.INFO
    )


def _offer(rig: Rig, kind: str, one: str) -> RemedyOffer | None:
    if not one.startswith("gen_"):
        return RemedyOffer(kind, one)
    findings = rig.services.diagnoses.diagnose(SYSTEM, one).findings
    offers = [offer for it in findings for offer in it.remedies if offer.remedy_id == kind]
    return offers[0] if offers else None


def _healthy(rig: Rig, environment: Environment, report: Report, count: int) -> list[str]:
    """Start work that nobody touches."""
    started = environment.start_poses("healthy", count)
    report.healthy += started
    return started


def _wait_idle(rig: Rig) -> None:
    """Until nothing goes on but what waits for a person, or was planted to stay; and all answer."""
    wait_until("everything has ended", lambda: _open_runs(rig) == 0, SETTLE_SECONDS)
    # A Redis that hung is not asked again for some seconds.
    stalled = rig.services.diagnoses.stalled
    wait_until("every part answers", lambda: not stalled(SYSTEM).unanswered, SETTLE_SECONDS)


def _open_runs(rig: Rig) -> int:
    soon = func.clock_timestamp() + timedelta(hours=1)
    with rig.services.database.transaction() as session:
        return session.scalars(
            select(func.count()).select_from(Run).where(Run.state.in_(OPEN), Run.due_at < soon)
        ).one()
