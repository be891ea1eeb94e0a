"""The documents follow the code: states, moves, checkpoints, events, failure classes and links."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

import pytest

from services.core import thresholds
from services.core.states import (
    RUN_MOVES,
    SLOT_MOVES,
    AttemptState,
    GenerationState,
    RunState,
    SlotState,
)
from services.diagnosis.registry import CAUSES
from services.pipeline.checkpoints import CHECKPOINTS
from services.pipeline.events import EventName
from services.providers.base import POLICY, FailureClass
from services.remedies.registry import REMEDIES

ROOT = Path(__file__).parents[2]
LIFECYCLE = (ROOT / "docs" / "lifecycle.md").read_text()
DIAGNOSIS = (ROOT / "docs" / "diagnosis.md").read_text()
RULES = [
    ROOT / "services/diagnosis/shared_rules.py",
    *(ROOT / "services/diagnosis/causes").glob("*.py"),
]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "services").rglob("*.md"),
]
MOST_LINES = 250
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

PARTS = ("Context", "Decision", "Consequences")

State = TypeVar("State", bound=StrEnum)


def section(title: str, document: str = LIFECYCLE) -> str:
    """A document's text below one of its second headings."""
    return document.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str, document: str = LIFECYCLE) -> list[list[str]]:
    """The cells of a section's table, backticks taken off, without its headings."""
    lines = [line for line in section(title, document).splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def arrows(moves: Mapping[State, frozenset[State]]) -> set[tuple[str, str]]:
    """A table of moves as pairs of words."""
    return {(a.value, b.value) for a, targets in moves.items() for b in targets}


@pytest.mark.parametrize(
    ("title", "moves"),
    [("Runs", arrows(RUN_MOVES)), ("Slots", arrows(SLOT_MOVES))],
    ids=["runs", "slots"],
)
def test_the_written_moves_are_the_code_s(title: str, moves: set[tuple[str, str]]) -> None:
    written = [(row[0], row[1]) for row in rows(title)]
    assert len(written) == len(set(written))
    assert set(written) == moves


@pytest.mark.parametrize(
    ("title", "states"), [("Runs", RunState), ("Slots", SlotState)], ids=["runs", "slots"]
)
def test_every_state_with_moves_is_named(title: str, states: type[StrEnum]) -> None:
    assert [state for state in states if f"`{state.value}`" not in section(title)] == []


def test_the_diagram_draws_no_move_that_the_code_forbids() -> None:
    diagram = section("Runs").split("```mermaid", 1)[1].split("```", 1)[0]
    drawn = set(re.findall(r"^ *(\w+) --> (\w+)", diagram, re.MULTILINE))
    assert drawn and drawn <= arrows(RUN_MOVES)


@pytest.mark.parametrize(
    ("title", "states"),
    [("Generations", GenerationState), ("Attempts", AttemptState)],
    ids=["generations", "attempts"],
)
def test_states_without_a_table_of_moves_are_explained(title: str, states: type[StrEnum]) -> None:
    assert sorted(row[0] for row in rows(title)) == sorted(state.value for state in states)


def test_every_checkpoint_says_what_a_death_there_leaves() -> None:
    written = rows("When a process dies: every checkpoint")
    assert [row[0] for row in written] == list(CHECKPOINTS)
    assert all(len(row) == 3 and row[1] and row[2] for row in written)


def test_every_event_is_explained() -> None:
    assert [row[0] for row in rows("Events")] == [name.value for name in EventName]


def test_every_failure_class_is_written_with_its_attempts() -> None:
    written = {row[0]: row[2] for row in rows("Failure classes")}
    assert written == {kind.value: str(POLICY[kind].attempts) for kind in FailureClass}


def test_every_cause_is_written_as_the_registry_has_it() -> None:
    assert rows("Every cause", DIAGNOSIS) == [
        [
            cause.id,
            cause.title,
            ", ".join(cause.severities),
            "`, `".join(cause.remedies) or "–",
            f"[page](../services/diagnosis/causes/{cause.id}.md)",
        ]
        for cause in CAUSES
    ]


def test_every_remedy_is_written_with_its_subject_and_who_may_order_it() -> None:
    assert [row[:4] for row in rows("Remedies", DIAGNOSIS)] == [
        [it.id, it.label, it.subject.value, it.role.value] for it in REMEDIES.values()
    ]


def test_every_threshold_that_a_rule_goes_by_is_written() -> None:
    used = {
        field
        for field in thresholds.Thresholds.__dataclass_fields__
        if any(f"limits.{field}" in path.read_text() for path in RULES)
    }
    assert {row[0] for row in rows("When something is late", DIAGNOSIS)} == used


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


def test_every_runbook_and_decision_is_linked_from_its_index() -> None:
    for folder in ("runbooks", "decisions"):
        pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
        links = LINK.findall((ROOT / "docs" / folder / "README.md").read_text())
        assert pages == {link for link in links if not link.startswith("../")}


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert all(f"**{part}.**" in page.read_text() for part in PARTS), page.name


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_file_of_ours_that_a_document_names_exists(path: Path) -> None:
    for name in re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|md|txt|toml))`", path.read_text()):
        places = (ROOT / name, ROOT / "services" / name, ROOT / "pages" / name)
        assert any(place.exists() for place in places), name


def _anchors(path: Path) -> set[str]:
    headings = HEADING.findall(path.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_place_that_the_faults_name_exists() -> None:
    table = (ROOT / "docs" / "faults.md").read_text()
    places = re.findall(r"`((?:services|pages)/[^`]+|app\.py)`", table)
    assert places and [it for it in places if not list(ROOT.glob(it.rstrip("/")))] == []
