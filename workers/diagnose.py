"""`./run diagnose <anything> [--json]`: the verdict of the Diagnose page in a terminal.

Exit code 0: nothing needs a person; 1: somebody must act; 2: nothing was found, or not one thing.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from services.container import Services, build_services
from services.core.actors import SYSTEM
from services.core.errors import AtelierError
from services.diagnosis.cause import Severity
from services.diagnosis.detail import Diagnosis
from services.diagnosis.runbooks import runbook_path
from services.diagnosis.search.results import Located
from workers.diagnosis_text import as_text, choice_text
from workers.embedded.errors import StartError
from workers.running import settings_of_what_runs

FOUND_NOTHING = 2


def main(argv: Sequence[str]) -> int:
    """Find what is meant, and print what is known of it."""
    parser = argparse.ArgumentParser("./run diagnose", description=__doc__)
    parser.add_argument("text", nargs="+", help="any id, link, key, name or words")
    parser.add_argument("--json", action="store_true", help="print one object")
    given = parser.parse_args(argv)
    try:
        services = build_services(settings_of_what_runs())
        return _told(services, " ".join(given.text), is_json=given.json)
    except (AtelierError, StartError) as error:
        print(error, file=sys.stderr)
        return FOUND_NOTHING


def _told(services: Services, text: str, *, is_json: bool) -> int:
    located = services.locator.locate(SYSTEM, text)
    if len(located.matches) != 1:
        _print(asdict(located) if is_json else choice_text(located))
        return FOUND_NOTHING
    diagnosis = services.diagnoses.diagnose(SYSTEM, located.matches[0].generation_id)
    _print(_as_json(located, diagnosis) if is_json else as_text(diagnosis))
    return int(any(it.severity is Severity.ACT for it in diagnosis.findings))


def _as_json(located: Located, diagnosis: Diagnosis) -> dict[str, object]:
    verdict = {"title": diagnosis.verdict.title, "runbook": runbook_path(diagnosis.verdict.cause)}
    return {"understood_as": located.understood_as, **verdict, **asdict(diagnosis)}


def _print(told: object) -> None:
    if isinstance(told, str):
        print(told)
    else:
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
