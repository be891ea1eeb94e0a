"""A running pipeline for tests: services here, worker and dispatcher as real processes, the simulator."""

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw
from pydantic import SecretStr
from sqlalchemy import func, select

from services.container import Services, build_services
from services.core.actors import Actor
from services.core.settings_loader import load_settings
from services.core.states import AttemptState, EntryKind, GenerationState, SlotState
from services.database.models import Account, Attempt, Generation, LedgerEntry, Reference, Run, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.transitions import derive_state
from services.recipes.base import Started
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from tests.forks import Fork
from tests.integration.pipeline.crashing import live
from tests.waiting import eventually

FINISHED = {
    GenerationState.SUCCEEDED,
    GenerationState.PARTIAL,
    GenerationState.FAILED,
    GenerationState.CANCELED,
    GenerationState.NEEDS_REVIEW,
}


@dataclass
class PipelineSetup:
    """Everything that one test drives."""

    env: dict[str, str]
    services: Services
    simulator_url: str
    logs: Path
    processes: list[Fork] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The local admin."""
        return self.services.people.local()

    def start(self, name: str, dies_at: str | None = None) -> Fork:
        """Start a worker or a dispatcher, perhaps one that is killed at a checkpoint."""
        # One thread, so that its death catches no other run in the middle of a create.
        env = self.env | ({"WORKER_CONCURRENCY": "1"} if dies_at else {})
        log = self.logs / f"{name}-{len(self.processes)}.log"
        self.processes.append(Fork(live, name, dies_at, env, log))
        return self.processes[-1]

    def wait_for_death(self, process: Fork, seconds: float = 120.0) -> None:
        """Wait until the process was really killed."""
        assert process.wait(seconds) == -signal.SIGKILL

    def stop_all(self) -> None:
        """End every process of this studio."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def fault(
        self, fault: str, times: int | None = 1, seconds: float | None = None, **match: str
    ) -> None:
        """Order a fault from the simulator."""
        rule: dict[str, Any] = {"fault": fault, "match": match, "times": times}
        if seconds is not None:
            rule["seconds"] = seconds
        answer = httpx.post(f"{self.simulator_url}/_simulator/faults", json=[rule])
        answer.raise_for_status()

    def upload(self, colour: str = "teal") -> str:
        """A reference; returns its id."""
        verdict = self.services.reference_uploads.upload(
            self.actor, DEFAULT_ACCOUNT_ID, f"{colour}.png", drawn(colour)
        )
        assert verdict.reference, verdict.sentence
        return verdict.reference.id

    def asset_of(self, reference_id: str) -> str:
        """The stored picture of a reference."""
        with self.services.database.transaction() as session:
            return session.get_one(Reference, reference_id).asset_id

    def start_mascots(
        self, variations: int = 1, key: str = "mascots", references: tuple[str, ...] = ()
    ) -> Started:
        """Start a batch of a fox."""
        request = MascotsRequest(
            DEFAULT_ACCOUNT_ID,
            "Fennel",
            "an orange fox with a scarf",
            STYLES[0],
            references,
            variations,
        )
        return self.services.mascots.start(self.actor, request, key)

    def start_poses(self, mascot_id: str, count: int = 1, key: str = "poses") -> Started:
        """Start poses of a mascot."""
        request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot_id, "waving", count)
        return self.services.poses.start(self.actor, request, key)

    def mascot_id(self) -> str:
        """The newest mascot that has a picture."""
        return self.services.mascots.with_pictures(self.actor, DEFAULT_ACCOUNT_ID)[0].id

    def attempts(self) -> int:
        """How many attempts may have reached a provider."""
        with self.services.database.transaction() as session:
            sent = Attempt.state != AttemptState.NOT_SENT
            return session.scalars(select(func.count()).select_from(Attempt).where(sent)).one()

    def state(self, generation_id: str) -> GenerationState:
        """The stored state."""
        with self.services.database.transaction() as session:
            return session.get_one(Generation, generation_id).state

    def wait_finished(self, generation_id: str, seconds: float = 40.0) -> GenerationState:
        """Wait until nothing more happens by itself."""
        try:
            eventually(lambda: self.state(generation_id) in FINISHED, seconds)
        except AssertionError as error:
            raise AssertionError(self.describe(generation_id)) from error
        return self.state(generation_id)

    def describe(self, generation_id: str) -> str:
        """The runs, for a failing test."""
        with self.services.database.transaction() as session:
            runs = session.scalars(select(Run).where(Run.generation_id == generation_id))
            return "; ".join(f"{r.id} {r.state} seq={r.seq} {r.failure_detail}" for r in runs)

    def creates(self) -> int:
        """How many predictions and pictures the simulator was really asked to make."""
        answer = httpx.get(f"{self.simulator_url}/_simulator/predictions").json()
        return int(answer["creates"])

    def assert_sound(self, generation_id: str) -> None:
        """The invariants that hold after any fault."""
        with self.services.database.transaction() as session:
            generation = session.get_one(Generation, generation_id)
            assert derive_state(session, generation_id) == generation.state
            slots = session.scalars(select(Slot).where(Slot.generation_id == generation_id)).all()
            entries = session.scalars(
                select(LedgerEntry).where(LedgerEntry.generation_id == generation_id)
            ).all()
            charged = -sum(e.amount for e in entries if e.kind is EntryKind.CHARGE)
            refunded = sum(e.amount for e in entries if e.kind is EntryKind.REFUND)
            consumed = sum(
                s.price_credits for s in slots if s.state is SlotState.FILLED or s.is_charge_kept
            )
            held = sum(
                s.price_credits for s in slots if s.state in (SlotState.PENDING, SlotState.BLOCKED)
            )
            assert charged == consumed + refunded + held
            if generation.state in FINISHED - {GenerationState.NEEDS_REVIEW}:
                assert held == 0
            assets = [s.asset_id for s in slots if s.asset_id]
            assert len(assets) == len(set(assets))
            for account, total in session.execute(
                select(Account.balance, func.sum(LedgerEntry.amount))
                .join(LedgerEntry, LedgerEntry.account_id == Account.id)
                .group_by(Account.id)
            ):
                assert account == total >= 0
            ids = session.scalars(
                select(Attempt.prediction_id).where(Attempt.prediction_id.is_not(None))
            ).all()
            assert len(ids) == len(set(ids))


