"""Causes planted for real on a running pipeline: each is named, and what is offered cures it.

`./run bench diagnosis` plants all of them, several times and with the dispatcher stopped.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.faults.catalogue import PLANTS
from bench.faults.environment import Ground
from bench.faults.fault import Plant, is_named
from services.core.states import RunState
from services.diagnosis.causes import CAUSES, Cause, Severity
from services.diagnosis.findings import Diagnosis
from services.queue.rq_queue import connect
from services.remedies.base import RemedyKind, RemedyOffer
from tests.integration.pipeline.studio import Studio, open_studio
from tests.simulator_process import running_simulator
from tests.waiting import eventually

NAMED_AND_CURED = (
    "never-rung",
    "submit-unknown",
    "object-missing",
    "refund-missing",
    "refund-doubled",
    "partly-filled",
)
NAMED_OR_HEALED = ("lost-at-dequeue", "redis-lost-job", "other-account", "provider-stuck")
NAMED = ("output-expired", "parent-failed", "wrong-bucket", "quota-reached", "training-at-zero")
GLOBAL = ("queue-paused", "provider-paused", "token-refused")
UNPLANTED = {
    Cause.PROVIDER_AWAY,
    Cause.WAITING_ITS_TURN,
    Cause.WORKING,
    Cause.ENDED_FAILED,
    Cause.CANCELED,
    Cause.HEALTHY,
}
"""What needs no plant: it is how work usually goes, or ends."""


@pytest.fixture
def ground(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Ground]:
    """A studio with a dispatcher and a worker, whose pictures take a third of a second."""
    options = ("--creates-per-minute", "0", "--reads-per-minute", "0")
    with (
        running_simulator(*options) as simulator_url,
        open_studio(database_url, redis_url, simulator_url, tmp_path) as studio,
    ):
        speed = {"speed": 1, "seconds": 0.3}
        httpx.post(f"{simulator_url}/_simulator/speed", json=speed).raise_for_status()
        yield _ground(studio, redis_url)


def _ground(studio: Studio, redis_url: str) -> Ground:
    for name in ("dispatcher", "worker"):
        studio.start(name)
    ground = Ground(studio.services, connect(redis_url), studio.simulator_url, studio.logs)
    ground.revive = lambda: revive(studio)
    eventually(lambda: bool(ground.pids("worker") and ground.pids("dispatcher")), 30)
    # Whatever is paused afterwards must not keep the plants' own mascot from being made.
    ground.mascot()
    return ground


def revive(studio: Studio) -> None:
    studio.start("worker")


def diagnose(ground: Ground, generation_id: str) -> Diagnosis:
    return ground.services.diagnoses.diagnose(ground.actor, generation_id)


def named(ground: Ground, name: str) -> str:
    """Plant it and wait until it is the verdict; the generation's id."""
    plant = PLANTS[name]
    (one,) = plant.plant(ground, 1)
    try:
        eventually(lambda: is_named(diagnose(ground, one), plant), 20)
    except AssertionError:
        found = diagnose(ground, one).verdict
        raise AssertionError(f"{name} is told as {found.cause}: {found.sentence}") from None
    return one


def test_every_cause_has_a_plant() -> None:
    assert {plant.cause for plant in PLANTS.values()} | UNPLANTED == set(CAUSES)


def test_what_is_planted_is_named_and_cured(ground: Ground) -> None:
    for name in NAMED_AND_CURED:
        one = named(ground, name)
        ground.clear_faults()
        cure(ground, PLANTS[name], one)
    for name in (*NAMED_OR_HEALED, *NAMED):
        named(ground, name)
    totals = ground.services.credits.totals(ground.actor).values()
    assert sum(account.uneven for account in totals) == 0


def cure(ground: Ground, plant: Plant, generation_id: str) -> None:
    """Order what the diagnosis offers, and see that nobody needs to act any more."""
    offer = next(
        offer
        for finding in diagnose(ground, generation_id).findings
        for offer in finding.remedies
        if offer.kind is plant.remedy
    )
    remedies = ground.services.remedies
    dry = remedies.dry_run(ground.actor, offer)
    assert dry.problem is None, dry.problem
    remedies.apply(ground.actor, offer, "as the page would", dry.expected)
    eventually(lambda: is_well(ground, generation_id), 20)


def is_well(ground: Ground, generation_id: str) -> bool:
    seen = diagnose(ground, generation_id)
    return all(it.severity is not Severity.ACT for it in seen.findings) and (
        seen.subject.state == "succeeded" or seen.subject.finished_at is not None
    )


def test_what_holds_up_the_whole_house_is_named_and_listed_once(ground: Ground) -> None:
    for name in GLOBAL:
        one = named(ground, name)
        groups = ground.services.diagnoses.stalled(ground.actor).groups
        alike = [group for group in groups if group.cause is PLANTS[name].cause]
        assert [one] == [item.generation_id for group in alike for item in group.items]
        ground.undo()
        ground.wait_states([one], RunState.SUCCEEDED)


def test_a_stray_file_is_found_by_its_key_and_deleted(ground: Ground) -> None:
    (key,) = PLANTS["stray-object"].plant(ground, 1)
    services = ground.services
    located = services.locator.locate(ground.actor, key)
    assert [it.storage_key for it in located.objects] == [key]
    offer = RemedyOffer(RemedyKind.DELETE_STRAY, key)
    dry = services.remedies.dry_run(ground.actor, offer)
    services.remedies.apply(ground.actor, offer, "nobody names it", dry.expected)
    assert services.storage.head(key) is None
