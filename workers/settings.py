"""Print the settings, or write them into README.md and .env.example (`--write`)."""

import sys
from collections.abc import Sequence
from pathlib import Path

from services.core.settings_fields import PROJECT_ROOT
from services.core.settings_loader import settings_table
from workers.terminal import run_command

README = PROJECT_ROOT / "README.md"
EXAMPLE = PROJECT_ROOT / ".env.example"
SET_BY_RUN = frozenset({"ATELIER_SIMULATOR_URL"})
_HEADING = "| Name | Default | Meaning |\n| --- | --- | --- |\n"
_EXAMPLE_HEADING = """\
# Copy to .env and fill in what you have; the environment wins over this file.
# Nothing is needed for a first look: ./run brings its own database, Redis and simulator.
"""


def main(arguments: Sequence[str]) -> int:
    """Print the table, or write both files."""
    if list(arguments) == ["--write"]:
        for file, text in documents().items():
            file.write_text(text)
    else:
        sys.stdout.write(_table())
    return 0


def documents() -> dict[Path, str]:
    """Return the files that list the settings, with the text that they must have."""
    before, _, after = README.read_text().partition(_HEADING)
    rest = after.partition("\n\n")[2]
    return {README: f"{before}{_HEADING}{_table()}\n{rest}", EXAMPLE: _example()}


def _table() -> str:
    rows = []
    for names, default, meaning in settings_table():
        shown = ", ".join(f"`{name}`" for name in names)
        rows.append(f"| {shown} | {default} | {meaning} |\n")
    return "".join(rows)


def _example() -> str:
    entries = [_EXAMPLE_HEADING]
    for names, default, meaning in settings_table():
        if names[0] in SET_BY_RUN:
            continue
        also = f" (also {', '.join(names[1:])})" if names[1:] else ""
        is_value = " " not in default
        default_note = "" if is_value else f"; default: {default}"
        value = default if is_value else ""
        entries.append(f"# {meaning}{also}{default_note}\n#{names[0]}={value}\n")
    return "\n".join(entries)


if __name__ == "__main__":
    run_command(main)