def drawn(colour: str) -> bytes:
    """A small picture for uploads."""
    picture = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(picture).ellipse((60, 20, 260, 220), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def open_pipeline_setup(
    database_url: str, redis_url: str, simulator_url: str, home: Path, **settings: str
) -> Iterator[PipelineSetup]:
    """A studio with short leases; its processes end with the block."""
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ATELIER_HOME": str(home),
        "SECRET_KEY": "a-key-for-tests-0123456789abcdef",
        "ATELIER_SIMULATOR_URL": simulator_url,
        "REPLICATE_API_TOKEN": "r8_" + "simulated0" * 4,
        "REPLICATE_BASE_URL": simulator_url,
        "GEMINI_API_KEY": "AIza" + "simulated0" * 4,
        "GEMINI_BASE_URL": simulator_url,
        "HUGGINGFACE_API_KEY": "hf_" + "simulated0" * 4,
        "HUGGINGFACE_BASE_URL": simulator_url,
        "LEASE_SECONDS": "2",
        "LEASE_RENEW_SECONDS": "0.5",
        "REQUEUE_AFTER_SECONDS": "2",
        "LOOKUP_SECONDS": "5",
    } | settings
    settings_read = load_settings(env_file=None).model_copy(
        update={
            "database_url": SecretStr(database_url),
            "redis_address": SecretStr(redis_url),
            "secret_key": SecretStr(env["SECRET_KEY"]),
            "home": home,
            "replicate_api_token": SecretStr(env["REPLICATE_API_TOKEN"]),
            "gemini_api_key": SecretStr(env["GEMINI_API_KEY"]),
            "huggingface_api_key": SecretStr(env["HUGGINGFACE_API_KEY"]),
            "replicate_base_url": simulator_url,
            "gemini_base_url": simulator_url,
            "huggingface_base_url": simulator_url,
            "cog_base_url": env.get("COG_BASE_URL"),
            "simulator_url": simulator_url,
        }
    )
    services = build_services(settings_read)
    studio = PipelineSetup(env, services, simulator_url, home)
    try:
        yield studio
    finally:
        studio.stop_all()
        services.database.close()
