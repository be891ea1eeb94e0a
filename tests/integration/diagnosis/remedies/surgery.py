"""Orders remedies as a person does, and holds what must be true of each of them."""

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, RemedyRefusedError
from services.core.states import EntryKind, Role, RunState
from services.database.models import (
    Asset,
    Audit,
    Base,
    Event,
    Generation,
    Heartbeat,
    LedgerEntry,
    OrphanedFile,
    Run,
    RunSlot,
    Slot,
)
from services.media.outputs import inspect_output
from services.pipeline.transitions import derive_state
from services.providers.base import Prediction, PreparedRequest
from services.remedies.base import (
    DryRun,
    Outcome,
    RemedyKind,
    RemedyOffer,
    role_for,
)
from services.storage.keys import original_key
from tests.factories import finished_mascot
from tests.integration.pipeline.by_hand import ByHand

REASON = "The customer wrote"


@dataclass
class Surgery:
    """A pipeline turned by hand, and the remedies of its studio."""

    by_hand: ByHand
    mascot: str = field(init=False)

    def __post_init__(self) -> None:
        self.mascot = finished_mascot(self.by_hand.studio.services)

    @property
    def actor(self) -> Actor:
        """The local admin."""
        return self.by_hand.studio.actor

    @property
    def services(self) -> Any:
        """Those of the studio."""
        return self.by_hand.studio.services

    def look(self, kind: RemedyKind, subject_id: str, argument: str | None = None) -> DryRun:
        """A dry-run, which changes nothing."""
        before = self.snapshot()
        look: DryRun = self.services.remedies.dry_run(
            self.actor, RemedyOffer(kind, subject_id, argument)
        )
        assert self.snapshot() == before
        return look

    def apply(self, look: DryRun, actor: Actor | None = None, reason: str = REASON) -> Outcome:
        """Order what was shown."""
        outcome: Outcome = self.services.remedies.apply(
            actor or self.actor, look.offer, reason, look.expected
        )
        return outcome

    def order(self, kind: RemedyKind, subject_id: str, argument: str | None = None) -> Outcome:
        """Order it in every wrong way, once in the right one, and once more."""
        look = self.look(kind, subject_id, argument)
        assert look.problem is None, look.problem
        self._refused_changes_nothing(look)
        outcome = self.apply(look)
        assert outcome.before == look.expected
        self._is_audited(look, outcome)
        after = self.snapshot()
        with pytest.raises(RemedyRefusedError):
            self.apply(look)
        assert self.snapshot() == after
        return outcome

    def _refused_changes_nothing(self, look: DryRun) -> None:
        before = self.snapshot()
        below = Role.OPERATOR if role_for(look.offer.kind) is Role.ADMIN else Role.VIEWER
        with pytest.raises(NotAllowedError):
            self.apply(look, replace(self.actor, role=below))
        with pytest.raises(InvalidRequestError):
            self.apply(look, reason=" ")
        other = {name: "another" for name in look.expected}
        with pytest.raises(RemedyRefusedError, match="not any more as it was"):
            self.apply(replace(look, expected=other))
        assert self.snapshot() == before

    def _is_audited(self, look: DryRun, outcome: Outcome) -> None:
        (row,) = self.audit(look.offer.kind)
        assert (row.subject_id, row.actor, row.reason) == (
            look.offer.subject_id,
            self.actor.id,
            REASON,
        )
        assert row.before == dict(look.expected)
        assert row.after is not None and dict(outcome.after).items() <= row.after.items()

    def audit(self, kind: RemedyKind) -> list[Audit]:
        """What the trail holds of this kind."""
        query = select(Audit).where(Audit.action == f"remedy.{kind.value}").order_by(Audit.id)
        return self.all(query)

    def told(self, generation_id: str) -> list[str]:
        """The remedies that a timeline names."""
        query = select(Event).where(
            Event.generation_id == generation_id, Event.name == "remedy.applied"
        )
        return [event.detail["remedy"] for event in self.all(query)]

    def snapshot(self) -> dict[str, str]:
        """A hash of every row of every table."""
        with self.by_hand.parts.database.transaction() as session:
            return {
                table.name: session.scalars(
                    text(
                        "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), ''))"
                        f' FROM app."{table.name}" AS t'
                    )
                ).one()
                for table in Base.metadata.sorted_tables
            }

    def all(self, query: Any) -> list[Any]:
        """Its rows."""
        with self.by_hand.parts.database.transaction() as session:
            return list(session.scalars(query))

    def write(self, *statements: Any) -> None:
        """Plant what nothing of ours would write."""
        with self.by_hand.parts.database.transaction() as session:
            for statement in statements:
                session.execute(statement)

    def pose(self, count: int = 1, key: str = "poses") -> str:
        """Start poses; their generation's id."""
        return self.by_hand.studio.start_poses(self.mascot, count, key=key).generation_id

    def stuck(self) -> str:
        """A pose whose prediction never ends at the provider; its generation's id."""
        self.by_hand.studio.fault("stuck", provider="replicate", operation="create")
        generation = self.pose()
        self.by_hand.until_run(generation, RunState.WAITING)
        return generation

    def in_doubt(self) -> str:
        """A pose of which nobody knows whether it was ordered; its generation's id."""
        self.by_hand.studio.fault("drop_before_create", provider="replicate", operation="create")
        generation = self.pose()
        self.by_hand.finish(generation)
        return generation

    def refresh(self, generation_id: str) -> None:
        """Store the state that follows from what was planted."""
        with self.by_hand.parts.database.transaction() as session:
            session.execute(
                update(Generation)
                .where(Generation.id == generation_id)
                .values(state=derive_state(session, generation_id))
            )

    def asset_of(self, slot: Slot) -> Asset:
        """The slot's picture."""
        found: Asset = self.all(select(Asset).where(Asset.id == slot.asset_id))[0]
        return found

    def lose(self, slot: Slot) -> Asset:
        """Take the slot's file out of the storage, as somebody else might."""
        asset = self.asset_of(slot)
        self.services.storage.delete(asset.storage_key)
        return asset

    def has_file(self, key: str) -> bool:
        """Whether the storage holds it."""
        return self.services.storage.head(key) is not None

    def orphan(self, content: bytes, *, hours: float = 2.0) -> str:
        """Put a picture into the storage that no row names; returns its key."""
        picture = inspect_output(content)
        key = original_key(picture.sha256, picture.extension)
        self.services.storage.put(key, content, picture.content_type)
        written = datetime.now(UTC) - timedelta(hours=hours)
        path = Path(self.services.settings.home) / "storage" / key
        os.utime(path, (written.timestamp(), written.timestamp()))
        with self.by_hand.parts.database.transaction() as session:
            session.add(OrphanedFile(storage_key=key, byte_count=len(content), modified_at=written))
        return key

    def credits(self, generation_id: str, kind: EntryKind) -> int:
        """What was charged (below zero) or refunded for it in all."""
        query = select(func.sum(LedgerEntry.amount)).where(
            LedgerEntry.generation_id == generation_id, LedgerEntry.kind == kind
        )
        return int(self.all(query)[0] or 0)

    def made_for(self, generation_id: str) -> Prediction:
        """The prediction at the provider that has exactly this order's newest input."""
        attempt = self.by_hand.attempts(generation_id)[-1]
        predictions = self.by_hand.parts.predictions(self.by_hand.run(generation_id))
        assert predictions is not None
        prepared = PreparedRequest(attempt.model, attempt.version, attempt.payload)
        (found,) = predictions.find(prepared, attempt.created_at)
        return found

    def run_of(self, slot: Slot) -> Run:
        """The run that fills the slot."""
        query = select(Run).join(RunSlot, RunSlot.run_id == Run.id)
        found: Run = self.all(query.where(RunSlot.slot_id == slot.id))[-1]
        return found

    def hold(self, run_id: str, state: RunState) -> None:
        """As if a living worker were in the middle of it."""
        later = func.clock_timestamp() + timedelta(minutes=5)
        self.by_hand.change_run(run_id, state=state, lease_until=later, worker="worker-1/thread-2")
        with self.by_hand.parts.database.transaction() as session:
            session.add(
                Heartbeat(
                    name="worker-1", role="worker", host="here", pid=1, thread_count=1, detail={}
                )
            )
