"""The README tells the truth: every setting as the code has it, and only commands that exist."""

import re
from pathlib import Path

import pytest

from services.core.settings import Settings
from services.core.settings_loader import settings_table
from workers.commands import SUBCOMMANDS, help_text
from workers.settings import documents

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SCREENSHOT_BYTES = 300_000
TELLING = {"plan.py", "start_log.py"}
TELLING_FOLDERS = {"health"}
"""They decide on the simulator, log or check the settings; none of them makes a part work."""
PRODUCT = "\n".join(
    path.read_text()
    for folder in ("services", "workers", "pages")
    for path in [ROOT / "app.py", *sorted((ROOT / folder).rglob("*.py"))]
    if not path.name.startswith("settings") and path.name not in TELLING
    if not TELLING_FOLDERS & set(path.parts)
)
# Settings that are read through a property of Settings.
USED_THROUGH = {
    "redis_address": "redis_url",
    "redis_host": "redis_url",
    "redis_port": "redis_url",
    "redis_password": "redis_url",
    "redis_username": "redis_url",
    "redis_tls": "redis_url",
    "output_hosts": "output_host_list",
    "use_s3": "stores_in_s3",
}


def section(title: str) -> str:
    """The README's text below one of its second headings."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def table_rows(text: str) -> list[list[str]]:
    """The cells of every table row but the headings."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_settings_table_is_the_code_s() -> None:
    written = [
        (tuple(re.findall(r"`(\w+)`", names)), default, meaning)
        for names, default, meaning in table_rows(section("Settings"))
    ]
    assert written == settings_table(), "./run settings --write"


def test_the_settings_documents_are_generated() -> None:
    assert documents() == {file: file.read_text() for file in documents()}, "./run settings --write"


def test_a_setting_is_called_unused_exactly_while_nothing_uses_it() -> None:
    found = section("Settings").partition("not used yet:")[2].partition(".")[0]
    assert set(re.findall(r"[A-Z][A-Z0-9_]+", found)) == {
        names[0]
        for field, (names, _, _) in zip(Settings.model_fields, settings_table(), strict=True)
        if not re.search(
            # By name in a provider's definition.
            rf"settings\.{USED_THROUGH.get(field, field)}\b|\"{field}\"",
            PRODUCT,
        )
    }


@pytest.mark.parametrize("path", ["README.md", "docs", "CHANGELOG.md"])
def test_every_command_that_is_written_exists(path: str) -> None:
    place = ROOT / path
    files = [place] if place.is_file() else sorted(place.rglob("*.md"))
    known = {*SUBCOMMANDS, "help"}
    for file in files:
        for words in re.findall(r"(?:^|`)\./run ([a-z]+)", file.read_text(), re.MULTILINE):
            assert words in known, f"{file.relative_to(ROOT)}: ./run {words}"


def test_every_command_is_in_the_readme_and_in_help() -> None:
    commands = {row[0] for row in table_rows(section("Commands"))}
    for name in (*SUBCOMMANDS, "help"):
        assert any(f"./run {name}" in command for command in commands), name
        assert re.search(rf"^  {name}\b", help_text(), re.MULTILINE), name


def test_the_two_commands_come_first() -> None:
    block = README.split("```sh\n", 1)[1].split("```", 1)[0]
    assert [line.split("#")[0].strip() for line in block.splitlines()] == ["./run", "./run test"]


def test_the_screenshot_is_there_and_small() -> None:
    assert 0 < (ROOT / "docs" / "screenshot.png").stat().st_size < SCREENSHOT_BYTES
