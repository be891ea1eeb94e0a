"""One diagnosis over real parts: what it asks, what it costs, and what it says when one is away."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from services.core.errors import NotAllowedError, NotFoundError, StorageError
from services.core.states import GenerationState, Role, RunState
from services.core.thresholds import Thresholds
from services.database.models import Attempt, Run, Slot
from services.diagnosis.cause import Severity
from services.diagnosis.detail import Diagnosis
from services.diagnosis.facts.gather import Sources
from services.diagnosis.service import Diagnoses
from services.queue.rq_queue import RqQueue, connect
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from workers import steps

MOST_STATEMENTS = 18


@contextmanager
def counted(by_hand: ManualPipeline) -> Iterator[list[str]]:
    """The statements that the services send inside the block."""
    engine = by_hand.studio.services.database.engine
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def diagnose(by_hand: ManualPipeline, generation_id: str, **options: bool) -> Diagnosis:
    studio = by_hand.studio
    return studio.services.diagnoses.diagnose(studio.actor, generation_id, **options)


def checked(diagnosis: Diagnosis) -> dict[str, bool | None]:
    return {part.name: part.is_ok for part in diagnosis.checked}


@pytest.fixture
def pose(by_hand: ManualPipeline) -> str:
    """One finished pose; its generation."""
    mascot = finished_mascot(by_hand.studio.services)
    generation_id = by_hand.studio.start_poses(mascot).generation_id
    assert by_hand.finish(generation_id) is GenerationState.SUCCEEDED
    return generation_id


def test_a_finished_pose_is_healthy_and_lists_what_was_checked(
    by_hand: ManualPipeline, pose: str
) -> None:
    services, actor = by_hand.studio.services, by_hand.studio.actor
    with counted(by_hand) as statements:
        seen = services.diagnoses.diagnose(actor, pose)
    assert seen.verdict.cause == "healthy"
    assert len(statements) <= MOST_STATEMENTS, statements
    parts = checked(seen)
    assert parts["database"] and parts["credits"] and parts["queue"] and parts["storage"]
    assert not parts["processes"]


def test_the_timeline_joins_the_sources_in_the_order_of_their_clocks(
    by_hand: ManualPipeline, pose: str
) -> None:
    rows = diagnose(by_hand, pose).timeline
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert {"database", "ledger", "storage"} <= {row.source for row in rows}
    assert all(row.clock for row in rows)


def test_an_open_run_without_dispatcher_costs_no_more(by_hand: ManualPipeline) -> None:
    mascot = finished_mascot(by_hand.studio.services)
    one = by_hand.studio.start_poses(mascot).generation_id
    services, actor = by_hand.studio.services, by_hand.studio.actor
    with counted(by_hand) as statements:
        seen = services.diagnoses.diagnose(actor, one)
    assert seen.verdict.cause == "dispatcher_down"
    assert seen.verdict.severity is Severity.ACT
    assert len(statements) <= MOST_STATEMENTS, statements


def test_a_lost_file_is_named_and_marked_at_once(by_hand: ManualPipeline, pose: str) -> None:
    services = by_hand.studio.services
    before = diagnose(by_hand, pose)
    key = next(row.detail for row in before.timeline if row.source == "storage").splitlines()[0]
    services.storage.delete(key)
    assert diagnose(by_hand, pose).verdict.cause == "object_missing"
    assert services.missing.count(by_hand.studio.actor) == 1
    assert services.diagnoses.counts(by_hand.studio.actor) == (0, 1)


def test_an_unavailable_redis_is_reported_and_the_rest_is_checked(
    by_hand: ManualPipeline, pose: str
) -> None:
    seen = elsewhere(by_hand, queue=RqQueue(connect("redis://127.0.0.1:1/0"))).diagnose(
        by_hand.studio.actor, pose
    )
    assert seen.verdict.cause == "healthy"
    assert checked(seen)["queue"] is False and checked(seen)["storage"]


def test_an_unavailable_storage_is_reported_and_nothing_counts_as_missing(
    by_hand: ManualPipeline, pose: str
) -> None:
    def refuse() -> object:
        raise StorageError(reason="its folder is gone")

    seen = elsewhere(by_hand, storage=refuse).diagnose(by_hand.studio.actor, pose)
    assert seen.verdict.cause == "storage_away" and "its folder is gone" in seen.verdict.sentence
    assert checked(seen)["storage"] is False and "its folder is gone" in seen.unchecked[-1]


def test_a_provider_that_does_not_answer_is_reported(by_hand: ManualPipeline) -> None:
    one = waiting_at_the_provider(by_hand)
    by_hand.studio.fault("server_error", None, provider="replicate", operation="get")
    seen = diagnose(by_hand, one)
    assert "provider_away" in {finding.cause for finding in seen.findings}
    assert checked(seen)["Replicate"] is False


def elsewhere(by_hand: ManualPipeline, **changes: object) -> Diagnoses:
    """The same diagnoses with one source that is another."""
    services = by_hand.studio.services
    own = services.diagnoses.sources
    sources: Sources = replace(own, **changes)  # type: ignore[arg-type]
    return Diagnoses(sources, Thresholds(), services.notes, services.missing, services.spot_check)


def waiting_at_the_provider(by_hand: ManualPipeline) -> str:
    mascot = finished_mascot(by_hand.studio.services)
    by_hand.studio.fault("stuck", provider="replicate", operation="create")
    one = by_hand.studio.start_poses(mascot, key="stuck").generation_id
    by_hand.until(lambda: by_hand.run(one).state is RunState.WAITING)
    return one


def test_enqueued_runs_are_searched_in_redis(by_hand: ManualPipeline) -> None:
    one = waiting_at_the_provider(by_hand)
    with by_hand.studio.services.database.transaction() as session:
        long_ago = func.clock_timestamp() - timedelta(minutes=1)
        session.execute(update(Run).values(enqueued_at=long_ago, lease_until=None))
    seen = diagnose(by_hand, one)
    assert "redis_lost_job" in {finding.cause for finding in seen.findings}


def test_what_stalls_is_grouped_over_all_generations(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    mascot = finished_mascot(studio.services)
    started = {studio.start_poses(mascot, key=f"k{n}").generation_id for n in range(3)}
    actor = studio.actor
    with counted(by_hand) as statements:
        report = studio.services.diagnoses.stalled(actor)
    (group,) = report.groups
    assert (group.cause, group.count) == ("dispatcher_down", 3)
    assert {item.generation_id for item in group.items} == started
    assert group.accounts == (("Studio", 3),)
    assert len(statements) <= MOST_STATEMENTS, statements


def test_a_viewer_is_refused_and_a_foreign_id_is_not_found(
    by_hand: ManualPipeline, pose: str
) -> None:
    services, actor = by_hand.studio.services, by_hand.studio.actor
    with pytest.raises(NotAllowedError):
        services.diagnoses.diagnose(replace(actor, role=Role.VIEWER), pose)
    with pytest.raises(NotFoundError):
        services.diagnoses.diagnose(actor, "gen_nobody")


def test_no_secret_reaches_a_diagnosis(by_hand: ManualPipeline, tmp_path: Path) -> None:
    one = waiting_at_the_provider(by_hand)
    with by_hand.studio.services.database.transaction() as session:
        slot = session.scalars(select(Slot).where(Slot.generation_id == one)).one()
    text = repr(diagnose(by_hand, one))
    for name in ("REPLICATE_API_TOKEN", "GEMINI_API_KEY", "SECRET_KEY"):
        assert by_hand.studio.env[name] not in text
    assert slot.prompt not in diagnose(by_hand, one).provider_report


def test_a_case_is_one_file_without_secrets(by_hand: ManualPipeline, pose: str) -> None:
    services, actor = by_hand.studio.services, by_hand.studio.actor
    secret = "r8_abcdefghij0123456789"
    with services.database.transaction() as session:
        attempt = select(Attempt.id).join(Run).where(Run.generation_id == pose).scalar_subquery()
        logs = {"logs": f"token={secret}\nloading weights"}
        session.execute(update(Attempt).where(Attempt.id == attempt).values(**logs))
    with zipfile.ZipFile(io.BytesIO(services.diagnoses.bundle(actor, pose))) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"report.md", "provider.md", "facts.json", "timeline.csv"} <= files.keys()
    assert any(name.startswith("logs/att_") and "loading weights" in files[name] for name in files)
    assert secret not in "".join(files.values())
    assert json.loads(files["facts.json"])["diagnosis"]["verdict"]["cause"] == "healthy"
    assert (
        "No problems found" in files["report.md"] and "Started and charged" in files["timeline.csv"]
    )


def test_an_error_of_ours_is_found_by_the_reference_in_its_timeline(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, actor = by_hand.studio.services, by_hand.studio.actor
    one = by_hand.studio.start_poses(finished_mascot(services)).generation_id
    with monkeypatch.context() as broken:
        broken.setattr(steps, "submit_run", lambda *_: 1 / 0)
        steps.install(by_hand.context, "worker-test")
        run = by_hand.run(one)
        with pytest.raises(ZeroDivisionError):
            steps.submit(run.id, run.seq)
    row = next(it for it in diagnose(by_hand, one).timeline if it.text.startswith("Error err_"))
    reference = row.text.split()[1]
    located = services.locator.locate(actor, f"(reference {reference})")
    assert located.error and located.error.run_id == run.id
    assert "ZeroDivisionError" in located.error.message
    assert [match.generation_id for match in located.matches] == [one]
