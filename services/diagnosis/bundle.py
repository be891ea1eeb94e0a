"""One case as a file to hand over: the report, the facts, the timeline and the logs, without secrets."""

import csv
import io
import json
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.redaction import redact, redact_value
from services.database.models import Attempt, ErrorReport, Run
from services.diagnosis.background import Background
from services.diagnosis.cause import Finding, Severity
from services.diagnosis.detail import Diagnosis, TimelineRow
from services.diagnosis.runbooks import runbook_path
from services.remedies.registry import REMEDIES

WIDTH = 100
MAX_LOGS = 50
MAX_LOG_CHARACTERS = 100_000
COLUMNS = ("at", "source", "clock", "text", "detail", "run_id", "name")


def case_bundle(case: Diagnosis, background: Background, logs: dict[str, str]) -> bytes:
    """Build a ZIP file; `logs`: their texts by name, such as a prediction's id."""
    facts = {"diagnosis": asdict(case), "background": asdict(background)}
    files = {
        "report.md": "\n".join(_report(case, background)),
        "provider.md": case.provider_report,
        "facts.json": json.dumps(redact_value(_plain(facts)), ensure_ascii=False, indent=2),
        "timeline.csv": _timeline(case.timeline),
        **{f"logs/{name}.txt": text for name, text in logs.items()},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, redact(text))
    return content.getvalue()


def read_logs(session: Session, generation_id: str) -> dict[str, str]:
    """Read the logs of its predictions and the tracebacks of its errors, by name."""
    attempts = session.execute(
        select(Attempt.id, func.right(Attempt.logs, MAX_LOG_CHARACTERS))
        .join(Run, Run.id == Attempt.run_id)
        .where(Run.generation_id == generation_id, Attempt.logs != "")
        .order_by(Attempt.id.desc())
        .limit(MAX_LOGS)
    )
    errors = session.execute(
        select(ErrorReport.reference, ErrorReport.traceback)
        .where(ErrorReport.generation_id == generation_id)
        .order_by(ErrorReport.at.desc())
        .limit(MAX_LOGS)
    )
    return {name: text for name, text in (*attempts, *errors)}


def _plain(facts: object) -> object:
    """Reduce times and enums to text, so that everything is JSON."""
    return json.loads(json.dumps(facts, default=str))


def _timeline(rows: tuple[TimelineRow, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(str(getattr(row, name) or "")) for name in COLUMNS])
    return text.getvalue()


def _cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _report(case: Diagnosis, background: Background) -> Iterator[str]:
    it = case.subject
    yield f"# {it.title} ({it.generation_id})\n"
    yield f"{it.kind}, {it.state}, {it.filled} of {it.total}; for {it.account_name},"
    yield f"started by {it.person_name} at {it.created_at:%Y-%m-%d %H:%M:%S %Z}.\n"
    for finding in case.findings:
        yield from _finding(finding)
    for sentence in case.unchecked:
        yield f"Not checked: {sentence}\n"
    yield "## Checked\n"
    for source in case.checked:
        yield f"- {source.name}: {source.sentence}"
    yield f"\n## Similar cases\n\n{background.similar_sentence}\n"
    yield "## What changed before\n"
    yield from (
        f"- {one.at:%Y-%m-%d %H:%M:%S} {one.subject}: {one.sentence}" for one in background.changes
    )
    yield "\n## Incidents\n"
    yield from (
        f"- {one.began_at:%Y-%m-%d %H:%M} {one.title}: {one.generations} batches"
        for one in background.incidents
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"## {finding.title} ({finding.severity.value})\n"
    yield from textwrap.wrap(finding.sentence, WIDTH)
    if finding.until and finding.severity is Severity.WAIT:
        yield f"\nNo action is needed until {finding.until:%H:%M:%S %Z}."
    yield ""
    yield from (f"- {one.source}: {one.fact}" for one in finding.evidence)
    yield from (
        f"- remedy: {REMEDIES[one.remedy_id].label} {one.subject_id}" for one in finding.remedies
    )
    yield f"- runbook: {runbook_path(finding.cause)}\n"
