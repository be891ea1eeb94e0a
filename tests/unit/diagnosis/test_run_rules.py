"""Each cause of one run differs from its neighbours by one fact."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.core.server_problem import ServerProblem
from services.core.states import AttemptState, Kind, QueueName, RunState
from services.database.blockers import Blocker
from services.diagnosis.cause import Finding, Severity
from services.diagnosis.facts.models import LastEvent, LivePrediction, RunFacts
from services.diagnosis.facts.system import HeldSteps, QueuePause, RestoreFacts, SystemFacts
from services.diagnosis.registry import BY_ID, CAUSES
from services.diagnosis.verdict import ranked, run_findings
from services.monitoring.processes import HeldStep, ProcessFacts
from services.remedies.registry import REMEDIES
from tests.unit.diagnosis.cases import (
    NOW,
    ago,
    attempt,
    enqueued,
    job,
    line,
    process,
    provider,
    queue,
    run,
    system,
    threads,
    waiting,
)

DEAD_DISPATCHER = (process(), process("dispatcher", is_alive=False, exists=False))


def verdict(place: SystemFacts, it: RunFacts) -> Finding:
    """The most severe finding of one run."""
    return ranked(run_findings(place, it))[0]


def live(**facts: object) -> LivePrediction:
    return LivePrediction(at=NOW, **facts)  # type: ignore[arg-type]


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
FULL = ServerProblem(
    "Redis", "full", "Redis is full and refuses writes.", "Raise maxmemory.", "OOM"
)
UNREACHED = ServerProblem(
    "Redis", "refused", "Nothing listens at the address of Redis.", "Start it."
)
TICK_FAILED = ServerProblem("Dispatcher", "tick_failed", "Its last tick failed.", detail="planted")
BLOCKER = Blocker(
    pid=4711,
    application="psql",
    person="olga",
    client="10.0.0.9",
    since=ago(180),
    seconds=180.0,
    state="idle in transaction",
    query="UPDATE app.runs SET state = $1",
    tables=("app.runs",),
    waiting=3,
)
FROZEN = process(name="worker-9", pid=99, is_stopped=True)


def failing(problem: ServerProblem) -> tuple[ProcessFacts, ...]:
    """A worker, and a dispatcher whose last tick met this problem."""
    return (process(), process("dispatcher", problem=problem))


CASES: dict[str, tuple[SystemFacts, RunFacts, str, Severity]] = {
    "Redis is full and still answers": (
        system(processes=failing(FULL)),
        run(due_at=ago(60)),
        "queue_refuses",
        Severity.ACT,
    ),
    "Redis wants a password": (
        system(queue=None, queue_problem=replace(FULL, code="no_password")),
        run(due_at=ago(60)),
        "queue_refuses",
        Severity.ACT,
    ),
    "Redis is full, and the provider works on it": (
        system(processes=failing(FULL)),
        waiting(),
        "working",
        Severity.INFO,
    ),
    "nothing listens where Redis should": (
        system(queue=None, queue_problem=UNREACHED, processes=failing(UNREACHED)),
        run(due_at=ago(60)),
        "queue_away",
        Severity.ACT,
    ),
    "the database is a standby": (
        system(is_database_read_only=True),
        waiting(),
        "database_read_only",
        Severity.ACT,
    ),
    "another session locks it": (
        system(blockers=(BLOCKER,)),
        run(due_at=ago(20)),
        "database_locked",
        Severity.ACT,
    ),
    "another session locks something, and it goes on": (
        system(blockers=(BLOCKER,)),
        waiting(),
        "working",
        Severity.INFO,
    ),
    "a lock fails the dispatcher's ticks": (
        system(blockers=(BLOCKER,), processes=failing(TICK_FAILED)),
        run(),
        "database_locked",
        Severity.ACT,
    ),
    "the dispatcher's ticks fail": (
        system(processes=failing(TICK_FAILED)),
        run(due_at=ago(20)),
        "dispatcher_failing",
        Severity.ACT,
    ),
    "the only worker is frozen and swallowed its job": (
        system(processes=(FROZEN, process("dispatcher"))),
        enqueued(job=job(has_hash=True, status="queued")),
        "frozen_worker",
        Severity.ACT,
    ),
    "one of two workers is frozen and swallowed its job": (
        system(processes=(FROZEN, process(), process("dispatcher"))),
        enqueued(job=job(has_hash=True, status="queued")),
        "frozen_worker",
        Severity.WAIT,
    ),
    "all workers are frozen, and it waits in the queue": (
        system(processes=(FROZEN, process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "frozen_worker",
        Severity.ACT,
    ),
    "one of two workers is frozen, and it waits in the queue": (
        system(processes=(FROZEN, process(), process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "waiting_its_turn",
        Severity.WAIT,
    ),
    "the queue is paused, and the workers are frozen": (
        system(
            processes=(FROZEN, process("dispatcher")),
            paused_queues={QueueName.HIGH: QueuePause(ago(60), "Olga")},
        ),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "queue_paused",
        Severity.ACT,
    ),
    "the worker that holds it is frozen": (
        system(processes=(process(is_stopped=True), process("dispatcher"))),
        waiting(**LEASED),
        "zombie_worker",
        Severity.WAIT,
    ),
    "the dispatcher is frozen": (
        system(processes=(process(), process("dispatcher", is_stopped=True))),
        run(due_at=ago(20)),
        "dispatcher_down",
        Severity.ACT,
    ),
    "a slow provider holds all threads": (
        system(
            processes=(process(busy=5), process("dispatcher")),
            slow_steps={"gemini": HeldSteps(4, 28.0)},
        ),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=2)),
        "threads_held",
        Severity.WAIT,
    ),
    "the token is refused while it is polled": (
        system(),
        waiting(live=live(problem="Replicate answered 401", is_refused=True)),
        "token",
        Severity.ACT,
    ),
    "the provider answers with an error page": (
        system(),
        waiting(live=live(problem="Replicate answered 502 with a web page")),
        "provider_away",
        Severity.WAIT,
    ),
    "just started": (system(), run(), "working", Severity.INFO),
    "due far in the future": (
        system(),
        run(due_at=NOW + timedelta(hours=6)),
        "never_enqueued",
        Severity.ACT,
    ),
    "due for long": (system(), run(due_at=ago(40)), "never_enqueued", Severity.ACT),
    "due while a server that makes one at a time works": (
        system(providers={"replicate": provider(is_one_by_one=True)}),
        run(due_at=ago(200)),
        "working",
        Severity.INFO,
    ),
    "due for longer than any call takes": (
        system(providers={"replicate": provider(is_one_by_one=True)}),
        run(due_at=ago(300)),
        "never_enqueued",
        Severity.ACT,
    ),
    "due for long without a dispatcher": (
        system(processes=DEAD_DISPATCHER),
        run(due_at=ago(40)),
        "dispatcher_down",
        Severity.ACT,
    ),
    "its provider has no row": (
        system(providers={"replicate": provider(is_registered=False)}),
        run(),
        "never_enqueued",
        Severity.ACT,
    ),
    "others are before it": (
        system(),
        run(due_at=ago(400), ahead=60),
        "waiting_its_turn",
        Severity.WAIT,
    ),
    "the queues are full": (
        system(queue=queue(queues={QueueName.HIGH: line(10)})),
        run(due_at=ago(400)),
        "waiting_its_turn",
        Severity.WAIT,
    ),
    "a slow rate lets the first one wait": (
        system(providers={"replicate": provider(seconds_between_creates=10.0)}),
        run(due_at=ago(40)),
        "working",
        Severity.INFO,
    ),
    "Redis does not answer": (system(queue=None), enqueued(), "queue_away", Severity.ACT),
    "no hash": (system(), enqueued(job=job()), "redis_lost_job", Severity.WAIT),
    "no hash and no dispatcher": (
        system(processes=DEAD_DISPATCHER),
        enqueued(job=job()),
        "redis_lost_job",
        Severity.ACT,
    ),
    "a moment after it was enqueued": (
        system(),
        enqueued(enqueued_at=ago(1), job=job()),
        "working",
        Severity.INFO,
    ),
    "in no queue": (
        system(),
        enqueued(job=job(has_hash=True, status="queued")),
        "lost_at_dequeue",
        Severity.WAIT,
    ),
    "failed in the queue": (
        system(),
        enqueued(job=job(has_hash=True, status="failed", is_failed=True, error="ImportError")),
        "lost_at_dequeue",
        Severity.WAIT,
    ),
    "taken by a worker that died": (
        system(),
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
        "worker_died",
        Severity.WAIT,
    ),
    "taken a moment ago": (
        system(),
        enqueued(
            job=job(
                has_hash=True,
                status="started",
                started_until=NOW + timedelta(seconds=60),
                worker="w",
                has_worker_key=True,
            )
        ),
        "working",
        Severity.INFO,
    ),
    "waits in its queue": (
        system(),
        enqueued(job=job(has_hash=True, status="queued", in_queue=QueueName.HIGH, position=4)),
        "waiting_its_turn",
        Severity.WAIT,
    ),
    "no worker": (
        system(processes=(process("dispatcher"),)),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "no_worker",
        Severity.ACT,
    ),
    "its workers died a moment ago": (
        system(processes=(process(exists=False, heartbeat_at=ago(3)), process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "no_worker",
        Severity.WAIT,
    ),
    "its workers died long ago": (
        system(processes=(process(exists=False, heartbeat_at=ago(40)), process("dispatcher"))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "no_worker",
        Severity.ACT,
    ),
    "nobody listens to its queue": (
        system(queue=queue(workers=threads(QueueName.DEFAULT))),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "no_worker",
        Severity.ACT,
    ),
    "RQ is suspended": (
        system(queue=queue(is_suspended=True)),
        enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0)),
        "queue_paused",
        Severity.ACT,
    ),
    "its queue is paused": (
        system(paused_queues={QueueName.HIGH: QueuePause(ago(60), "Ada")}),
        run(due_at=ago(60)),
        "queue_paused",
        Severity.ACT,
    ),
    "another queue is paused": (
        system(paused_queues={QueueName.LOW: QueuePause(ago(60), "Ada")}),
        run(),
        "working",
        Severity.INFO,
    ),
    "no funds": (
        system(
            providers={
                "replicate": provider(
                    paused_at=ago(60), paused_reason="402", paused_failure="funds"
                )
            }
        ),
        run(due_at=ago(60)),
        "provider_paused",
        Severity.ACT,
    ),
    "token refused": (
        system(
            providers={
                "replicate": provider(
                    paused_at=ago(60), paused_reason="401", paused_failure="configuration"
                )
            }
        ),
        run(due_at=ago(60)),
        "token",
        Severity.ACT,
    ),
    "no token": (
        system(providers={"replicate": provider(is_configured=False, fingerprint=None)}),
        run(due_at=ago(60)),
        "token",
        Severity.ACT,
    ),
    "throttled": (
        system(providers={"replicate": provider(blocked_until=NOW + timedelta(seconds=30))}),
        run(due_at=NOW + timedelta(seconds=31)),
        "throttled",
        Severity.WAIT,
    ),
    "throttled for the rest of the day": (
        system(providers={"replicate": provider(blocked_until=NOW + timedelta(hours=9))}),
        run(due_at=NOW + timedelta(hours=9)),
        "waited_too_long",
        Severity.ACT,
    ),
    "throttled again and again": (
        system(providers={"replicate": provider(blocked_until=NOW + timedelta(seconds=15))}),
        run(due_at=NOW + timedelta(seconds=15), created_at=ago(1200)),
        "waited_too_long",
        Severity.ACT,
    ),
    "its worker is gone": (
        system(processes=(process(exists=False), process("dispatcher"))),
        run(**LEASED),
        "worker_died",
        Severity.WAIT,
    ),
    "its worker is gone, and nobody rescues": (
        system(
            processes=(
                process(exists=False, is_alive=False),
                process("dispatcher", is_alive=False),
            )
        ),
        run(**LEASED | {"lease_until": ago(5)}),
        "worker_died",
        Severity.ACT,
    ),
    "its worker was forgotten": (
        system(processes=(process("dispatcher"),)),
        run(**LEASED | {"lease_until": ago(1)}),
        "worker_died",
        Severity.WAIT,
    ),
    "its worker on another host is silent": (
        system(processes=(process(exists=None, is_alive=False), process("dispatcher"))),
        run(**LEASED),
        "worker_died",
        Severity.WAIT,
    ),
    "its worker is there and silent": (
        system(processes=(process(is_alive=False), process("dispatcher"))),
        run(**LEASED),
        "zombie_worker",
        Severity.WAIT,
    ),
    "its worker lives and let the lease go": (
        system(),
        run(**LEASED | {"lease_until": ago(3)}),
        "zombie_worker",
        Severity.WAIT,
    ),
    "another worker holds an older step": (
        system(
            processes=(
                process(name="worker-2", held=(HeldStep("run_1", 0, 1.0),)),
                process("dispatcher"),
            )
        ),
        waiting(due_at=ago(3)),
        "zombie_worker",
        Severity.WAIT,
    ),
    "held by a living worker": (system(), run(**LEASED), "working", Severity.INFO),
    "on time": (system(), waiting(), "working", Severity.INFO),
    "starting": (
        system(),
        waiting(provider_status="starting", accepted_at=ago(20)),
        "cold_start",
        Severity.WAIT,
    ),
    "begun to start": (
        system(),
        waiting(provider_status="starting", accepted_at=ago(3)),
        "working",
        Severity.INFO,
    ),
    "slower than 95%": (system(), waiting(accepted_at=ago(60)), "slow_provider", Severity.WAIT),
    "slow, without a history": (
        system(),
        waiting(accepted_at=ago(60), p95_seconds=None),
        "slow_provider",
        Severity.WAIT,
    ),
    "past its deadline": (
        system(),
        waiting(accepted_at=ago(2000), deadline_at=ago(200)),
        "provider_stuck",
        Severity.ACT,
    ),
    "finished there, and not polled": (
        system(),
        waiting(live=live(status="succeeded", output_count=1, completed_at=ago(90))),
        "output_not_fetched",
        Severity.ACT,
    ),
    "ready there a moment ago": (
        system(),
        waiting(live=live(status="succeeded", output_count=1, completed_at=ago(2))),
        "working",
        Severity.INFO,
    ),
    "ready there and deleted": (
        system(),
        waiting(live=live(status="succeeded", is_data_removed=True, completed_at=ago(4000))),
        "output_expired",
        Severity.ACT,
    ),
    "unknown there": (
        system(),
        waiting(live=live(problem="404", is_unknown=True)),
        "token",
        Severity.ACT,
    ),
    "a training that is unknown there": (
        system(),
        waiting(kind=Kind.TRAINING, live=live(problem="404", is_unknown=True)),
        "token",
        Severity.ACT,
    ),
    "the provider does not answer": (
        system(),
        waiting(live=live(problem="timed out")),
        "provider_away",
        Severity.WAIT,
    ),
    "a training that boots": (
        system(),
        waiting(kind=Kind.TRAINING, provider_status="starting", progress=0.0),
        "training_at_zero",
        Severity.WAIT,
    ),
    "a training that never begins": (
        system(),
        waiting(
            kind=Kind.TRAINING, provider_status="starting", progress=0.0, accepted_at=ago(6600)
        ),
        "training_at_zero",
        Severity.ACT,
    ),
    "a lost answer is searched for": (
        system(),
        waiting(
            state=RunState.SUBMITTING,
            attempt=attempt(state=AttemptState.UNKNOWN, prediction_id=None),
        ),
        "submit_unknown",
        Severity.WAIT,
    ),
    "nobody knows": (
        system(),
        waiting(state=RunState.NEEDS_REVIEW, candidates=("p9",)),
        "submit_unknown",
        Severity.ACT,
    ),
    "finished and not here": (
        system(),
        waiting(**INGESTING),
        "output_not_fetched",
        Severity.WAIT,
    ),
    "finished and not here, and nobody goes on": (
        system(processes=DEAD_DISPATCHER),
        waiting(**INGESTING),
        "output_not_fetched",
        Severity.ACT,
    ),
    "finished for long and not here": (
        system(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(200), output_count=1)}),
        "output_not_fetched",
        Severity.ACT,
    ),
    "finished a moment ago": (
        system(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(2), output_count=1)}),
        "working",
        Severity.INFO,
    ),
    "finished an hour ago": (
        system(),
        waiting(**INGESTING | {"attempt": attempt(finished_at=ago(3700), output_count=1)}),
        "output_expired",
        Severity.ACT,
    ),
    "the storage refuses": (
        system(),
        waiting(
            **INGESTING
            | {"last": {"run.step_failed": LastEvent(ago(3), "The disk is full.", "storage")}}
        ),
        "storage_refuses",
        Severity.ACT,
    ),
    "the network fails": (
        system(),
        waiting(
            **INGESTING
            | {"last": {"run.step_failed": LastEvent(ago(3), "no route to host", "network")}}
        ),
        "output_not_fetched",
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
def test_every_sentence_is_complete(name: str) -> None:
    place, it, *_ = CASES[name]
    for found in run_findings(place, it):
        assert found.sentence[0].isupper() and found.sentence.endswith((".", "!"))
        assert "None" not in found.sentence and ".." not in found.sentence, found.sentence


def test_a_lost_job_comes_before_the_system_that_does_not_repair_it() -> None:
    found = run_findings(
        system(processes=DEAD_DISPATCHER), waiting(enqueued_at=ago(9), job=job(job_id="run_1-1"))
    )
    assert ranked(found)[0].cause == "redis_lost_job"
    assert "dispatcher does not run" in ranked(found)[0].sentence


def test_a_finished_prediction_is_reported_with_the_dead_worker() -> None:
    it = waiting(**INGESTING | LEASED)
    place = system(processes=(process(exists=False), process("dispatcher")))
    found = verdict(place, it)
    assert found.cause == "output_not_fetched" or "more" in found.sentence
    sentence = next(f.sentence for f in run_findings(place, it) if f.cause == "worker_died")
    assert "Replicate finished at 13:58:20 UTC" in sentence and "53 min more" in sentence


@pytest.mark.parametrize(
    "place",
    [system(), system(queue=None), system(processes=DEAD_DISPATCHER)],
    ids=["all is well", "no Redis", "no dispatcher"],
)
def test_a_run_that_a_person_must_decide_is_never_late(place: SystemFacts) -> None:
    undecided = waiting(state=RunState.NEEDS_REVIEW, due_at=ago(3600))
    assert [it.cause for it in run_findings(place, undecided)] == ["submit_unknown"]


def test_a_candidate_is_offered_for_adoption_first() -> None:
    it = waiting(state=RunState.NEEDS_REVIEW, candidates=("p9",))
    first = verdict(system(), it).remedies[0]
    assert (first.remedy_id, first.argument) == ("adopt_prediction", "p9")


def test_a_run_that_has_ended_has_no_finding() -> None:
    assert run_findings(system(processes=()), run(state=RunState.SUCCEEDED)) == []


def test_another_token_is_named_when_the_prediction_is_unknown() -> None:
    it = waiting(live=live(problem="404", is_unknown=True))
    other = replace(it, attempt=attempt(token_fingerprint="bbb"))
    assert "another token" in verdict(system(), other).sentence
    assert "another token" not in verdict(system(), it).sentence


@pytest.mark.parametrize("name", CASES)
def test_findings_match_what_their_cause_declares(name: str) -> None:
    place, it, *_ = CASES[name]
    for found in run_findings(place, it):
        cause = BY_ID[found.cause]
        assert found.severity in cause.severities
        assert {offer.remedy_id for offer in found.remedies} <= set(cause.remedies)


def test_every_cause_has_a_precedence_of_its_own_and_declares_known_remedies() -> None:
    assert len({cause.precedence for cause in CAUSES}) == len(CAUSES)
    for cause in CAUSES:
        assert set(cause.remedies) <= set(REMEDIES)


@pytest.mark.parametrize("name", [name for name, it in CASES.items() if it[3] is Severity.WAIT])
def test_whatever_waits_names_the_time_after_which_it_requires_action(name: str) -> None:
    place, it, cause, _ = CASES[name]
    waits = verdict(place, it)
    assert waits.until is not None and waits.until > place.now
    moved = replace(place, now=waits.until)
    later = [found for found in run_findings(moved, it) if found.cause == cause]
    assert all(found.severity is Severity.ACT for found in later), later


def test_a_heartbeat_older_than_the_run_s_step_raises_no_alarm() -> None:
    beating = process(held=(HeldStep("run_1", 0, 1.0),), heartbeat_at=ago(2))
    place = system(processes=(beating, process("dispatcher")))
    for it in (waiting(seq=1), waiting(seq=1, enqueued_at=ago(1), job=job(job_id="run_1-1"))):
        assert "zombie_worker" not in {found.cause for found in run_findings(place, it)}
    still = waiting(seq=1, enqueued_at=ago(60), lease_until=ago(-20), worker="worker-2/1")
    assert "zombie_worker" in {found.cause for found in run_findings(place, still)}


def test_after_an_outage_what_is_due_is_enqueued_in_turn_and_raises_no_alarm() -> None:
    late = run(due_at=ago(120), created_at=ago(200))
    back = system(processes=(process(), process("dispatcher", working_since=ago(2))))
    assert verdict(back, late).cause != "never_enqueued"
    long_back = system(processes=(process(), process("dispatcher", working_since=ago(100))))
    assert verdict(long_back, late).cause == "never_enqueued"


def test_a_tick_that_still_goes_on_has_passed_nothing_over() -> None:
    late = run(due_at=ago(17), created_at=ago(20))
    busy = system(processes=(process(), process("dispatcher", heartbeat_at=ago(8))))
    assert verdict(busy, late).cause == "working"
    ticked = system(processes=(process(), process("dispatcher", heartbeat_at=ago(1))))
    assert verdict(ticked, late).cause == "never_enqueued"


def test_how_overdue_a_run_is_stands_in_its_verdict() -> None:
    found = verdict(system(), waiting(accepted_at=ago(100)))
    assert found.cause == "slow_provider" and "4 × longer than usual" in found.sentence


def test_a_restored_database_stands_beside_what_its_copy_had_begun() -> None:
    restore = RestoreFacts(noticed_at=ago(60), copied_at=ago(4000), lost_at=ago(120))
    place = system(restore=restore)
    begun = [found.cause for found in run_findings(place, waiting(created_at=ago(4100)))]
    assert "database_restored" in begun
    later = [found.cause for found in run_findings(place, waiting())]
    assert "database_restored" not in later


def test_a_process_that_its_supervisor_gave_up_is_named() -> None:
    said = "worker-1 stopped 6 times (exit code 3 at last); its log is worker-1.log"
    gone = (process(exists=False, heartbeat_at=ago(300)), process("dispatcher"))
    it = enqueued(job=job(has_hash=True, in_queue=QueueName.HIGH, position=0))
    found = verdict(system(processes=gone, given_up=(said,)), it)
    assert found.cause == "no_worker" and "exit code 3" in found.sentence
    assert "gave it up" not in verdict(system(processes=gone), it).sentence


def test_the_reason_of_a_server_stands_in_the_verdict() -> None:
    full = verdict(system(processes=failing(FULL)), run(due_at=ago(60)))
    assert "Redis is full" in full.sentence and "Raise maxmemory" in full.sentence
    assert full.evidence[0].fact == "OOM"
    locked = verdict(system(blockers=(BLOCKER,)), run(due_at=ago(20)))
    for fact in ("4711", "psql", "UPDATE app.runs", "pg_terminate_backend(4711)"):
        assert fact in locked.sentence


def test_what_a_provider_answered_to_a_create_stands_in_the_verdict() -> None:
    answered = {"run.step_failed": LastEvent(ago(5), "Replicate answered 503 with a web page")}
    it = waiting(state=RunState.NEEDS_REVIEW, last=answered)
    found = verdict(system(), it)
    assert "answered 503 with a web page" in found.sentence
    assert any("503" in evidence.fact for evidence in found.evidence)
    assert "No answer of Replicate" in verdict(system(), replace(it, last={})).sentence


def test_a_synchronous_call_is_as_old_as_its_attempt() -> None:
    it = run(
        state=RunState.SUBMITTING,
        provider="gemini",
        started_at=ago(300),
        attempt=attempt(created_at=ago(5), state=AttemptState.SUBMITTING),
        lease_until=ago(-20),
        worker="worker-1/t1",
    )
    assert "5 s" in verdict(system(), it).sentence
