"""A whole Atelier without its desk: own servers, the simulator, real workers and dispatcher.

Its settings are the product's defaults; a benchmark changes only what its method names.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import func, select

from services.container import Services, build_services
from services.core.settings import Settings
from services.core.settings_fields import PROJECT_ROOT
from services.core.settings_loader import load_settings
from services.core.states import SlotState
from services.database.models import Heartbeat, Slot
from services.database.prepare import prepare_database
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.providers.registry import provider_prices
from services.recipes.labels import MASCOT_ROLES
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MAX_VARIATIONS, MascotsRequest
from services.recipes.poses.request import MAX_COUNT, PosesRequest
from services.recipes.registry import item_prices
from tests.simulator_process import running_simulator
from workers.local.postgres import EmbeddedPostgres
from workers.local.redis import EmbeddedRedis

SECRET_KEY = "a-key-for-benchmarks-0123456789abcdef"
REPLICATE_TOKEN = "r8_" + "simulated0" * 4
GEMINI_KEY = "AIza" + "simulated0" * 4
CREDITS = 10_000_000
FOREIGN_SETTINGS = tuple(
    name
    for names in Settings.model_fields.values()
    for name in names.validation_alias.choices  # type: ignore[union-attr]
)
LOOK_SECONDS = 0.05


class GaveUpError(Exception):
    """What a benchmark waited for did not happen."""


def progress(text: str) -> None:
    """One line for whoever waits; the figures alone go to stdout."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def wait_until(what: str, is_true: Callable[[], bool], seconds: float) -> None:
    """Look again and again; raises GaveUpError after `seconds`."""
    give_up = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > give_up:
            raise GaveUpError(f"Not within {seconds:.0f} s: {what}")
        time.sleep(LOOK_SECONDS)


@dataclass
class Rig:
    """Everything that a pipeline benchmark drives."""

    env: dict[str, str]
    settings: Settings
    services: Services
    simulator_url: str
    home: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _keys: int = 0

    def start(self, name: str, module: str) -> int:
        """Start a process of ours; returns its pid."""
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=PROJECT_ROOT,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes[name] = process
        return process.pid

    def start_pipeline(self, workers: int) -> list[int]:
        """Start a dispatcher and the workers, wait for their signs of life; returns their pids."""
        pids = [self.start("dispatcher", "workers.dispatcher")]
        pids += [self.start(f"worker-{n}", "workers.worker") for n in range(workers)]
        wait_until("all processes beat", lambda: self._beating() == len(pids), 120)
        return pids

    def stop_processes(self) -> None:
        """End what `start` started."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def set_seconds(self, seconds: float) -> None:
        """How long each picture takes from now on."""
        url = f"{self.simulator_url}/_simulator/speed"
        httpx.post(url, json={"speed": 1, "seconds": seconds}).raise_for_status()

    def start_mascots(self, variations: int) -> None:
        """Start batches with so many variations in all, of three pictures each."""
        actor = self.services.people.local()
        for count in _portions(variations, MAX_VARIATIONS):
            request = MascotsRequest(
                DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), count
            )
            self.services.mascots.start(actor, request, self._new_key())

    def make_mascot(self) -> str:
        """One finished mascot, quickly; returns its id. Its pictures are no poses."""
        self.set_seconds(0.2)
        before = self.filled()
        self.start_mascots(1)
        wait_until("the first mascot", lambda: self.filled() == before + len(MASCOT_ROLES), 60)
        actor = self.services.people.local()
        return self.services.mascots.with_pictures(actor, DEFAULT_ACCOUNT_ID)[0].id

    def start_poses(self, mascot_id: str, count: int) -> None:
        """Start so many poses, in generations as large as the form allows."""
        actor = self.services.people.local()
        for portion in _portions(count, MAX_COUNT):
            request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot_id, "waving", portion)
            self.services.poses.start(actor, request, self._new_key())

    def filled(self) -> int:
        """How many pictures are in the gallery."""
        return self.slots(SlotState.FILLED)

    def slots(self, *states: SlotState) -> int:
        """How many slots are in one of these states."""
        with self.services.database.transaction() as session:
            count = select(func.count()).select_from(Slot).where(Slot.state.in_(states))
            return session.scalars(count).one()

    def _beating(self) -> int:
        with self.services.database.transaction() as session:
            return session.scalars(select(func.count()).select_from(Heartbeat)).one()

    def _new_key(self) -> str:
        self._keys += 1
        return f"bench-{self._keys}"


@contextmanager
def open_rig(*simulator_options: str, **settings: str) -> Iterator[Rig]:
    """A rig on a fresh folder; everything ends with the block."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        database_url = stack.enter_context(EmbeddedPostgres(home)).url
        redis_url = stack.enter_context(EmbeddedRedis(home)).url
        simulator_url = stack.enter_context(running_simulator(*simulator_options))
        prepare_database(
            database_url,
            SECRET_KEY,
            CREDITS,
            provider_prices=provider_prices(),
            item_prices=item_prices(),
        )
        env = _environment(home, database_url, redis_url, simulator_url) | settings
        read = read_settings(env)
        services = build_services(read)
        stack.callback(services.database.close)
        rig = Rig(env, read, services, simulator_url, home)
        stack.callback(rig.stop_processes)
        yield rig


def read_settings(env: dict[str, str]) -> Settings:
    """The settings that a process with this environment would read."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        return load_settings(env_file=None)
    finally:
        os.environ.clear()
        os.environ.update(kept)


def bare_environment() -> dict[str, str]:
    """This environment without any setting of Atelier's."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}


def _environment(
    home: Path, database_url: str, redis_url: str, simulator_url: str
) -> dict[str, str]:
    return bare_environment() | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ATELIER_HOME": str(home),
        "SECRET_KEY": SECRET_KEY,
        "ATELIER_SIMULATOR_URL": simulator_url,
        "REPLICATE_API_TOKEN": REPLICATE_TOKEN,
        "REPLICATE_BASE_URL": simulator_url,
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": simulator_url,
    }


def _portions(total: int, most: int) -> Iterator[int]:
    while total > 0:
        yield min(total, most)
        total -= most
