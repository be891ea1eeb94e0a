"""`./run doctor [--json]`: the check-up in the terminal; exit code 1 when something failed."""

import argparse
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from services.container import build_check_up_targets
from services.core.actors import SYSTEM
from services.core.errors import SettingsError, StartError
from services.health.check import CheckResult, CheckStatus
from services.health.check_up import CheckUps
from services.providers.registry import LazyProviders
from workers.local.plan import settings_of_what_runs
from workers.terminal import run_command

_COLOURS = {
    CheckStatus.OK: "32",
    CheckStatus.WARNING: "33",
    CheckStatus.FAILED: "31",
    CheckStatus.UNKNOWN: "35",
}
_STATUS_WIDTH = 9
_MAX_WIDTH = 110
_MAX_NAME_WIDTH = 28
"""A longer name has a line of its own."""


def table(checks: Sequence[CheckResult]) -> str:
    """Return every check, and the counts in the last line."""
    longest = max((len(check.name) for check in checks), default=0)
    name_width = min(longest, _MAX_NAME_WIDTH) + 2
    lines: list[str] = []
    for group, members in groupby(checks, key=lambda check: check.group):
        lines += [_painted(group, "1")]
        for check in members:
            lines += _block(check, name_width)
        lines.append("")
    return "\n".join([*lines, _counts(checks)])


def _block(check: CheckResult, name_width: int) -> list[str]:
    indent = " " * (2 + _STATUS_WIDTH + name_width)
    width = max(60, min(shutil.get_terminal_size().columns, _MAX_WIDTH))
    status = _painted(f"{check.status.value:<{_STATUS_WIDTH}}", _COLOURS[check.status])
    finding = textwrap.wrap(check.finding, width - len(indent), break_on_hyphens=False)
    if len(check.name) + 2 > name_width:
        lines = [f"  {status}{check.name}", *(indent + line for line in finding)]
    else:
        lines = [f"  {status}{check.name:<{name_width}}{finding[0] if finding else ''}"]
        lines += [indent + line for line in finding[1:]]
    if check.fix:
        lines += textwrap.wrap(
            f"→ {check.fix}",
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
        )
    return lines


def _counts(checks: Sequence[CheckResult]) -> str:
    counts = [
        f"{count} {status.value}"
        for status in CheckStatus
        if (count := sum(check.status is status for check in checks))
    ]
    return f"{len(checks)} checks: {', '.join(counts)}."


def _painted(text: str, colour: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def main(argv: Sequence[str]) -> int:
    """Run every check and print the results."""
    parser = argparse.ArgumentParser(
        "./run doctor", description="Check every component of Atelier."
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    is_json = parser.parse_args(argv).json
    checks = _checks()
    if is_json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        print(table(checks))
    return int(any(check.status is CheckStatus.FAILED for check in checks))


def _checks() -> tuple[CheckResult, ...]:
    try:
        settings = settings_of_what_runs()
        return (
            CheckUps(build_check_up_targets(settings, LazyProviders(settings))).run(SYSTEM).checks
        )
    except (SettingsError, StartError) as error:
        return tuple(_wrong_setting(line) for line in str(error).splitlines())


def _wrong_setting(problem: str) -> CheckResult:
    fix = "Correct it in .env or in the environment; .env.example lists every setting."
    return CheckResult("Settings", "Settings", CheckStatus.FAILED, problem, fix, 0.0)


if __name__ == "__main__":
    run_command(main)
