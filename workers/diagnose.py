"""`./run diagnose <anything> [--json]`: the verdict of the Diagnose page in a terminal.

Exit code 0: nothing to do; 1: a person must act; 2: nothing was found, more than one, or it failed.
"""

import argparse
import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from services.container import Services, build_services
from services.core.actors import SYSTEM
from services.core.text import for_terminal
from services.diagnosis.cause import Finding, Severity
from services.diagnosis.detail import Diagnosis, TimelineRow
from services.diagnosis.runbooks import runbook_path
from services.diagnosis.search.results import ErrorHit, Located
from services.diagnosis.verdict import merged
from workers.local.plan import settings_of_what_runs
from workers.terminal import run_command

WIDTH = 100
LATEST_ROWS = 25
_MARKS = {Severity.ACT: "✖", Severity.WAIT: "…", Severity.INFO: "·"}
_CHECKED = {True: "ok", False: "FAILED", None: "not asked"}


def as_text(diagnosis: Diagnosis) -> str:
    """Return everything that a person needs to decide, without colours."""
    return "\n".join(_lines(diagnosis))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    it = diagnosis.subject
    yield f"{it.generation_id}  {it.kind}  “{it.title}”  {it.state}  {it.filled} of {it.total}"
    yield f"for {it.account_name}, started by {it.person_name}, {it.created_at:%Y-%m-%d %H:%M:%S %Z}"
    yield ""
    for finding, count in merged(diagnosis.findings):
        yield from _finding(finding, count)
    yield ""
    for sentence in diagnosis.unchecked:
        yield f"? Not checked: {sentence}"
    yield "Checked"
    for source in diagnosis.checked:
        yield f"  {_CHECKED[source.is_ok]:<10}{source.name:<12}{source.sentence}"
    yield ""
    yield "Timeline"
    rows = diagnosis.timeline
    if len(rows) > LATEST_ROWS:
        yield f"  … {len(rows) - LATEST_ROWS} earlier"
    for row in rows[-LATEST_ROWS:]:
        yield from _row(row)


def _finding(finding: Finding, count: int) -> Iterator[str]:
    times = f"  × {count}" if count > 1 else ""
    yield f"{_MARKS[finding.severity]} {finding.title}{times}"
    if finding.until and finding.severity is Severity.WAIT:
        yield f"  no action needed until {finding.until:%H:%M:%S %Z}"
    yield from textwrap.wrap(finding.sentence, WIDTH, initial_indent="  ", subsequent_indent="  ")
    for evidence in finding.evidence:
        yield f"    {evidence.source}: {evidence.fact}"
    for offer in finding.remedies:
        yield f"    → {offer.remedy_id} {offer.subject_id} {offer.argument or ''}".rstrip()
    yield f"    {runbook_path(finding.cause)}"


def _row(row: TimelineRow) -> Iterator[str]:
    yield f"  {row.at:%H:%M:%S.%f}"[:14] + f"  {row.source:<10} {row.text}"
    for line in row.detail.splitlines()[:3]:
        yield f"{'':<26}{line[:WIDTH]}"


def choice_text(located: Located) -> str:
    """Return what a text may mean, when that is not one generation."""
    lines = [located.understood_as, ""]
    lines += [
        f"  {it.generation_id}  {it.state:<12} {it.title}  ({it.account_name}, {it.created_at:%m-%d %H:%M})"
        for it in located.matches
    ]
    lines += [f"  {it.path}  {it.title}" for it in located.runbooks]
    if located.hint:
        lines.append(located.hint)
    return "\n".join(lines)


def _error(it: ErrorHit) -> Iterator[str]:
    yield f"{it.reference}  {it.at or ''}  {it.place}  {it.message}"
    yield from filter(None, (it.traceback, it.log))


FOUND_NOTHING = 2


def main(argv: Sequence[str]) -> int:
    """Find the generation that is meant and print its diagnosis."""
    parser = argparse.ArgumentParser("./run diagnose", description=__doc__)
    parser.add_argument("text", nargs="+", help="any id, link, key, name or words")
    parser.add_argument("--bundle", metavar="FILE", type=Path, help="write the case as a ZIP file")
    parser.add_argument("--json", action="store_true", help="print one object")
    given = parser.parse_args(argv)
    services = build_services(settings_of_what_runs())
    return _report(services, " ".join(given.text), given.bundle, is_json=given.json)


def _report(services: Services, text: str, bundle: Path | None, *, is_json: bool) -> int:
    located = services.locator.locate(SYSTEM, text)
    if located.error and not is_json:
        _print("\n".join(_error(located.error)))
    if len(located.matches) != 1:
        _print(asdict(located) if is_json else choice_text(located))
        return FOUND_NOTHING
    diagnosis = services.diagnoses.diagnose(SYSTEM, located.matches[0].generation_id)
    _print(_as_json(located, diagnosis) if is_json else as_text(diagnosis))
    if bundle:
        bundle.write_bytes(services.diagnoses.bundle(SYSTEM, diagnosis.subject.generation_id))
    return int(any(it.severity is Severity.ACT for it in diagnosis.findings))


def _as_json(located: Located, diagnosis: Diagnosis) -> dict[str, object]:
    verdict = {"title": diagnosis.verdict.title, "runbook": runbook_path(diagnosis.verdict.cause)}
    return {"understood_as": located.understood_as, **verdict, **asdict(diagnosis)}


def _print(output: object) -> None:
    if isinstance(output, str):
        print(for_terminal(output))
    else:
        print(json.dumps(output, ensure_ascii=False, indent=2, default=str))


if __name__ == "__main__":
    run_command(main, failed=FOUND_NOTHING)
