"""Causes planted for real on a running pipeline: each is named, and what is offered cures it.

`./run bench diagnosis` plants all of them, several times and with the dispatcher stopped.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.faults.catalogue import FAULTS
from bench.faults.environment import Environment
from bench.faults.fault import Fault, is_named
from services.core.states import RunState
from services.diagnosis.cause import Severity
from services.diagnosis.detail import Diagnosis
from services.diagnosis.registry import BY_ID
from services.queue.rq_queue import connect
from services.remedies.base import RemedyOffer
from tests.integration.pipeline.pipeline_setup import PipelineSetup, open_pipeline_setup
from tests.simulator_process import running_simulator
from tests.waiting import eventually

NAMED_AND_CURED = (
    "never-enqueued",
    "submit-unknown",
    "object-missing",
    "refund-missing",
    "refund-doubled",
    "partly-filled",
)
NAMED_OR_HEALED = ("lost-at-dequeue", "redis-lost-job", "other-account", "provider-stuck")
NAMED = (
    *("output-expired", "parent-failed", "wrong-bucket", "quota-reached", "training-at-zero"),
    "object-damaged",
)
GLOBAL = ("queue-paused", "provider-paused", "token-refused")
UNPLANTED = {
    "provider_away",
    "waiting_its_turn",
    "working",
    "ended_failed",
    "canceled",
    "healthy",
}
"""What needs no plant: it is how work usually goes, or ends."""


@pytest.fixture
def environment(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Environment]:
    """A studio with a dispatcher and a worker, whose pictures take a third of a second."""
    options = ("--creates-per-minute", "0", "--reads-per-minute", "0")
    with (
        running_simulator(*options) as simulator_url,
        open_pipeline_setup(database_url, redis_url, simulator_url, tmp_path) as studio,
    ):
        speed = {"speed": 1, "seconds": 0.3}
        httpx.post(f"{simulator_url}/_simulator/speed", json=speed).raise_for_status()
        yield _environment(studio, redis_url)


def _environment(studio: PipelineSetup, redis_url: str) -> Environment:
    for name in ("dispatcher", "worker"):
        studio.start(name)
    environment = Environment(
        studio.services, connect(redis_url), studio.simulator_url, studio.logs
    )
    environment.revive = lambda: revive(studio)
    eventually(lambda: bool(environment.pids("worker") and environment.pids("dispatcher")), 30)
    # Whatever is paused afterwards must not keep the plants' own mascot from being made.
    environment.mascot()
    return environment


def revive(studio: PipelineSetup) -> None:
    studio.start("worker")


def diagnose(environment: Environment, generation_id: str) -> Diagnosis:
    return environment.services.diagnoses.diagnose(environment.actor, generation_id)


def named(environment: Environment, name: str) -> str:
    """Plant it and wait until it is the verdict; the generation's id."""
    plant = FAULTS[name]
    (one,) = plant.plant(environment, 1)
    try:
        eventually(lambda: is_named(diagnose(environment, one), plant), 20)
    except AssertionError:
        found = diagnose(environment, one).verdict
        raise AssertionError(f"{name} is diagnosed as {found.cause}: {found.sentence}") from None
    return one


def test_every_cause_has_a_plant() -> None:
    assert {plant.cause for plant in FAULTS.values()} | UNPLANTED == set(BY_ID)


def test_what_is_planted_is_named_and_cured(environment: Environment) -> None:
    for name in NAMED_AND_CURED:
        one = named(environment, name)
        environment.clear_faults()
        cure(environment, FAULTS[name], one)
    for name in (*NAMED_OR_HEALED, *NAMED):
        named(environment, name)
    totals = environment.services.ledger.totals(environment.actor).values()
    assert sum(account.uneven for account in totals) == 0


def cure(environment: Environment, plant: Fault, generation_id: str) -> None:
    """Order what the diagnosis offers, and see that nobody needs to act any more."""
    offer = next(
        offer
        for finding in diagnose(environment, generation_id).findings
        for offer in finding.remedies
        if offer.remedy_id == plant.remedy
    )
    remedies = environment.services.remedies
    dry = remedies.dry_run(environment.actor, offer)
    assert dry.problem is None, dry.problem
    remedies.apply(environment.actor, offer, "as the page would", dry.expected)
    eventually(lambda: is_well(environment, generation_id), 20)


def is_well(environment: Environment, generation_id: str) -> bool:
    seen = diagnose(environment, generation_id)
    return all(it.severity is not Severity.ACT for it in seen.findings) and (
        seen.subject.state == "succeeded" or seen.subject.finished_at is not None
    )


def test_a_cause_of_many_stuck_runs_is_listed_once(environment: Environment) -> None:
    for name in GLOBAL:
        one = named(environment, name)
        groups = environment.services.diagnoses.stalled(environment.actor).groups
        matching = [group for group in groups if group.cause is FAULTS[name].cause]
        assert [one] == [item.generation_id for group in matching for item in group.items]
        environment.undo()
        environment.wait_states([one], RunState.SUCCEEDED)


def test_a_stray_file_is_found_by_its_key_and_deleted(environment: Environment) -> None:
    (key,) = FAULTS["orphaned-file"].plant(environment, 1)
    services = environment.services
    located = services.locator.locate(environment.actor, key)
    assert [it.storage_key for it in located.objects] == [key]
    offer = RemedyOffer("delete_orphan", key)
    dry = services.remedies.dry_run(environment.actor, offer)
    services.remedies.apply(environment.actor, offer, "nobody names it", dry.expected)
    assert services.storage.head(key) is None
