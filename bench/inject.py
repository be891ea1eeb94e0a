"""`./run plant [NAME] [--count N]`: bring about one cause on the running desk, to look at it.

Refuses a desk that has real providers: what is planted costs money there, and pictures.
"""

import argparse
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from bench.faults.catalogue import FAULTS
from bench.faults.environment import Environment, FaultNotInjectedError
from services.container import Services, build_services
from services.core.errors import AtelierError
from services.core.settings import Settings
from services.queue.rq_queue import connect
from workers.local.plan import settings_of_what_runs
from workers.local.state_folder import StartError

REAL = "This desk has real providers. Plants are for a desk whose providers are simulated."
NOTHING_RUNS = "No desk runs in this ATELIER_HOME. Start it with ./run and plant beside it."


def main(argv: Sequence[str]) -> int:
    """List the plants, or plant one and say where to look."""
    parser = argparse.ArgumentParser("./run plant", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(FAULTS), metavar="NAME")
    parser.add_argument("--count", type=int, default=1, help="how many generations have it")
    given = parser.parse_args(argv)
    if given.name is None:
        print(listing())
        return 0
    try:
        return _plant(given.name, given.count)
    except (AtelierError, StartError, FaultNotInjectedError) as error:
        print(error, file=sys.stderr)
        return 1


def listing() -> str:
    """What `./run plant` prints."""
    lines = [f"  {name:<20}{it.meaning}" for name, it in FAULTS.items()]
    return "\n".join(["./run plant NAME [--count N]", "", *lines])


def _plant(name: str, count: int) -> int:
    settings = settings_of_what_runs()
    services = build_services(settings)
    if not settings.is_simulated or settings.simulator_url is None:
        print(REAL if settings.database_url else NOTHING_RUNS, file=sys.stderr)
        return 1
    environment = _ground(settings, services)
    # Whatever is stopped afterwards must not keep the plants' own mascot from being made.
    environment.mascot()
    try:
        for planted in FAULTS[name].plant(environment, count):
            print(f"{planted}  http://localhost:{settings.port}/diagnose?id={planted}")
        if environment.is_disturbed:
            input("It holds up the whole desk. Press Enter to put that right again… ")
    finally:
        environment.undo()
    return 0


def _ground(settings: Settings, services: Services) -> Environment:
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    return Environment(
        services,
        connect(redis_url, timeout_seconds=5.0),
        f"{urlsplit(settings.simulator_url or '').scheme}://"
        f"{urlsplit(settings.simulator_url or '').netloc}",
        settings.home,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
