"""What a plant works on: a running Atelier with its processes, Redis, storage and simulator.

The same for a benchmark's rig and for the desk of `./run`: processes are found by their signs of
life, and reached with signals.
"""

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from sqlalchemy import select, text

from services.container import Services
from services.core.actors import Actor
from services.core.states import RunState
from services.database.models import Heartbeat, Run, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.monitoring.local_processes import is_running
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from services.recipes.training.request import TrainingOrder
from tests.factories import picture_bytes

COLOURS = ("teal", "gold", "tomato", "orchid", "navy", "olive")
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 60.0


class FaultNotInjectedError(Exception):
    """The ground did not take it: what a plant waited for did not happen."""


@dataclass
class Environment:
    """A desk, and how to disturb it."""

    services: Services
    redis: Redis
    simulator_url: str
    home: Path
    revive: Callable[[], None] = lambda: None
    """Starts a worker anew after a kill, where no supervisor does."""
    slow_seconds: float = 180.0
    """How long something takes that is meant to be slow beside the model's usual time."""
    _undo: list[Callable[[], None]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The local person, who is admin."""
        return self.services.people.local()

    def start_poses(self, words: str, count: int, pictures: int = 1) -> list[str]:
        """So many generations of a few poses each, told in these words; their ids."""
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
        """So many batches of one mascot each."""
        started = []
        for _ in range(count):
            request = MascotsRequest(account_id, name, f"{name}, a fox", STYLES[0], (), 1)
            key = f"plant-{secrets.token_hex(8)}"
            started.append(self.services.mascots.start(self.actor, request, key).generation_id)
        return started

    def start_trainings(self, count: int) -> list[str]:
        """So many trainings on pictures of their own."""
        started = []
        for _ in range(count):
            word = f"plant_{secrets.token_hex(3)}"
            wish = TrainingOrder(
                DEFAULT_ACCOUNT_ID,
                "Pip",
                subject_type="character",
                trigger_word=word,
                reference_ids=tuple(self._reference(colour) for colour in COLOURS),
            )
            started.append(self.services.training.start(self.actor, wish, word).generation_id)
        return started

    def _reference(self, colour: str) -> str:
        content = picture_bytes(colour, side=1100)
        verdict = self.services.references.upload(
            self.actor, DEFAULT_ACCOUNT_ID, f"{colour}.png", content
        )
        if verdict.reference is None:
            raise FaultNotInjectedError(verdict.sentence)
        return verdict.reference.id

    def fault(self, name: str, times: int | None, **more: Any) -> None:
        """Order a fault of the simulator; `match` and `seconds` as its rules have them."""
        body = [{"fault": name, "times": times, **more}]
        httpx.post(f"{self.simulator_url}/_simulator/faults", json=body).raise_for_status()

    def clear_faults(self) -> None:
        """Let nothing go wrong at the simulator any more."""
        httpx.delete(f"{self.simulator_url}/_simulator/faults").raise_for_status()

    def sql(self, statement: str, **values: Any) -> int:
        """One statement with the application's own rights; how many rows it changed."""
        with self.services.database.transaction() as session:
            return int(session.execute(text(statement), values).rowcount)  # type: ignore[attr-defined]

    def runs(self, generation_ids: Iterable[str]) -> list[Run]:
        """Their newest runs."""
        wanted = list(generation_ids)
        with self.services.database.transaction() as session:
            return list(
                session.scalars(
                    select(Run).where(Run.generation_id.in_(wanted)).order_by(Run.created_at)
                )
            )

    def slots(self, generation_ids: Iterable[str]) -> list[Slot]:
        """Their slots, in order."""
        wanted = list(generation_ids)
        with self.services.database.transaction() as session:
            return list(
                session.scalars(
                    select(Slot).where(Slot.generation_id.in_(wanted)).order_by(Slot.position)
                )
            )

    def wait_for(self, what: str, is_true: Callable[[], bool], seconds: float = 0) -> None:
        """Look again and again; raises FaultNotInjectedError."""
        give_up = time.monotonic() + (seconds or PATIENCE_SECONDS)
        while not is_true():
            if time.monotonic() > give_up:
                raise FaultNotInjectedError(f"Not in time: {what}")
            time.sleep(LOOK_SECONDS)

    def wait_states(self, generation_ids: Sequence[str], *states: RunState) -> None:
        """Until every run of them is in one of these states."""
        told = f"{len(generation_ids)} generations reach {[it.value for it in states]}"
        self.wait_for(told, lambda: all(run.state in states for run in self.runs(generation_ids)))

    def pids(self, role: str) -> list[int]:
        """The living processes of this role on this host."""
        with self.services.database.transaction() as session:
            rows = session.scalars(select(Heartbeat).where(Heartbeat.role == role)).all()
        return [row.pid for row in rows if is_running(row.pid, row.started_at)]

    def signal(self, role: str, number: signal.Signals) -> list[int]:
        """Send a signal to all processes of a role; a stopped one goes on with `undo`."""
        pids = self.pids(role)
        for pid in pids:
            os.kill(pid, number)
        if number is signal.SIGSTOP:
            self.later(lambda: _go_on(pids))
        return pids

    def later(self, undo: Callable[[], None]) -> None:
        """What puts the ground right again, newest first."""
        self._undo.append(undo)

    @property
    def is_disturbed(self) -> bool:
        """Something holds up everybody until `undo`."""
        return bool(self._undo)

    def undo(self) -> None:
        """Put right what was disturbed for everybody; what was planted stays."""
        while self._undo:
            self._undo.pop()()

    def mascot(self) -> str:
        """A finished mascot of the account; makes one when there is none."""
        mascots = self.services.mascots.with_pictures(self.actor, DEFAULT_ACCOUNT_ID)
        if mascots:
            return mascots[0].id
        started = self.start_mascots("Fennel", 1)
        self.wait_states(started, RunState.SUCCEEDED)
        return self.services.mascots.with_pictures(self.actor, DEFAULT_ACCOUNT_ID)[0].id


def _go_on(pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            continue
