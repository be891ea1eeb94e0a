"""What `./run` starts: the children, their environment and their order.

Secrets travel in the environment alone, never in an argv.
"""

import http.client
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.core.settings import Settings
from services.core.settings_fields import PROJECT_ROOT
from services.core.settings_loader import load_settings
from services.providers.registry import simulated_environment
from workers.local.command import Command
from workers.local.home import (
    HomeLock,
    last_port,
    private_folder,
    stored_port,
    stored_secret,
)
from workers.local.postgres import EmbeddedPostgres
from workers.local.redis import EmbeddedRedis
from workers.local.server import EmbeddedServer
from workers.local.supervisor import ChildSpec

# A browser that opens at once draws the first page meanwhile: two starting workers would occupy
# a small machine for a second.
_FIRST_PAGE_SECONDS = 2.0
_WEB, _WORKER, _DISPATCHER, _SIMULATOR, _REDIS, _POSTGRES = range(6)


@dataclass(frozen=True)
class Plan:
    """Everything that one start runs."""

    url: str
    home: Path
    databases: tuple[ChildSpec, ...]
    """Started at once; awaited before `preparation`."""
    front: tuple[ChildSpec, ...]
    """Started at once; awaited before Atelier is reported ready."""
    back: tuple[ChildSpec, ...]
    """Started when Atelier is ready, so that they do not delay it."""
    preparation: Command | None
    back_delay_seconds: float = 0.0
    """From ready to the start of `back`."""


def make_plan(settings: Settings) -> Plan:
    """The plan for these settings; what is set to an outside server is not started here."""
    private_folder(settings.home)
    embedded = embedded_servers(settings)
    simulator_port = stored_simulator_port(settings)
    env = environment(settings, embedded, simulator_port)
    migrate_arguments = ["--embedded"] * ("DATABASE_URL" in embedded)
    front = [_web(settings.web_address, env)]
    if simulator_port:
        command = python_command(env, "simulator", "--port", str(simulator_port))
        front.insert(0, _process("simulator", command, _SIMULATOR))
    dispatcher = _process("dispatcher", python_command(env, "workers.dispatcher"), _DISPATCHER)
    return Plan(
        url=settings.web_address,
        home=settings.home,
        databases=tuple(_database(server) for server in embedded.values()),
        front=tuple(front),
        back=(dispatcher, *_workers(settings.worker_processes, env)),
        preparation=python_command(env, "workers.migrate", *migrate_arguments),
        back_delay_seconds=_FIRST_PAGE_SECONDS,
    )


def embedded_servers(settings: Settings) -> dict[str, EmbeddedServer]:
    """The servers that no setting names, by the environment name of their address."""
    servers: dict[str, EmbeddedServer] = {}
    if not settings.database_url:
        servers["DATABASE_URL"] = EmbeddedPostgres(settings.home)
    if not settings.redis_url:
        servers["REDIS_URL"] = EmbeddedRedis(settings.home)
    return servers


def stored_simulator_port(settings: Settings) -> int | None:
    """The simulator's port, the same at each start, or None when it is not needed."""
    needed = bool(simulated_environment(settings))
    return stored_port(settings.home / "simulator_port") if needed else None


def running_simulator_port(settings: Settings) -> int | None:
    """The port of the simulator that runs in this ATELIER_HOME; chooses none."""
    return last_port(settings.home / "simulator_port") if simulated_environment(settings) else None


def environment(
    settings: Settings, embedded: Mapping[str, EmbeddedServer], simulator_port: int | None
) -> dict[str, str]:
    """The children's environment: this one, and where to find what `./run` starts."""
    made = {name: server.url for name, server in embedded.items()}
    if settings.secret_key is None:
        made["SECRET_KEY"] = stored_secret(settings.home / "secret_key")
    if simulator_port:
        url = f"http://127.0.0.1:{simulator_port}"
        made |= {"ATELIER_SIMULATOR_URL": url} | simulated_environment(settings, url)
    return {
        **os.environ,
        **made,
        "ATELIER_HOME": str(settings.home),
        "ATELIER_PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost"))),
    }


def python_command(env: Mapping[str, str], module: str, *arguments: str) -> Command:
    """A module of ours (or a library's) run by this Python in the project's root."""
    return Command((sys.executable, "-m", module, *arguments), env, PROJECT_ROOT)


def _database(server: EmbeddedServer) -> ChildSpec:
    return ChildSpec(
        name=server.name,
        prepare=server.prepare,
        stop_rank=_POSTGRES if server.name == EmbeddedPostgres.name else _REDIS,
        stop_signals=server.stop_signals,
        is_ready=server.is_ready,
    )


def _web(url: str, env: Mapping[str, str]) -> ChildSpec:
    command = python_command(env, "workers.web")
    return ChildSpec("web", lambda: command, _WEB, is_ready=answers(url, "/_stcore/health"))


def _workers(count: int, env: Mapping[str, str]) -> list[ChildSpec]:
    """A worker finishes what it can in two seconds; the rest is resumed at the next start."""
    names = ["worker"] if count == 1 else [f"worker-{number}" for number in range(1, count + 1)]
    command = python_command(env, "workers.worker")
    return [_process(name, command, _WORKER, stop_seconds=2.0) for name in names]


def _process(name: str, command: Command, stop_rank: int, stop_seconds: float = 0.5) -> ChildSpec:
    """A process without which the others continue."""
    stop_signals = ((signal.SIGTERM, stop_seconds),)
    return ChildSpec(name, lambda: command, stop_rank, stop_signals, is_essential=False)


def answers(url: str, path: str) -> Callable[[], bool]:
    """A check that is true when `path` at an address of this machine gives HTTP 200."""
    place = urlsplit(url)

    def is_answering() -> bool:
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return is_answering


def settings_of_what_runs() -> Settings:
    """Return the settings, completed by the addresses of the `./run` of this ATELIER_HOME."""
    settings = load_settings()
    if not (settings.home / "lock").exists():
        return settings
    lock = HomeLock(settings.home)
    if not lock.is_taken():
        return settings
    port = urlsplit(str(lock.owner().get("url", ""))).port or settings.port
    os.environ.update(
        environment(settings, embedded_servers(settings), running_simulator_port(settings))
    )
    os.environ["ATELIER_PORT"] = str(port)
    return load_settings()
