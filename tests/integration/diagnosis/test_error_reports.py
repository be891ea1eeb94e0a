"""One reference leads from a message to its traceback, its run and its log line, and back."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from services.core.errors import DatabaseUnavailableError
from services.core.settings import Settings
from services.database.engine import Database
from services.database.models import ErrorReport, Heartbeat, SystemEvent
from services.diagnosis.search.search import Locator
from services.monitoring.error_reports import delete_old_reports, report_error
from services.monitoring.system_events import WorkerCount, changes_before, record_start
from tests.integration.diagnosis.box import OPERATOR, Box

logger = logging.getLogger("test")


def reported(database: Database, error: Exception, **of: str) -> str:
    """The reference of an error that was raised and reported."""
    try:
        raise error
    except type(error):
        return report_error(database, logger, "step poll", **of)


def test_a_reference_leads_to_traceback_and_run(box: Box) -> None:
    made = box.add()
    secret = KeyError("token=r8_abcdefghij0123456789 is missing")
    reference = reported(box.database, secret, run_id=box.run_id(made))
    located = box.locate(f"An error of ours (reference {reference}).")
    error = located.error
    assert error is not None and error.reference == reference
    assert "KeyError" in error.message and "in reported" in error.traceback
    assert "r8_abc" not in error.traceback + error.message
    assert [match.generation_id for match in located.matches] == [made.generation.id]
    assert error.run_id == located.matches[0].run_id == box.run_id(made)


def test_a_reference_without_its_prefix_is_understood(box: Box) -> None:
    reference = reported(box.database, ValueError("x"))
    bare = reference.removeprefix("err_")
    if bare.isdigit():
        bare = reference
    error = box.locate(bare).error
    assert error is not None and error.reference == reference


def test_without_a_database_the_log_has_it_and_the_box_reads_it(
    box: Box, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reference = reported(box.database, DatabaseUnavailableError())
    (record,) = caplog.records
    line = record.getMessage()
    assert f"reference={reference}" in line and "place=step poll" in line
    (tmp_path / "web.log").write_text(
        f"2026-12-01 10:00:00,1 INFO x before\n2026-12-01 10:00:01,1 ERROR test {line}\n"
        "Traceback (most recent call last):\n  KeyError: 'x'\n2026-12-01 10:00:02,1 INFO x after\n"
    )
    located = Locator(box.database, tmp_path).locate(OPERATOR, reference)
    assert located.error is not None and located.error.at is None
    assert "web.log:2" in located.error.log and "KeyError" in located.error.log
    assert "after" not in located.error.log and "before" not in located.error.log


def test_an_unknown_reference_says_where_else_to_search(box: Box) -> None:
    located = box.locate("err_00000000")
    assert located.is_empty and "err_00000000" in located.hint and "logs" in located.hint


def test_reports_are_deleted_after_a_month(box: Box) -> None:
    old, young = (reported(box.database, ValueError(name)) for name in ("old", "young"))
    with box.database.transaction() as session:
        age = datetime.now(UTC) - timedelta(days=31)
        session.execute(update(ErrorReport).where(ErrorReport.reference == old).values(at=age))
        delete_old_reports(session)
        assert session.scalars(select(ErrorReport.reference)).all() == [young]


def test_what_changed_is_read_from_the_starts_of_processes(box: Box) -> None:
    first = Settings(
        _env_file=None, gemini_image_model="model-a", replicate_api_token=SecretStr("r8_first")
    )  # type: ignore[call-arg]
    second = Settings(
        _env_file=None, gemini_image_model="model-b", replicate_api_token=SecretStr("r8_other")
    )  # type: ignore[call-arg]
    with box.database.transaction() as session:
        for settings in (first, first, second):
            record_start(session, "web", settings)
            session.flush()
        count = WorkerCount()
        for threads in (10, 10, 5, 5, 5):
            session.merge(
                Heartbeat(name="w", role="worker", host="h", pid=1, thread_count=threads, detail={})
            )
            session.flush()
            count(session)
            session.flush()
    with box.database.transaction() as session:
        changes = [it.sentence for it in changes_before(session, datetime.now(UTC))]
        stored = str([row.detail for row in session.scalars(select(SystemEvent))])
    assert "GEMINI_IMAGE_MODEL is model-b, before that model-a." in changes
    assert "Replicate has another token." in changes
    assert "5 worker threads live, 10 before." in changes
    assert sum("Restarted" in it for it in changes) == 1
    assert "r8_first" not in stored and "r8_other" not in stored
