"""The subcommands of `./run`. Each becomes the program that does it, so this file stays light."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Subcommand:
    """One word after `./run`, and the `python -m …` that it becomes."""

    module: tuple[str, ...]
    usage: str
    meaning: str


SUBCOMMANDS: dict[str, Subcommand] = {
    "start": Subcommand(("workers.local",), "", "start everything (also without a word)"),
    "test": Subcommand(
        ("workers.run_tests",),
        "[--quick] […]",
        "run all tests, or the quick ones; pytest's options may follow",
    ),
    "doctor": Subcommand(
        ("workers.doctor",), "[--json]", "check everything, with a fix for each finding"
    ),
    "diagnose": Subcommand(
        ("workers.diagnose",), "<anything> [--json]", "where a generation is, or why it is stuck"
    ),
    "plant": Subcommand(("bench.inject",), "[NAME]", "inject one fault (with simulated providers)"),
    "bench": Subcommand(("bench",), "[NAME] [--json]", "list the benchmarks, or run one"),
    "sql": Subcommand(
        ("workers.sql",), '"<statement>"', "run one read-only statement, or --view ID"
    ),
    "simulator": Subcommand(("simulator",), "--port N …", "the simulated providers alone"),
    "web": Subcommand(("workers.local", "web"), "", "the web process alone"),
    "dispatcher": Subcommand(("workers.local", "dispatcher"), "", "the dispatcher alone"),
    "worker": Subcommand(("workers.local", "worker"), "", "one worker process alone"),
    "settings": Subcommand(
        ("workers.settings",), "[--write]", "list the settings, or write them into the documents"
    ),
    "recovery": Subcommand(
        ("workers.recovery",), '[--end "reason"]', "what a restored database lost, and its end"
    ),
    "migrate": Subcommand(("workers.local", "migrate"), "", "bring the database to this version"),
}


def help_text() -> str:
    """Return what `./run help` prints."""
    lines = ["./run [command]", ""]
    for name, command in SUBCOMMANDS.items():
        lines.append(f"  {f'{name} {command.usage}':<30}{command.meaning}")
    lines.append(f"  {'help':<30}this list")
    lines += ["", "Settings are read from the environment and from .env (see .env.example)."]
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Become the named program; return an exit code only where there is none to become."""
    name, *arguments = argv or ["start"]
    if name in {"help", "--help", "-h"}:
        print(help_text())
        return 0
    command = SUBCOMMANDS.get(name)
    if command is None:
        print(f"Atelier knows no command {name!r}.\n\n{help_text()}", file=sys.stderr)
        return 2
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *command.module, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
