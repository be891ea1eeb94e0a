"""Error reports: one reference leads from a message to its traceback, its run and its log line."""

import logging
import re
import secrets
import sys
import traceback
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.core.errors import AtelierError, DatabaseUnavailableError
from services.core.redaction import redact
from services.database.engine import Database
from services.database.models import ErrorReport, Run

RETENTION_DAYS = 30
MAX_TRACEBACK_CHARACTERS = 20_000
MAX_LOG_LINES = 80
_NEXT_RECORD = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


def report_error(
    database: Database | None,
    logger: logging.Logger,
    place: str,
    *,
    person_id: str | None = None,
    run_id: str | None = None,
    generation_id: str | None = None,
) -> str:
    """Log the error that is being handled under a new reference and store it; never raises.

    `place`: the page's action, or the step. Without a database the log alone has it.
    """
    reference, error = f"err_{secrets.token_hex(4)}", sys.exception()
    code = error.code if isinstance(error, AtelierError) else "unexpected"
    logger.exception(
        "error.reported reference=%s place=%s code=%s run=%s generation=%s person=%s",
        *(reference, place, code, run_id or "-", generation_id or "-", person_id or "-"),
    )
    if error is None or database is None or isinstance(error, DatabaseUnavailableError):
        return reference
    text = redact("".join(traceback.format_exception(error)))
    report = ErrorReport(
        reference=reference,
        place=place,
        kind=type(error).__name__,
        message=redact(str(error)).partition("\n")[0][:2_000],
        traceback=text[-MAX_TRACEBACK_CHARACTERS:],
        person_id=person_id,
        run_id=run_id,
        generation_id=generation_id,
    )
    try:
        with database.transaction() as session:
            if run_id and not generation_id:
                of_run = select(Run.generation_id).where(Run.id == run_id)
                report.generation_id = session.scalar(of_run)
            session.add(report)
    except (AtelierError, SQLAlchemyError) as failure:
        logger.warning("error.not_stored reference=%s %s", reference, type(failure).__name__)
    return reference


def delete_old_reports(session: Session) -> None:
    """Delete reports older than a month."""
    limit = func.clock_timestamp() - timedelta(days=RETENTION_DAYS)
    session.execute(delete(ErrorReport).where(ErrorReport.at < limit))


def log_lines(folder: Path, reference: str) -> str:
    """Find a reference in the logs of this machine: its line and the traceback that follows it."""
    for path in sorted(folder.glob("*.log*")):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for number, line in enumerate(lines):
            if reference in line:
                following = lines[number + 1 : number + MAX_LOG_LINES]
                end = next((n for n, it in enumerate(following) if _NEXT_RECORD.match(it)), None)
                return redact("\n".join([f"{path.name}:{number + 1}", line, *following[:end]]))
    return ""
