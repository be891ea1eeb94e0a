"""Environment: a running Atelier with simulated providers, into which faults are injected.

It serves the benchmark's rig and `./run` alike: processes are found by their heartbeats and
reached with signals.
"""

import io
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw
from redis import Redis
from sqlalchemy import select, text

from services.container import Services
from services.core.actors import Actor
from services.core.states import RunState
from services.database.models import Heartbeat, Run, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.monitoring.processes import is_running
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from services.recipes.training.request import ModelTrainingRequest

COLORS = ("teal", "gold", "tomato", "orchid", "navy", "olive")
POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 120.0


class FaultNotInjectedError(Exception):
    """What a fault waits for did not happen."""


def picture_bytes(color: str, side: int = 320) -> bytes:
    """Draw a PNG that differs from every other one."""
    picture = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((side // 5, side // 8, side * 4 // 5, side * 7 // 8), fill=color)
    draw.point((0, 0), fill=tuple(secrets.token_bytes(3)))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class Environment:
    """A running Atelier, and how to disturb it."""

    services: Services
    redis: Redis
    simulator_url: str
    home: Path
    revive: Callable[[], None] = lambda: None
    """Starts a worker after a kill, where no supervisor does."""
    slow_seconds: float = 180.0
    """Duration of slow work, well above the model's usual one."""
    _undo: list[Callable[[], None]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The local person, an admin."""
        return self.services.people.local()

    def start_poses(self, words: str, count: int, pictures: int = 1) -> list[str]:
        """Start `count` generations of poses with this prompt; returns their ids."""
        mascot = self.mascot()
        started = []
        for _ in range(count):
            request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot, words, pictures)
            key = f"plant-{secrets.token_hex(8)}"
            started.append(self.services.poses.start(self.actor, request, key).generation_id)
        return started

    def start_mascots(
        self, name: str, count: int, account_id: str = DEFAULT_ACCOUNT_ID
    ) -> list[str]:
        """Start `count` generations of one mascot each; returns their ids."""
        started = []
        for _ in range(count):
            request = MascotsRequest(account_id, name, f"{name}, a fox", STYLES[0], (), 1)
            key = f"plant-{secrets.token_hex(8)}"
            started.append(self.services.mascots.start(self.actor, request, key).generation_id)
        return started

    def start_trainings(self, count: int) -> list[str]:
        """Start `count` trainings, each with its own pictures; returns their generations' ids."""
        started = []
        for _ in range(count):
            word = f"plant_{secrets.token_hex(3)}"
            request = ModelTrainingRequest(
                DEFAULT_ACCOUNT_ID,
                "Pip",
                subject_type="character",
                trigger_word=word,
                reference_ids=tuple(self._reference(color) for color in COLORS),
            )
            started.append(self.services.training.start(self.actor, request, word).generation_id)
        return started

    def _reference(self, color: str) -> str:
        content = picture_bytes(color, side=1100)
        verdict = self.services.reference_uploads.upload(
            self.actor, DEFAULT_ACCOUNT_ID, f"{color}.png", content
        )
        if verdict.reference is None:
            raise FaultNotInjectedError(verdict.sentence)
        return verdict.reference.id

    def fault(self, name: str, times: int | None, **more: Any) -> None:
        """Inject a fault into the simulator; `match` and `seconds` as in its rules."""
        body = [{"fault": name, "times": times, **more}]
        httpx.post(f"{self.simulator_url}/_simulator/faults", json=body).raise_for_status()

    def clear_faults(self) -> None:
        """Clear the simulator's faults."""
        httpx.delete(f"{self.simulator_url}/_simulator/faults").raise_for_status()

    def sql(self, statement: str, **values: Any) -> int:
        """Execute one statement as the application; returns the number of rows it changed."""
        with self.services.database.transaction() as session:
            return int(session.execute(text(statement), values).rowcount)  # type: ignore[attr-defined]

    def one(self, statement: str, **values: Any) -> Any:
        """Read one value."""
        with self.services.database.transaction() as session:
            return session.execute(text(statement), values).scalar_one()

    def runs(self, generation_ids: Iterable[str]) -> list[Run]:
        """Read their runs, the oldest first."""
        ids = list(generation_ids)
        with self.services.database.transaction() as session:
            return list(
                session.scalars(
                    select(Run).where(Run.generation_id.in_(ids)).order_by(Run.created_at)
                )
            )

    def slots(self, generation_ids: Iterable[str]) -> list[Slot]:
        """Read their slots in order."""
        ids = list(generation_ids)
        with self.services.database.transaction() as session:
            return list(
                session.scalars(
                    select(Slot).where(Slot.generation_id.in_(ids)).order_by(Slot.position)
                )
            )

    def wait_for(self, what: str, is_true: Callable[[], bool], seconds: float = 0) -> None:
        """Poll until it is true; raises FaultNotInjectedError after the time-out."""
        deadline = time.monotonic() + (seconds or TIMEOUT_SECONDS)
        while not is_true():
            if time.monotonic() > deadline:
                raise FaultNotInjectedError(f"Timed out: {what}")
            time.sleep(POLL_SECONDS)

    def wait_states(self, generation_ids: Sequence[str], *states: RunState) -> None:
        """Wait until every run is in one of these states; raises FaultNotInjectedError."""
        condition = f"{len(generation_ids)} generations reach {[it.value for it in states]}"
        self.wait_for(
            condition, lambda: all(run.state in states for run in self.runs(generation_ids))
        )

    def pids(self, role: str) -> list[int]:
        """Return pids of this role's live processes on this host."""
        with self.services.database.transaction() as session:
            rows = session.scalars(select(Heartbeat).where(Heartbeat.role == role)).all()
        return [row.pid for row in rows if is_running(row.pid, row.started_at)]

    def signal(self, role: str, number: signal.Signals) -> list[int]:
        """Send a signal to all processes of a role; `undo` continues stopped ones."""
        pids = self.pids(role)
        for pid in pids:
            os.kill(pid, number)
        if number is signal.SIGSTOP:
            self.later(lambda: _continue(pids))
        return pids

    def later(self, undo: Callable[[], None]) -> None:
        """Register a step of `undo`, which runs the newest first."""
        self._undo.append(undo)

    @property
    def is_disturbed(self) -> bool:
        """Whether something blocks all work until `undo`."""
        return bool(self._undo)

    def undo(self) -> None:
        """End what blocks all work; injected faults of single generations stay."""
        while self._undo:
            self._undo.pop()()

    def mascot(self) -> str:
        """Return a finished mascot of the account, generated if there is none."""
        mascots = self.services.mascots.with_pictures(self.actor, DEFAULT_ACCOUNT_ID)
        if mascots:
            return mascots[0].id
        started = self.start_mascots("Fennel", 1)
        self.wait_states(started, RunState.SUCCEEDED)
        return self.services.mascots.with_pictures(self.actor, DEFAULT_ACCOUNT_ID)[0].id


def _continue(pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            continue
