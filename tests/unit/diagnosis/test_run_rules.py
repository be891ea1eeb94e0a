"""Each cause of one run, told apart from its neighbours by one fact."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.core.states import AttemptState, Kind, QueueName, RunState
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, LastEvent, LiveLook, Pause, RunFacts
from services.diagnosis.findings import Finding
from services.diagnosis.rules import ranked, run_findings
from services.monitoring.processes import HeldStep
from tests.unit.diagnosis.cases import (
    NOW,
    ago,
    attempt,
    enqueued,
    house,
    job,
    process,
    provider,
    queue,
    run,
    waiting,
)

DEAD_DISPATCHER = (process(), process("dispatcher", is_alive=False, exists=False))


def verdict(place: House, it: RunFacts) -> Finding:
    """The loudest finding of one run."""
    return ranked(run_findings(place, it))[0]


def live(**facts: object) -> LiveLook:
    return LiveLook(at=NOW, **facts)  # type: ignore[arg-type]


LEASED = {
    "lease_until": NOW + timedelta(seconds=20),
    "worker": "worker-1/t3",
    "enqueued_at": ago(2),
}
INGESTING = {
    "state": RunState.INGESTING,
    "attempt": attempt(state=AttemptState.SUCCEEDED, finished_at=ago(100), output_count=1),
    "due_at": NOW + timedelta(seconds=5),
}
CASES: dict[str, tuple[House, RunFacts, Cause, Severity]] = {
    "just started": (house(), run(), Cause.WORKING, Severity.TOLD),
    "due far in the future": (
        house(),
        run(due_at=NOW + timedelta(hours=6)),
        Cause.NEVER_ENQUEUED,
        Severity.ACT,
    ),
    "due for long": (house(), run(due_at=ago(40)), Cause.NEVER_ENQUEUED, Severity.ACT),
    "due for long without a dispatcher": (
        house(processes=DEAD_DISPATCHER),
        run(due_at=ago(40)),
        Cause.DISPATCHER_DOWN,
        Severity.ACT,
    ),
    "its provider has no row": (
        house(providers={"replicate": provider(is_registered=False)}),
        run(),
        Cause.NEVER_ENQUEUED,
        Severity.ACT,
    ),
    "others are before it": (
        house(),
        run(due_at=ago(400), ahead=60),
        Cause.WAITING_ITS_TURN,
        Severity.WAIT,
    ),
    "the queues are full": (
        house(queue=queue(depths={QueueName.HIGH: 10})),
        run(due_at=ago(400)),
        Cause.WAITING_ITS_TURN,
        Severity.WAIT,
    ),
    "a slow rate lets the first one wait": (
        house(providers={"replicate": provider(seconds_between_creates=10.0)}),
        run(due_at=ago(40)),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "Redis is away": (house(queue=None), enqueued(), Cause.QUEUE_AWAY, Severity.ACT),
    "no hash": (house(), enqueued(job=job()), Cause.REDIS_LOST_JOB, Severity.WAIT),
    "no hash and no dispatcher": (
        house(processes=DEAD_DISPATCHER),
        enqueued(job=job()),
        Cause.REDIS_LOST_JOB,
        Severity.ACT,
    ),
    "a moment after the ring": (
        house(),
        enqueued(enqueued_at=ago(1), job=job()),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "in no queue": (
        house(),
        enqueued(job=job(has_hash=True, status="queued")),
        Cause.LOST_AT_DEQUEUE,
        Severity.WAIT,
    ),
    "failed in the queue": (
        house(),
        enqueued(job=job(has_hash=True, status="failed", is_failed=True, error="ImportError")),
        Cause.LOST_AT_DEQUEUE,
        Severity.WAIT,
    ),
    "taken by a worker that died": (
        house(),
        enqueued(
            job=job(
                has_hash=True,
                status="started",
                started_until=ago(5),
                is_started_over=True,
                worker="w",
                has_worker_key=False,
            )
        ),
        Cause.WORKER_DIED,
        Severity.WAIT,
    ),
    "taken a moment ago": (
        house(),
        enqueued(
            job=job(
                has_hash=True,
                status="started",
                started_until=NOW + timedelta(seconds=60),
                worker="w",
                has_worker_key=True,
            )
        ),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "waits in its queue": (
        house(),
        enqueued(job=job(has_hash=True, status="queued", in_queue=QueueName.HIGH, position=4)),
        Cause.WAITING_ITS_TURN,
        Severity.WAIT,
    ),
    "no worker": (
        house(processes=(process("dispatcher"),)),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        Cause.NO_WORKER,
        Severity.ACT,
    ),
    "its workers died a moment ago": (
        house(processes=(process(exists=False, heartbeat_at=ago(3)), process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        Cause.NO_WORKER,
        Severity.WAIT,
    ),
    "its workers died long ago": (
        house(processes=(process(exists=False, heartbeat_at=ago(40)), process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        Cause.NO_WORKER,
        Severity.ACT,
    ),
    "nobody listens to its queue": (
        house(queue=queue(listening={QueueName.DEFAULT: 5})),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        Cause.NO_WORKER,
        Severity.ACT,
    ),
    "RQ is suspended": (
        house(queue=queue(is_suspended=True)),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        Cause.QUEUE_PAUSED,
        Severity.ACT,
    ),
    "its queue is paused": (
        house(paused_queues={QueueName.HIGH: Pause(ago(60), "Ada")}),
        run(due_at=ago(60)),
        Cause.QUEUE_PAUSED,
        Severity.ACT,
    ),
    "another queue is paused": (
        house(paused_queues={QueueName.LOW: Pause(ago(60), "Ada")}),
        run(),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "no funds": (
        house(
            providers={
                "replicate": provider(
                    paused_at=ago(60), paused_reason="402", paused_failure="funds"
                )
            }
        ),
        run(due_at=ago(60)),
        Cause.PROVIDER_PAUSED,
        Severity.ACT,
    ),
    "token refused": (
        house(
            providers={
                "replicate": provider(
                    paused_at=ago(60), paused_reason="401", paused_failure="configuration"
                )
            }
        ),
        run(due_at=ago(60)),
        Cause.TOKEN,
        Severity.ACT,
    ),
    "no token": (
        house(providers={"replicate": provider(is_configured=False, fingerprint=None)}),
        run(due_at=ago(60)),
        Cause.TOKEN,
        Severity.ACT,
    ),
    "throttled": (
        house(providers={"replicate": provider(blocked_until=NOW + timedelta(seconds=30))}),
        run(due_at=NOW + timedelta(seconds=31)),
        Cause.THROTTLED,
        Severity.WAIT,
    ),
    "its worker is gone": (
        house(processes=(process(exists=False), process("dispatcher"))),
        run(**LEASED),
        Cause.WORKER_DIED,
        Severity.WAIT,
    ),
    "its worker is gone, and nobody rescues": (
        house(
            processes=(
                process(exists=False, is_alive=False),
                process("dispatcher", is_alive=False),
            )
        ),
        run(**LEASED | {"lease_until": ago(5)}),
        Cause.WORKER_DIED,
        Severity.ACT,
    ),
    "its worker was forgotten": (
        house(processes=(process("dispatcher"),)),
        run(**LEASED | {"lease_until": ago(1)}),
        Cause.WORKER_DIED,
        Severity.WAIT,
    ),
    "its worker on another host is silent": (
        house(processes=(process(exists=None, is_alive=False), process("dispatcher"))),
        run(**LEASED),
        Cause.WORKER_DIED,
        Severity.WAIT,
    ),
    "its worker is there and silent": (
        house(processes=(process(is_alive=False), process("dispatcher"))),
        run(**LEASED),
        Cause.ZOMBIE_WORKER,
        Severity.WAIT,
    ),
    "its worker lives and let the lease go": (
        house(),
        run(**LEASED | {"lease_until": ago(3)}),
        Cause.ZOMBIE_WORKER,
        Severity.WAIT,
    ),
    "another worker holds an older step": (
        house(
            processes=(
                process(name="worker-2", held=(HeldStep("run_1", 0, 1.0),)),
                process("dispatcher"),
            )
        ),
        waiting(),
        Cause.ZOMBIE_WORKER,
        Severity.WAIT,
    ),
    "held by a living worker": (house(), run(**LEASED), Cause.WORKING, Severity.TOLD),
    "on time": (house(), waiting(), Cause.WORKING, Severity.TOLD),
    "starting": (
        house(),
        waiting(provider_status="starting", accepted_at=ago(20)),
        Cause.COLD_START,
        Severity.WAIT,
    ),
    "begun to start": (
        house(),
        waiting(provider_status="starting", accepted_at=ago(3)),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "slower than 95%": (house(), waiting(accepted_at=ago(60)), Cause.SLOW_PROVIDER, Severity.WAIT),
    "slow, without a history": (
        house(),
        waiting(accepted_at=ago(60), slow_seconds=None),
        Cause.SLOW_PROVIDER,
        Severity.WAIT,
    ),
    "past its deadline": (
        house(),
        waiting(accepted_at=ago(2000), deadline_at=ago(200)),
        Cause.PROVIDER_STUCK,
        Severity.ACT,
    ),
    "ready there, and nobody looked": (
        house(),
        waiting(live=live(status="succeeded", output_count=1, completed_at=ago(90))),
        Cause.OUTPUT_NOT_FETCHED,
        Severity.ACT,
    ),
    "ready there a moment ago": (
        house(),
        waiting(live=live(status="succeeded", output_count=1, completed_at=ago(2))),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "ready there and deleted": (
        house(),
        waiting(live=live(status="succeeded", is_data_removed=True, completed_at=ago(4000))),
        Cause.OUTPUT_EXPIRED,
        Severity.ACT,
    ),
    "unknown there": (
        house(),
        waiting(live=live(problem="404", is_unknown=True)),
        Cause.TOKEN,
        Severity.ACT,
    ),
    "a training that is unknown there": (
        house(),
        waiting(kind=Kind.TRAINING, live=live(problem="404", is_unknown=True)),
        Cause.TRAINING_AT_ZERO,
        Severity.ACT,
    ),
    "the provider does not answer": (
        house(),
        waiting(live=live(problem="timed out")),
        Cause.PROVIDER_AWAY,
        Severity.WAIT,
    ),
    "a training that boots": (
        house(),
        waiting(kind=Kind.TRAINING, provider_status="starting", progress=0.0),
        Cause.TRAINING_AT_ZERO,
        Severity.WAIT,
    ),
    "a lost answer is looked up": (
        house(),
        waiting(
            state=RunState.SUBMITTING,
            attempt=attempt(state=AttemptState.UNKNOWN, prediction_id=None),
        ),
        Cause.SUBMIT_UNKNOWN,
        Severity.WAIT,
    ),
    "nobody knows": (
        house(),
        waiting(state=RunState.NEEDS_REVIEW, candidates=("p9",)),
        Cause.SUBMIT_UNKNOWN,
        Severity.ACT,
    ),
    "finished and not here": (
        house(),
        waiting(**INGESTING),
        Cause.OUTPUT_NOT_FETCHED,
        Severity.WAIT,
    ),
    "finished and not here, and nobody goes on": (
        house(processes=DEAD_DISPATCHER),
        waiting(**INGESTING),
        Cause.OUTPUT_NOT_FETCHED,
        Severity.ACT,
    ),
    "finished for long and not here": (
        house(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(200), output_count=1)}),
        Cause.OUTPUT_NOT_FETCHED,
        Severity.ACT,
    ),
    "finished a moment ago": (
        house(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(2), output_count=1)}),
        Cause.WORKING,
        Severity.TOLD,
    ),
    "finished an hour ago": (
        house(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(3700), output_count=1)}),
        Cause.OUTPUT_EXPIRED,
        Severity.ACT,
    ),
    "the storage refuses": (
        house(),
        waiting(
            **INGESTING
            | {"last": {"run.step_failed": LastEvent(ago(3), "The disk is full.", "storage")}}
        ),
        Cause.STORAGE_REFUSES,
        Severity.ACT,
    ),
    "the network fails": (
        house(),
        waiting(
            **INGESTING
            | {"last": {"run.step_failed": LastEvent(ago(3), "no route to host", "network")}}
        ),
        Cause.OUTPUT_NOT_FETCHED,
        Severity.WAIT,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_cause_follows_from_the_facts(name: str) -> None:
    place, it, cause, severity = CASES[name]
    found = verdict(place, it)
    assert (found.cause, found.severity) == (cause, severity), found.sentence
    assert found.evidence and all(evidence.fact for evidence in found.evidence)


@pytest.mark.parametrize("name", CASES)
def test_every_sentence_is_whole(name: str) -> None:
    place, it, *_ = CASES[name]
    for found in run_findings(place, it):
        assert found.sentence[0].isupper() and found.sentence.endswith((".", "!"))
        assert "None" not in found.sentence and ".." not in found.sentence, found.sentence


def test_a_lost_job_is_told_before_the_house_that_does_not_repair_it() -> None:
    found = run_findings(
        house(processes=DEAD_DISPATCHER), waiting(enqueued_at=ago(9), job=job(job_id="run_1-1"))
    )
    assert ranked(found)[0].cause is Cause.REDIS_LOST_JOB
    assert "dispatcher does not run" in ranked(found)[0].sentence


def test_what_the_provider_has_finished_is_told_with_the_dead_worker() -> None:
    it = waiting(**INGESTING | LEASED)
    place = house(processes=(process(exists=False), process("dispatcher")))
    found = verdict(place, it)
    assert found.cause is Cause.OUTPUT_NOT_FETCHED or "more" in found.sentence
    sentence = next(f.sentence for f in run_findings(place, it) if f.cause is Cause.WORKER_DIED)
    assert "Replicate finished at 13:58:20 UTC" in sentence and "53 min more" in sentence


def test_a_candidate_is_offered_for_adoption_first() -> None:
    it = waiting(state=RunState.NEEDS_REVIEW, candidates=("p9",))
    first = verdict(house(), it).remedies[0]
    assert (first.remedy_id, first.argument) == ("adopt_prediction", "p9")


def test_a_run_that_has_ended_has_no_finding() -> None:
    assert run_findings(house(processes=()), run(state=RunState.SUCCEEDED)) == []


def test_another_token_is_named_when_the_prediction_is_unknown() -> None:
    it = waiting(live=live(problem="404", is_unknown=True))
    other = replace(it, attempt=attempt(token_fingerprint="bbb"))
    assert "another token" in verdict(house(), other).sentence
    assert "another token" not in verdict(house(), it).sentence
