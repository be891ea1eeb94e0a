"""Put work into the states that pages show: the services start it, and the pipeline's transitions move it on."""

import secrets
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import func, select, text, update

from services.container import Services
from services.core.states import AttemptState, Kind, Role, RunState, SlotRole, SlotState
from services.database.models import Audit, Base, Generation, Person, Run, RunSlot, Slot
from services.database.seed import LOCAL_PERSON_ID
from services.pipeline.leases import Step
from services.pipeline.steps.ingest import fill_with_file
from services.pipeline.transitions import (
    fail_run,
    fill_without_file,
    move_run,
    refresh_generation,
    slots_of,
)
from services.recipes.registry import work_of
from services.recipes.work import StoredOutput, store_picture
from services.storage.keys import weights_key
from tests.factories import picture_bytes
from tests.integration.jobs.planted import add_attempt, ago

Row = TypeVar("Row", bound=Base)
WEIGHTS_BYTES = 171_969_408


def set_role(services: Services, role: Role) -> None:
    """Give the local person this role."""
    set_rows(services, Person, Person.id == LOCAL_PERSON_ID, role=role)


def rows(services: Services, table: type[Row], *conditions: Any) -> list[Row]:
    """Read rows of a table, the oldest id first."""
    with services.database.transaction() as session:
        return list(session.scalars(select(table).where(*conditions).order_by(text("id"))))


def set_rows(services: Services, table: Any, *conditions: Any, **values: Any) -> None:
    """Change rows of a table past the services."""
    with services.database.transaction() as session:
        session.execute(update(table).where(*conditions).values(**values))


def add(services: Services, *new_rows: Any) -> None:
    """Add rows past the services, one after the other."""
    with services.database.transaction() as session:
        for row in new_rows:
            session.add(row)
            session.flush()


def audited(services: Services) -> list[tuple[str, str, str]]:
    """Return action, subject and reason of every change that a test has made."""
    return [(row.action, row.subject_id, row.reason) for row in rows(services, Audit)]


def generation_of(services: Services, kind: Kind | None = None, *, title: str = "") -> Generation:
    """Read the only generation of this kind, or with this title."""
    named = Generation.kind == kind if kind else Generation.title == title
    (found,) = rows(services, Generation, named)
    return found


def filled_slot(services: Services, role: SlotRole) -> Slot:
    """Read the newest slot of this role that has a picture."""
    return rows(services, Slot, Slot.role == role, Slot.state == SlotState.FILLED)[-1]


def runs_of(services: Services, generation_id: str) -> list[Run]:
    """Read its runs in the order of their slots."""
    with services.database.transaction() as session:
        return list(
            session.scalars(
                select(Run)
                .join(RunSlot, RunSlot.run_id == Run.id)
                .join(Slot, Slot.id == RunSlot.slot_id)
                .where(Run.generation_id == generation_id)
                .group_by(Run.id)
                .order_by(func.min(Slot.position), Run.id)
            )
        )


def set_run(services: Services, run: Run, state: RunState, **columns: Any) -> None:
    """Put a run into this state; its generation's follows."""
    with services.database.transaction() as session:
        session.execute(update(Run).where(Run.id == run.id).values(state=state, **columns))
        refresh_generation(session, run.generation_id)


def at_provider(services: Services, run: Run, *, seconds: float = 18.0, **columns: Any) -> None:
    """Let the provider work on the run for so many seconds already."""
    _attempt(services, run, AttemptState.RUNNING, accepted_at=ago(seconds))
    values = {"started_at": ago(seconds + 2), "accepted_at": ago(seconds), "attempt_count": 1}
    set_run(services, run, RunState.WAITING, **values, due_at=ago(-60), **columns)


def lose_answer(services: Services, run: Run) -> None:
    """Let it be unknown whether the provider received the run: a person must decide."""
    _attempt(services, run, AttemptState.UNKNOWN, prediction_id=None, web_url=None)
    detail = "The connection was closed before an answer arrived."
    set_run(services, run, RunState.NEEDS_REVIEW, attempt_count=1, failure_detail=detail)


def postpone(services: Services, generation_id: str) -> None:
    """Move the due time of its runs hours ahead, as a wrong clock would: they are stuck."""
    set_rows(services, Run, Run.generation_id == generation_id, due_at=ago(-6 * 3600))


def fail(services: Services, run: Run, failure: str, detail: str = "E9828") -> None:
    """Let the provider fail the run; it is refunded."""
    ended = {"finished_at": ago(20), "failure": failure, "failure_detail": detail}
    _attempt(services, run, AttemptState.FAILED, accepted_at=ago(40), **ended)
    with services.database.transaction() as session:
        fail_run(session, Step(run.id, run.seq), failure, detail)


def finish(services: Services, run: Run, *, version: str = "") -> None:
    """Let the provider finish the run, and store what it made: a picture, or a version with weights."""
    if version:
        outputs = [{"version": version}, _weights(services)]
    else:
        outputs = [store_picture(services.storage, picture_bytes()).as_json()]
    times = {"accepted_at": ago(26), "finished_at": ago(3)}
    _attempt(services, run, AttemptState.SUCCEEDED, **times, predict_seconds=23.1)
    set_run(services, run, RunState.INGESTING, started_at=ago(28), accepted_at=ago(26))
    with services.database.transaction() as session:
        move_run(session, Step(run.id, run.seq), RunState.SUCCEEDED, attempt_count=1)
        made = {}
        for slot, index in slots_of(session, run.id):
            if slot.role is SlotRole.VERSION:
                fill_without_file(slot)
            else:
                output = StoredOutput(**outputs[index])
                made[index] = fill_with_file(session, slot, output)
        work_of(run.kind).finish(session, run, outputs, made)
        refresh_generation(session, run.generation_id)


def finish_all(services: Services, generation_id: str) -> None:
    """Finish its queued runs, and those that follow from their pictures."""
    while queued := _queued(services, generation_id):
        for run in queued:
            finish(services, run)


def _queued(services: Services, generation_id: str) -> Sequence[Run]:
    return [run for run in runs_of(services, generation_id) if run.state is RunState.QUEUED]


def _attempt(services: Services, run: Run, state: AttemptState, **columns: Any) -> None:
    prediction_id = f"prediction{run.id[-16:]}"
    values = {
        "prediction_id": prediction_id,
        "web_url": f"https://replicate.com/p/{prediction_id}",
        **columns,
    }
    with services.database.transaction() as session:
        add_attempt(session, run, state=state, **values)


def _weights(services: Services) -> dict[str, Any]:
    sha256 = secrets.token_hex(32)
    key = weights_key(sha256)
    stored = StoredOutput(
        sha256=sha256,
        storage_key=key,
        storage_uri=services.storage.uri(key),
        thumbnail_key="",
        content_type="application/octet-stream",
        byte_count=WEIGHTS_BYTES,
        width=0,
        height=0,
        placeholder="",
    )
    return stored.as_json()
