"""Generations with attempts of a chosen day and cost, for the spend to count."""

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.core.states import AttemptState, Kind, Role, RunState, SlotRole, SlotState
from services.database.models import Attempt, Generation, Person, Run, RunSlot, new_id
from tests.integration.database.rows import add_generation


def add_person(session: Session, person_id: str, name: str) -> None:
    """Another operator."""
    session.add(Person(id=person_id, name=name, role=Role.OPERATOR))
    session.flush()


def add_attempt(
    session: Session,
    kind: Kind = Kind.POSES,
    *,
    estimated: float,
    actual: float | None = None,
    model: str = "fofr/consistent-character",
    person_id: str | None = None,
    state: AttemptState = AttemptState.SUCCEEDED,
    ago: timedelta = timedelta(),
) -> Generation:
    """One attempt, made so long ago, of a batch of one slot that is still pending."""
    made = add_generation(session, kind, [(SlotRole.POSE, SlotState.PENDING)])
    if person_id:
        made.generation.person_id = person_id
    run = Run(
        id=new_id("run"),
        generation_id=made.generation.id,
        kind=kind,
        provider="replicate",
        model=model,
        priority=0,
        state=RunState.WAITING,
    )
    session.add(run)
    session.flush()
    session.add(RunSlot(run_id=run.id, slot_id=made.slots[0].id, output_index=0))
    session.add(
        Attempt(
            id=new_id("att"),
            run_id=run.id,
            number=1,
            provider="replicate",
            model=model,
            payload={},
            payload_hash="h",
            seed=7,
            state=state,
            outputs=[],
            estimated_cost_usd=estimated,
            actual_cost_usd=actual,
            created_at=func.now() - ago,
        )
    )
    session.flush()
    return made.generation
