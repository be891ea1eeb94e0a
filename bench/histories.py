"""`faults`: the proofs of `./run test`, many times over: random histories, SIGKILLs, races.

The same tests with larger numbers, in processes of their own; one that fails is printed whole.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from bench.figures import Figure, at_least, at_most
from bench.rig import progress
from services.core.settings_fields import PROJECT_ROOT
from tests.integration.pipeline.test_kill_every_recipe import ASKED, FETCHED, RECIPES
from tests.integration.pipeline.test_races import RACES

HISTORIES = 5_000
ROUNDS = 5
PROOFS = (
    "test_lifecycle_machine.py",
    "test_kill_every_recipe.py",
    "test_kill.py",
    "test_races.py",
)
KILLS_A_ROUND = sum(len(places) for _, places in RECIPES.values()) + len(ASKED) + len(FETCHED)


def figures(histories: int, rounds: int, proofs: int, failed: int) -> list[Figure]:
    """The results in the terms of their aims."""
    return [
        Figure("proofs that failed", failed, "", at_most(0)),
        Figure("proofs that were run", proofs, "", at_least(len(PROOFS))),
        Figure("random histories of 30 steps", histories, ""),
        Figure("SIGKILLs at a checkpoint", rounds * KILLS_A_ROUND, ""),
        Figure("races of a refund against a late success", rounds * RACES, ""),
    ]


def run(scale: float) -> list[Figure]:
    """Histories once, everything else in rounds."""
    histories, rounds = max(10, round(HISTORIES * scale)), max(1, round(ROUNDS * scale))
    progress(f"faults: {histories} histories")
    proofs, failed = _tried(PROOFS[:1], histories)
    for number in range(1, rounds + 1):
        progress(f"faults: kills and races, round {number} of {rounds}")
        more_proofs, more_failed = _tried(PROOFS[1:], histories)
        proofs, failed = proofs + more_proofs, failed + more_failed
    return figures(histories, rounds, proofs, failed)


def _tried(files: tuple[str, ...], histories: int) -> tuple[int, int]:
    """How many of these proofs were run, and how many of them failed."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        report = Path(folder) / "report.xml"
        folder_of_proofs = PROJECT_ROOT / "tests" / "integration" / "pipeline"
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={report}"),
                *(str(folder_of_proofs / name) for name in files),
            ],
            cwd=PROJECT_ROOT,
            env=os.environ | {"ATELIER_LIFECYCLE_EXAMPLES": str(histories)},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            print(finished.stdout, file=sys.stderr)
        return _counted(report)


def _counted(report: Path) -> tuple[int, int]:
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
    return sum(int(suite.get("tests", 0)) for suite in suites), failed
