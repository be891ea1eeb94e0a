"""Generations with slots in chosen states, for the views to show."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.core.states import (
    AttemptState,
    EntryKind,
    GenerationState,
    Kind,
    RunState,
    SlotRole,
    SlotState,
)
from services.database.models import (
    Asset,
    Attempt,
    Event,
    Generation,
    LedgerEntry,
    Mascot,
    Run,
    RunSlot,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID


@dataclass(frozen=True)
class Made:
    """What was added; the mascot is None for poses."""

    generation: Generation
    mascot: Mascot | None
    slots: list[Slot]


def add_generation(
    session: Session,
    kind: Kind,
    slots: Sequence[tuple[SlotRole, SlotState]],
    state: GenerationState = GenerationState.RUNNING,
) -> Made:
    """A generation that was charged 30 credits a slot, with no run yet."""
    generation = Generation(
        id=new_id("gen"),
        kind=kind,
        account_id=DEFAULT_ACCOUNT_ID,
        person_id=LOCAL_PERSON_ID,
        title="A title",
        request={"note": "request-text"},
        fingerprint="f",
        idempotency_key=secrets.token_hex(8),
        priority=10,
        state=state,
        price_credits=30 * len(slots),
        estimated_cost_usd=0.04,
    )
    session.add(generation)
    session.flush()
    mascot = add_mascot(session, generation) if kind is Kind.MASCOTS else None
    charge = add_entry(session, EntryKind.CHARGE, -30 * len(slots), generation)
    made = [
        _slot(session, generation, mascot, charge, position, role, slot_state)
        for position, (role, slot_state) in enumerate(slots)
    ]
    return Made(generation, mascot, made)


def add_mascot(session: Session, generation: Generation) -> Mascot:
    """One variation of a batch."""
    mascot = Mascot(
        id=new_id("mas"),
        account_id=DEFAULT_ACCOUNT_ID,
        generation_id=generation.id,
        name="Fennel",
        description="a fox",
        style="Flat vector",
        variation=1,
    )
    session.add(mascot)
    session.flush()
    return mascot


def add_entry(
    session: Session,
    kind: EntryKind,
    amount: int,
    generation: Generation,
    slot: Slot | None = None,
) -> LedgerEntry:
    """One movement of credits for this generation; a refund names its slot."""
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=DEFAULT_ACCOUNT_ID,
        kind=kind,
        amount=amount,
        idempotency_key=secrets.token_hex(8),
        generation_id=generation.id,
        slot_id=slot and slot.id,
        charge_id=slot and slot.charge_id,
        actor=LOCAL_PERSON_ID,
        reason="A reason",
    )
    session.add(entry)
    session.flush()
    return entry


def add_run(session: Session, slot: Slot, *, is_started: bool) -> Run:
    """A run for the slot with one attempt that holds what support must not see."""
    run = Run(
        id=new_id("run"),
        generation_id=slot.generation_id,
        kind=slot.kind,
        provider="replicate",
        model="m",
        priority=10,
        state=RunState.WAITING if is_started else RunState.QUEUED,
        started_at=func.clock_timestamp() if is_started else None,
    )
    session.add(run)
    session.flush()
    session.add(RunSlot(run_id=run.id, slot_id=slot.id, output_index=0))
    session.add(
        Attempt(
            id=new_id("att"),
            run_id=run.id,
            number=1,
            provider="replicate",
            model="m",
            payload={"image": "https://signed.example/payload-text"},
            payload_hash="h",
            seed=7,
            state=AttemptState.RUNNING,
            outputs=["https://signed.example/outputs-text"],
            logs="logs-text",
            estimated_cost_usd=0.04,
        )
    )
    session.add(
        Event(
            generation_id=slot.generation_id,
            run_id=run.id,
            name="run.queued",
            actor="system",
            detail={},
        )
    )
    return run


def add_asset(session: Session, name: str) -> Asset:
    """A stored file whose storage URI ends in `name`."""
    asset = Asset(
        id=new_id("ast"),
        account_id=DEFAULT_ACCOUNT_ID,
        sha256=secrets.token_hex(32),
        storage_key=name,
        storage_uri=f"s3://bucket/{name}",
        thumbnail_key=name,
        content_type="image/png",
        byte_count=1,
        width=1,
        height=1,
        placeholder="",
    )
    session.add(asset)
    session.flush()
    return asset


def _slot(
    session: Session,
    generation: Generation,
    mascot: Mascot | None,
    charge: LedgerEntry,
    position: int,
    role: SlotRole,
    state: SlotState,
) -> Slot:
    is_filled = state is SlotState.FILLED
    slot = Slot(
        id=new_id("slot"),
        generation_id=generation.id,
        account_id=DEFAULT_ACCOUNT_ID,
        kind=generation.kind,
        position=position,
        role=role,
        run_group=0,
        mascot_id=mascot and mascot.id,
        provider="replicate",
        model="m",
        prompt="a prompt",
        seed=7,
        input_asset_ids=[],
        price_credits=30,
        charge_id=charge.id,
        state=state,
        asset_id=add_asset(session, f"{role.value}.png").id if is_filled else None,
        filled_at=func.clock_timestamp() if is_filled else None,
    )
    session.add(slot)
    session.flush()
    return slot
