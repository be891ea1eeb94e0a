"""`./run`: everything on this machine, under one supervisor, until Ctrl-C.

With a name it runs that process alone: on a host of its own, or beside a running `./run`, whose
servers it uses where no addresses are set.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Sequence
from typing import NoReturn

from services.core.errors import AtelierError, StartError
from services.core.settings import Settings
from services.core.settings_fields import PROJECT_ROOT
from services.core.settings_loader import load_settings
from workers.local.home import HomeLock, hold_port, private_folder
from workers.local.plan import (
    Plan,
    embedded_servers,
    environment,
    make_plan,
    running_simulator_port,
)
from workers.local.supervisor import Child, Supervisor
from workers.terminal import print_line, run_command

_START_SECONDS = 180.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MODULES = {
    "worker": "workers.worker",
    "dispatcher": "workers.dispatcher",
    "migrate": "workers.migrate",
    "web": "workers.web",
}


def main(argv: Sequence[str]) -> int:
    """Start everything until it has ended, or become the process that `argv` names."""
    settings = load_settings()
    if argv:
        become(settings, *argv)
    with HomeLock(settings.home) as lock:
        lock.take(settings.web_address)
        with hold_port(settings.port, settings.address):
            return run(make_plan(settings))


def become(settings: Settings, name: str, *arguments: str) -> NoReturn:
    """Replace this process by another one of Atelier; raises StartError."""
    env = dict(os.environ)
    if not (settings.database_url and settings.redis_url):
        if not HomeLock(settings.home).is_taken():
            raise StartError(
                problem="A single process needs DATABASE_URL and REDIS_URL, or a running ./run "
                f"in {settings.home}. Set both, or start ./run first."
            )
        env = environment(settings, embedded_servers(settings), running_simulator_port(settings))
    os.chdir(PROJECT_ROOT)
    os.execve(sys.executable, [sys.executable, "-m", _MODULES[name], *arguments], env)


def run(plan: Plan) -> int:
    """Run a plan until a stop signal; 0 then, 1 when something stops for good."""
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> int:
    stopped = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    supervisor = Supervisor(private_folder(plan.home / "logs"))
    try:
        return await _until_stopped(supervisor, plan, stopped)
    except AtelierError as error:
        print_line(str(error))
        return 1
    finally:
        await supervisor.stop()


async def _until_stopped(supervisor: Supervisor, plan: Plan, stopped: asyncio.Event) -> int:
    starting = asyncio.create_task(_start(supervisor, plan))
    stop = asyncio.create_task(stopped.wait())
    failure = asyncio.create_task(supervisor.failure())
    tasks: list[asyncio.Task[object]] = [starting, stop, failure]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await asyncio.wait(tasks[1:], return_when=asyncio.FIRST_COMPLETED)
        if failure.done():
            failure.result()
        print_line("Stopping…")
        return 0
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _start(supervisor: Supervisor, plan: Plan) -> None:
    databases = supervisor.start(*plan.databases)
    front = supervisor.start(*plan.front)
    try:
        async with asyncio.timeout(_START_SECONDS):
            await asyncio.gather(_prepare(supervisor, plan, databases), _all_ready(front))
    except TimeoutError:
        raise StartError(
            problem=f"Atelier did not answer within {_START_SECONDS:.0f} seconds; "
            f"the logs are in {plan.home / 'logs'}"
        ) from None
    print_line(f"Atelier is ready: {plan.url}")
    await asyncio.sleep(plan.back_delay_seconds)
    supervisor.start(*plan.back)


async def _prepare(supervisor: Supervisor, plan: Plan, databases: list[Child]) -> None:
    await _all_ready(databases)
    if plan.preparation:
        await supervisor.run_once("migrate", plan.preparation)


def _all_ready(children: list[Child]) -> Awaitable[list[None]]:
    return asyncio.gather(*(child.until_ready() for child in children))


if __name__ == "__main__":
    run_command(main)
