"""A healthy generation in a healthy system; each test changes the one fact that it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.core.states import (
    AttemptState,
    GenerationState,
    Kind,
    QueueName,
    RunState,
    SlotState,
)
from services.diagnosis.facts.models import (
    AttemptFacts,
    CaseFacts,
    CreditFacts,
    FileFacts,
    GenerationFacts,
    RunFacts,
    SlotFacts,
)
from services.diagnosis.facts.system import SystemFacts
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.queue.base import JobFacts, QueueCounts, QueueLine, QueueWorker

NOW = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
KEY = f"originals/ab/cd/abcd{'0' * 60}.png"


def ago(seconds: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(seconds=seconds)


def process(role: str = "worker", **changes: Any) -> ProcessFacts:
    """A living process on this host."""
    alive = ProcessFacts(
        name=f"{role}-1",
        role=role,
        host="here",
        pid=100,
        threads=5,
        heartbeat_at=ago(1),
        is_alive=True,
        exists=True,
    )
    return replace(alive, **changes)


def provider(**changes: Any) -> ProviderStatus:
    """Replicate, open, with a token."""
    return replace(ProviderStatus("replicate", "Replicate", True, True, "aaa"), **changes)


def system(**changes: Any) -> SystemFacts:
    """One worker, one dispatcher, an open provider, an empty queue."""
    healthy = SystemFacts(
        now=NOW,
        processes=(process(), process("dispatcher")),
        providers={
            "replicate": provider(),
            "gemini": provider(name="gemini", label="Gemini"),
        },
        queue=queue(),
        paused_queues={},
    )
    return replace(healthy, **changes)


def queue(**changes: Any) -> QueueCounts:
    """Empty, and listened to by five threads."""
    empty = QueueCounts(
        queues={name: line() for name in QueueName},
        workers=threads(*QueueName),
        is_suspended=False,
        used_memory_bytes=1_000_000,
    )
    return replace(empty, **changes)


def line(waiting: int = 0) -> QueueLine:
    """A queue with so many waiting jobs, and nothing else."""
    return QueueLine(waiting, 0, 0, 0, 0, 0, None)


def threads(*queues: QueueName) -> tuple[QueueWorker, ...]:
    """Five threads that listen to these queues."""
    return tuple(QueueWorker(f"worker-1-t{number}-1", queues, "idle") for number in range(1, 6))


def attempt(**changes: Any) -> AttemptFacts:
    """Accepted ten seconds ago, and running."""
    running = AttemptFacts(
        id="att_1",
        provider="replicate",
        model="owner/model",
        version="v1",
        state=AttemptState.RUNNING,
        seed=7,
        prediction_id="p1",
        web_url="https://replicate.com/p/p1",
        token_fingerprint="aaa",
        created_at=ago(11),
        accepted_at=ago(10),
        started_at=None,
        finished_at=None,
        failure_detail=None,
    )
    return replace(running, **changes)


def run(**changes: Any) -> RunFacts:
    """A queued run, started a second ago."""
    queued = RunFacts(
        id="run_1",
        generation_id="gen_1",
        kind=Kind.POSES,
        provider="replicate",
        queue=QueueName.HIGH,
        ahead=0,
        state=RunState.QUEUED,
        seq=0,
        due_at=ago(1),
        enqueued_at=None,
        lease_until=None,
        worker=None,
        step_failures=0,
        provider_status=None,
        progress=None,
        stage=None,
        deadline_at=None,
        failure_detail=None,
        created_at=ago(1),
        started_at=None,
        accepted_at=None,
        finished_at=None,
        slot_ids=("slot_1",),
    )
    return replace(queued, **changes)


def waiting(**changes: Any) -> RunFacts:
    """At the provider for ten seconds of about 25, polled in a second."""
    at_provider = run(
        state=RunState.WAITING,
        seq=1,
        due_at=NOW + timedelta(seconds=1),
        accepted_at=ago(10),
        started_at=ago(11),
        created_at=ago(12),
        deadline_at=NOW + timedelta(minutes=30),
        provider_status="processing",
        median_seconds=25.0,
        p95_seconds=50.0,
        attempt=attempt(),
    )
    return replace(at_provider, **changes)


def enqueued(**changes: Any) -> RunFacts:
    """Enqueued seven seconds ago, and not claimed."""
    return replace(run(enqueued_at=ago(7), due_at=NOW + timedelta(seconds=3), seq=0), **changes)


def job(**changes: Any) -> JobFacts:
    """A job that Redis does not have."""
    return replace(JobFacts("run_1-0", has_hash=False), **changes)


def file(**changes: Any) -> FileFacts:
    """Stored where the settings point, and present."""
    stored = FileFacts(
        asset_id="ast_1",
        storage_key=KEY,
        storage_uri=f"file:///s/{KEY}",
        expected_uri=f"file:///s/{KEY}",
        thumbnail_key="t",
        byte_count=1000,
        missing_at=None,
        missing_cause=None,
        checked_at=None,
        deleted_at=None,
        has_object=True,
        has_thumbnail=True,
        stored_bytes=1000,
    )
    return replace(stored, **changes)


def slot(**changes: Any) -> SlotFacts:
    """One filled pose of ten credits."""
    filled = SlotFacts(
        id="slot_1",
        label="Waving",
        state=SlotState.FILLED,
        price_credits=10,
        provider="replicate",
        failure=None,
        failure_detail=None,
        parent_slot_id=None,
        file=file(),
    )
    return replace(filled, **changes)


def case(**changes: Any) -> CaseFacts:
    """One pose, done and stored."""
    done = CaseFacts(
        system=system(),
        generation=GenerationFacts(
            id="gen_1",
            kind=Kind.POSES,
            title="Poses of Mira",
            state=GenerationState.SUCCEEDED,
            account_id="acc_1",
            account_name="Studio",
            person_name="Ada",
            created_at=ago(60),
            finished_at=ago(10),
        ),
        runs=(run(state=RunState.SUCCEEDED, finished_at=ago(10)),),
        slots=(slot(),),
        credits=CreditFacts(charged=10, consumed=10),
    )
    return replace(done, **changes)
