"""`./run plant [NAME] [--count N]`: inject one fault into a running Atelier, to see its diagnosis.

Refused with real providers: a fault would cost money and pictures there.
"""

import argparse
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from bench.faults.catalogue import FAULTS
from bench.faults.environment import Environment, FaultNotInjectedError
from services.container import Services, build_services
from services.core.settings import Settings
from services.queue.rq_queue import connect
from workers.local.plan import settings_of_what_runs
from workers.terminal import run_command

REAL = "Real providers are configured. Faults are injected only with simulated providers."
NOTHING_RUNS = "Nothing runs in this ATELIER_HOME. Start it with ./run first."


def main(argv: Sequence[str]) -> int:
    """List the faults, or inject one and print the address of its diagnosis."""
    parser = argparse.ArgumentParser("./run plant", description=__doc__)
    parser.add_argument("name", nargs="?", type=_fault_name, choices=sorted(FAULTS), metavar="NAME")
    parser.add_argument("--count", type=int, default=1, help="number of generations")
    arguments = parser.parse_args(argv)
    if arguments.name is None:
        print(listing())
        return 0
    try:
        return _plant(arguments.name, arguments.count)
    except FaultNotInjectedError as error:
        print(error, file=sys.stderr)
        return 1


def _fault_name(text: str) -> str:
    """Accept a cause's id: `never_enqueued` is `never-enqueued`."""
    return text.replace("_", "-")


def listing() -> str:
    """Return the list of faults."""
    lines = [f"  {name:<20}{it.meaning}" for name, it in FAULTS.items()]
    return "\n".join(["./run plant NAME [--count N]", "", *lines])


def _plant(name: str, count: int) -> int:
    settings = settings_of_what_runs()
    services = build_services(settings)
    if not settings.is_simulated or settings.simulator_url is None:
        print(REAL if settings.database_url else NOTHING_RUNS, file=sys.stderr)
        return 1
    environment = _environment(settings, services)
    # Generate the mascot that faults need before any process is stopped.
    environment.mascot()
    try:
        for planted in FAULTS[name].plant(environment, count):
            print(f"{planted}  http://localhost:{settings.port}/diagnose?id={planted}")
        if environment.is_disturbed:
            input("It blocks all work. Press Enter to end it… ")
    finally:
        environment.undo()
    return 0


def _environment(settings: Settings, services: Services) -> Environment:
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    return Environment(
        services,
        connect(redis_url, timeout_seconds=5.0),
        f"{urlsplit(settings.simulator_url or '').scheme}://"
        f"{urlsplit(settings.simulator_url or '').netloc}",
        settings.home,
    )


if __name__ == "__main__":
    run_command(main)
