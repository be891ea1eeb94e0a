"""Runs in chosen states, for the jobs page to list."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.core.states import (
    AttemptState,
    GenerationState,
    Kind,
    RunState,
    SlotRole,
    SlotState,
)
from services.database.models import Attempt, Run, RunSlot, new_id
from tests.integration.database.rows import add_generation


def ago(seconds: float) -> Any:
    """So long before now, by the database's clock; negative: later."""
    return func.now() - timedelta(seconds=seconds)


def add_run(
    session: Session,
    state: RunState = RunState.QUEUED,
    *,
    kind: Kind = Kind.POSES,
    made: float = 0.0,
    title: str = "A title",
    prompt: str = "words",
    generation_state: GenerationState = GenerationState.RUNNING,
    **columns: Any,
) -> Run:
    """A run of a batch of its own, made so many seconds ago."""
    batch = add_generation(session, kind, [(SlotRole.POSE, SlotState.PENDING)], generation_state)
    batch.generation.title = title
    batch.slots[0].prompt = prompt
    values: dict[str, Any] = {
        "provider": "replicate",
        "model": "fofr/consistent-character",
        "priority": 10,
        "due_at": ago(made),
        **columns,
    }
    run = Run(
        id=new_id("run"),
        generation_id=batch.generation.id,
        kind=kind,
        state=state,
        created_at=ago(made),
        **values,
    )
    session.add(run)
    session.flush()
    session.add(RunSlot(run_id=run.id, slot_id=batch.slots[0].id, output_index=0))
    session.flush()
    return run


def add_attempt(session: Session, run: Run, **columns: Any) -> Attempt:
    """One create of a run."""
    values: dict[str, Any] = {
        "number": 1,
        "state": AttemptState.RUNNING,
        "estimated_cost_usd": 0.04,
        **columns,
    }
    attempt = Attempt(
        id=new_id("att"),
        run_id=run.id,
        provider=run.provider,
        model=run.model,
        payload={},
        payload_hash="h",
        seed=7,
        outputs=[],
        **values,
    )
    session.add(attempt)
    session.flush()
    return attempt
