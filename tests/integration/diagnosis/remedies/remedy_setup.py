"""Set up failures, apply remedies as a person does, and check what holds for every remedy."""

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
    Attempt,
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
    RemedyOffer,
)
from services.remedies.registry import REMEDIES
from services.storage.keys import original_key
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline

REASON = "The customer wrote"


@dataclass
class RemedySetup:
    """A pipeline under manual control, one finished mascot, and the remedies."""

    by_hand: ManualPipeline
    mascot: str = field(init=False)

    def __post_init__(self) -> None:
        self.mascot = finished_mascot(self.by_hand.studio.services)

    @property
    def actor(self) -> Actor:
        """The local admin."""
        return self.by_hand.studio.actor

    @property
    def services(self) -> Any:
        """The services of the web process."""
        return self.by_hand.studio.services

    def dry_run(self, kind: str, subject_id: str, argument: str | None = None) -> DryRun:
        """Dry-run a remedy and check that no row changes."""
        before = self.snapshot()
        dry_run: DryRun = self.services.remedies.dry_run(
            self.actor, RemedyOffer(kind, subject_id, argument)
        )
        assert self.snapshot() == before
        return dry_run

    def apply(self, dry_run: DryRun, actor: Actor | None = None, reason: str = REASON) -> Outcome:
        """Apply the dry run."""
        outcome: Outcome = self.services.remedies.apply(
            actor or self.actor, dry_run.offer, reason, dry_run.expected
        )
        return outcome

    def apply_once(self, kind: str, subject_id: str, argument: str | None = None) -> Outcome:
        """Apply it in every wrong way, then rightly, then a second time; only one may succeed."""
        dry_run = self.dry_run(kind, subject_id, argument)
        assert dry_run.problem is None, dry_run.problem
        self._refused_changes_nothing(dry_run)
        outcome = self.apply(dry_run)
        assert outcome.before == dry_run.expected
        self._is_audited(dry_run, outcome)
        after = self.snapshot()
        with pytest.raises(RemedyRefusedError):
            self.apply(dry_run)
        assert self.snapshot() == after
        return outcome

    def _refused_changes_nothing(self, dry_run: DryRun) -> None:
        before = self.snapshot()
        below = (
            Role.OPERATOR if REMEDIES[dry_run.offer.remedy_id].role is Role.ADMIN else Role.VIEWER
        )
        with pytest.raises(NotAllowedError):
            self.apply(dry_run, replace(self.actor, role=below))
        with pytest.raises(InvalidRequestError):
            self.apply(dry_run, reason=" ")
        other = {name: "another" for name in dry_run.expected}
        with pytest.raises(RemedyRefusedError, match="changed since the dry run"):
            self.apply(replace(dry_run, expected=other))
        assert self.snapshot() == before

    def _is_audited(self, dry_run: DryRun, outcome: Outcome) -> None:
        (row,) = self.audit(dry_run.offer.remedy_id)
        assert (row.subject_id, row.actor, row.reason) == (
            dry_run.offer.subject_id,
            self.actor.id,
            REASON,
        )
        assert row.before == dict(dry_run.expected)
        assert row.after is not None and dict(outcome.after).items() <= row.after.items()

    def audit(self, kind: str) -> list[Audit]:
        """Read the audit rows of this remedy."""
        query = select(Audit).where(Audit.action == f"remedy.{kind}").order_by(Audit.id)
        return self.all(query)

    def timeline_remedies(self, generation_id: str) -> list[str]:
        """Read the ids of remedies in a timeline."""
        query = select(Event).where(
            Event.generation_id == generation_id, Event.name == "remedy.applied"
        )
        return [event.detail["remedy"] for event in self.all(query)]

    def snapshot(self) -> dict[str, str]:
        """Hash the rows of every table."""
        with self.by_hand.context.database.transaction() as session:
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
        with self.by_hand.context.database.transaction() as session:
            return list(session.scalars(query))

    def write(self, *statements: Any) -> None:
        """Write rows directly."""
        with self.by_hand.context.database.transaction() as session:
            for statement in statements:
                session.execute(statement)

    def pose(self, count: int = 1, key: str = "poses") -> str:
        """Start poses; return their generation's id."""
        return self.by_hand.studio.start_poses(self.mascot, count, key=key).generation_id

    def stuck(self) -> str:
        """Start a pose whose prediction never ends; return its generation's id."""
        self.by_hand.studio.fault("stuck", provider="replicate", operation="create")
        generation = self.pose()
        self.by_hand.until_run(generation, RunState.WAITING)
        return generation

    def in_doubt(self) -> str:
        """Start a pose whose submission is ambiguous; return its generation's id."""
        self.by_hand.studio.fault("drop_before_create", provider="replicate", operation="create")
        generation = self.pose()
        self.by_hand.finish(generation)
        return generation

    def age(self, generation_id: str, seconds: float = 300.0) -> None:
        """Let its attempts be sent so much earlier."""
        runs = select(Run.id).where(Run.generation_id == generation_id)
        earlier = Attempt.created_at - timedelta(seconds=seconds)
        with self.by_hand.context.database.transaction() as session:
            session.execute(
                update(Attempt).where(Attempt.run_id.in_(runs)).values(created_at=earlier)
            )

    def refresh(self, generation_id: str) -> None:
        """Store the state derived from the rows written directly."""
        with self.by_hand.context.database.transaction() as session:
            session.execute(
                update(Generation)
                .where(Generation.id == generation_id)
                .values(state=derive_state(session, generation_id))
            )

    def asset_of(self, slot: Slot) -> Asset:
        """Read the slot's asset."""
        found: Asset = self.all(select(Asset).where(Asset.id == slot.asset_id))[0]
        return found

    def lose(self, slot: Slot) -> Asset:
        """Delete the slot's file from storage; return its asset."""
        asset = self.asset_of(slot)
        self.services.storage.delete(asset.storage_key)
        return asset

    def has_file(self, key: str) -> bool:
        """Whether storage has the file."""
        return self.services.storage.head(key) is not None

    def orphan(self, content: bytes, *, hours: float = 2.0) -> str:
        """Store a picture that no row names; return its key."""
        picture = inspect_output(content)
        key = original_key(picture.sha256, picture.extension)
        self.services.storage.put(key, content, picture.content_type)
        written = datetime.now(UTC) - timedelta(hours=hours)
        path = Path(self.services.settings.home) / "storage" / key
        os.utime(path, (written.timestamp(), written.timestamp()))
        with self.by_hand.context.database.transaction() as session:
            session.add(OrphanedFile(storage_key=key, byte_count=len(content), modified_at=written))
        return key

    def credits(self, generation_id: str, kind: EntryKind) -> int:
        """Sum what was charged (negative) or refunded for the generation."""
        query = select(func.sum(LedgerEntry.amount)).where(
            LedgerEntry.generation_id == generation_id, LedgerEntry.kind == kind
        )
        return int(self.all(query)[0] or 0)

    def made_for(self, generation_id: str) -> Prediction:
        """Find the prediction with the input of the newest attempt."""
        attempt = self.by_hand.attempts(generation_id)[-1]
        predictions = self.by_hand.context.predictions(self.by_hand.run(generation_id))
        assert predictions is not None
        prepared = PreparedRequest(attempt.model, attempt.version, attempt.payload)
        (found,) = predictions.find(prepared, attempt.created_at)
        return found

    def run_of(self, slot: Slot) -> Run:
        """Read the run that fills the slot."""
        query = select(Run).join(RunSlot, RunSlot.run_id == Run.id)
        found: Run = self.all(query.where(RunSlot.slot_id == slot.id))[-1]
        return found

    def hold(self, run_id: str, state: RunState) -> None:
        """Lease the run to a living worker."""
        later = func.clock_timestamp() + timedelta(minutes=5)
        self.by_hand.change_run(run_id, state=state, lease_until=later, worker="worker-1/thread-2")
        with self.by_hand.context.database.transaction() as session:
            session.add(
                Heartbeat(
                    name="worker-1", role="worker", host="here", pid=1, thread_count=1, detail={}
                )
            )
