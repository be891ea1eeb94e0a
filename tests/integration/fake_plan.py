"""A plan of small shell programs, run as `python -m tests.integration.fake_plan <home> <case>`.

Each child writes a line to `<home>/events` when it starts and when it ends in order.
"""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from workers.local.__main__ import run
from workers.local.command import Command
from workers.local.home import private_folder
from workers.local.plan import Plan
from workers.local.supervisor import ChildSpec

_OBEDIENT = """
trap 'echo "stop $0" >> events; exit 0' TERM
echo "start $0 $$" >> events
while :; do sleep 0.02; done
"""
_DEAF = """
trap '' TERM
echo "start $0 $$" >> events
while :; do sleep 0.02; done
"""
_CRASHING = 'echo "crash $0" >> events; exit 3'
_ORDER = ("web", "worker", "dispatcher", "simulator", "redis", "postgres")


def child(home: Path, name: str, script: str, is_essential: bool = True) -> ChildSpec:
    command = shell(home, name, script)
    started = f"start {name} "
    return ChildSpec(
        name,
        lambda: command,
        stop_rank=_ORDER.index(name),
        stop_signals=((signal.SIGTERM, 0.6),),
        is_ready=lambda: started in events(home),
        is_essential=is_essential,
    )


def shell(home: Path, name: str, script: str) -> Command:
    env = {"PATH": os.environ["PATH"], "ATELIER_HOME": str(home)}
    return Command(("sh", "-c", script, name), env, home)


def events(home: Path) -> str:
    path = home / "events"
    return path.read_text() if path.exists() else ""


def plan(home: Path, scripts: Mapping[str, str], preparation: str) -> Plan:
    def made(name: str, *, is_essential: bool = True) -> ChildSpec:
        return child(home, name, scripts.get(name, _OBEDIENT), is_essential)

    return Plan(
        url="http://127.0.0.1:1",
        home=home,
        databases=(made("postgres"), made("redis")),
        front=(made("simulator", is_essential=False), made("web")),
        back=(made("dispatcher", is_essential=False), made("worker", is_essential=False)),
        preparation=shell(home, "migrate", preparation),
    )


CASES: dict[str, tuple[dict[str, str], str]] = {
    "good": ({}, 'echo "migrated" >> events'),
    "deaf": ({name: _DEAF for name in _ORDER}, "true"),
    "crashing web": ({"web": _CRASHING}, "true"),
    "crashing worker": ({"worker": _CRASHING}, "true"),
    "failing migration": ({}, "exit 4"),
    "endless migration": ({}, "sleep 60"),
}


if __name__ == "__main__":
    home = private_folder(Path(sys.argv[1]))
    sys.exit(run(plan(home, *CASES[sys.argv[2]])))
