"""A diagnosis as text for a terminal: the verdict first, then what it rests on."""

import textwrap
from collections.abc import Iterator

from services.diagnosis.cause import Finding, Severity
from services.diagnosis.detail import Diagnosis, TimelineRow
from services.diagnosis.runbooks import runbook_path
from services.diagnosis.search.results import Located
from services.diagnosis.verdict import merged

WIDTH = 100
LATEST_ROWS = 25
_MARKS = {Severity.ACT: "✖", Severity.WAIT: "…", Severity.INFO: "·"}
_CHECKED = {True: "ok", False: "FAILED", None: "not asked"}


def as_text(diagnosis: Diagnosis) -> str:
    """Everything that a person needs to decide, without colours."""
    return "\n".join(_lines(diagnosis))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    it = diagnosis.subject
    yield f"{it.generation_id}  {it.kind}  “{it.title}”  {it.state}  {it.filled} of {it.total}"
    yield f"for {it.account_name}, started by {it.person_name}, {it.created_at:%Y-%m-%d %H:%M:%S %Z}"
    yield ""
    for finding, count in merged(diagnosis.findings):
        yield from _finding(finding, count)
    yield ""
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
    """What a text may have meant, when that is not one generation."""
    lines = [located.understood_as, ""]
    lines += [
        f"  {it.generation_id}  {it.state:<12} {it.title}  ({it.account_name}, {it.created_at:%m-%d %H:%M})"
        for it in located.matches
    ]
    lines += [f"  {it.path}  {it.title}" for it in located.runbooks]
    if located.hint:
        lines.append(located.hint)
    return "\n".join(lines)
