"""The check-up as text for a terminal: one block a group, the fix below what fails."""

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from itertools import groupby

from services.health.check import CheckResult, CheckStatus

_COLOURS = {
    CheckStatus.OK: "32",
    CheckStatus.WARNING: "33",
    CheckStatus.FAILED: "31",
    CheckStatus.UNKNOWN: "35",
}
_STATUS_WIDTH = 9
_MOST_WIDTH = 110


def table(checks: Sequence[CheckResult]) -> str:
    """The whole check-up, and its sum in the last line."""
    name_width = max((len(check.name) for check in checks), default=0) + 2
    lines: list[str] = []
    for group, members in groupby(checks, key=lambda check: check.group):
        lines += [_painted(group, "1")]
        for check in members:
            lines += _block(check, name_width)
        lines.append("")
    return "\n".join([*lines, _sum(checks)])


def _block(check: CheckResult, name_width: int) -> list[str]:
    indent = " " * (2 + _STATUS_WIDTH + name_width)
    width = max(60, min(shutil.get_terminal_size().columns, _MOST_WIDTH))
    status = _painted(f"{check.status.value:<{_STATUS_WIDTH}}", _COLOURS[check.status])
    finding = textwrap.wrap(check.finding, width - len(indent), break_on_hyphens=False)
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


def _sum(checks: Sequence[CheckResult]) -> str:
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
