"""The list of runs: what each waits for, its filters, orders, search and pages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import AttemptState, GenerationState, Kind, QueueName, RunState
from services.database.engine import Database
from services.database.models import ProviderState, QueueState
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.jobs.filters import RunFilters, Sort, term_of
from services.jobs.jobs import Jobs
from services.monitoring.run_status import RunGroup, runs_ahead
from services.pipeline.events import EventName, record
from services.providers.base import FailureClass
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from tests.integration.jobs.conftest import OPERATOR, VIEWER
from tests.integration.jobs.planted import add_attempt, add_run, ago

ALL = RunFilters()


def ids(jobs: Jobs, filters: RunFilters = ALL, sort: Sort = Sort.NEWEST) -> list[str]:
    return [row.id for row in jobs.runs(OPERATOR, filters, sort).rows]


def waits(jobs: Jobs) -> list[str]:
    """What each run waits for, the oldest first."""
    return [row.waits_for for row in jobs.runs(OPERATOR, ALL, Sort.OLDEST).rows]


def test_each_run_is_in_its_group(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        made = {
            RunGroup.WAITING: add_run(session),
            RunGroup.ACTIVE: add_run(session, RunState.WAITING, due_at=ago(-60)),
            RunGroup.DELAYED: add_run(session, due_at=ago(-60)),
            RunGroup.NEEDS_REVIEW: add_run(session, RunState.NEEDS_REVIEW),
            RunGroup.COMPLETED: add_run(session, RunState.SUCCEEDED, finished_at=ago(0)),
            RunGroup.FAILED: add_run(session, RunState.FAILED, finished_at=ago(0)),
            RunGroup.CANCELED: add_run(session, RunState.CANCELED, finished_at=ago(0)),
        }
        leased = add_run(session, lease_until=ago(-60))
    for group, run in made.items():
        assert run.id in ids(jobs, RunFilters(group=group)), group
    assert set(ids(jobs, RunFilters(group=RunGroup.ACTIVE))) == {
        made[RunGroup.ACTIVE].id,
        leased.id,
    }
    counts = jobs.board(OPERATOR).counts
    assert [counts[group] for group in made] == [1, 2, 1, 1, 1, 1, 1]
    assert counts.total == 7


def test_the_list_shows_what_a_run_waits_for(jobs: Jobs, database: Database, redis: Redis) -> None:
    with database.transaction() as session:
        session.add(ProviderState(provider="replicate"))
        enqueued = add_run(session, made=60, enqueued_at=ago(1))
        add_run(session, made=50, enqueued_at=ago(1))
        add_run(session, made=40)
        add_run(session, made=30)
        add_run(session, made=20, due_at=ago(-90))
        add_run(session, RunState.WAITING, made=10, accepted_at=ago(5))
        add_run(session, RunState.NEEDS_REVIEW, made=5)
        add_run(session, RunState.SUCCEEDED, made=1, finished_at=ago(0))
    RqQueue(redis).enqueue([QueuedStep("submit", enqueued.id, 0, QueueName.HIGH, 60)])
    waiting_for = waits(jobs)
    assert waiting_for[0] == "number 1 in queue high"
    assert waiting_for[1] == "waits for a worker"
    assert waiting_for[2:4] == ["number 1 in line for Replicate", "number 2 in line for Replicate"]
    assert waiting_for[4].startswith("starts in ")
    assert waiting_for[5].startswith("at Replicate, ")
    assert waiting_for[6:] == ["waits for a decision", ""]


def test_place_in_line_counts_only_submits_that_go_first(database: Database) -> None:
    with database.transaction() as session:
        add_run(session, made=90, priority=0)
        add_run(session, made=80, enqueued_at=ago(1))
        add_run(session, made=70, provider="gemini")
        older = add_run(session, made=60)
        add_run(session, made=50, due_at=ago(-60))
        mine = add_run(session, made=40)
        first = add_run(session, made=30, priority=20)
        rest = [run.generation_id for run in (older, mine, first)]
        ahead = runs_ahead(session, rest)
    # One is enqueued, which goes before each of them.
    assert [ahead[generation_id] for generation_id in rest] == [
        {"replicate": 2},
        {"replicate": 3},
        {"replicate": 1},
    ]


def test_pauses_and_blocks_are_what_it_waits_for(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        session.add(
            ProviderState(provider="replicate", paused_at=func.now(), paused_reason="no funds")
        )
        session.add(
            ProviderState(provider="gemini", blocked_until=func.now() + timedelta(seconds=40))
        )
        session.add(QueueState(queue=QueueName.DEFAULT, paused_at=func.now(), paused_by="Ada"))
        add_run(session, made=30)
        add_run(session, made=20, provider="gemini")
        add_run(session, made=10, provider="huggingface", priority=0)
    waiting_for = waits(jobs)
    assert waiting_for[0] == "Replicate is paused: no funds"
    assert waiting_for[1].startswith("rate limited by Gemini for ")
    assert waiting_for[2] == "queue default is paused"


def test_waiting_and_running_time_are_separate(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        add_run(session, RunState.SUCCEEDED, made=100, started_at=ago(70), finished_at=ago(50))
        add_run(session, made=20)
    newest, oldest = jobs.runs(OPERATOR, ALL).rows
    assert (oldest.waited_seconds, oldest.ran_seconds) == (30.0, 20.0)
    assert newest.waited_seconds >= 20.0 and newest.ran_seconds is None


def test_each_filter_narrows(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        add_run(session, made=7200)
        matching = add_run(
            session,
            RunState.FAILED,
            kind=Kind.MASCOTS,
            provider="gemini",
            model="gemini-image",
            failure=FailureClass.EMPTY,
            failure_detail="no picture came",
            finished_at=ago(0),
            generation_state=GenerationState.FAILED,
        )
    filters = RunFilters(
        RunGroup.FAILED, Kind.MASCOTS, "gemini", "gemini-image", "", FailureClass.EMPTY.value, 1.0
    )
    for change in (
        RunFilters(group=filters.group),
        RunFilters(kind=filters.kind),
        RunFilters(provider=filters.provider),
        RunFilters(model=filters.model),
        RunFilters(failure=filters.failure),
        RunFilters(hours=filters.hours),
        filters,
    ):
        assert ids(jobs, change) == [matching.id], change
    (row,) = jobs.runs(OPERATOR, filters).rows
    assert row.failure == "The provider finished without a picture." and row.is_retryable
    assert ids(jobs, replace(filters, account_id="another")) == []
    assert len(ids(jobs, RunFilters(account_id=DEFAULT_ACCOUNT_ID))) == 2
    choices = jobs.choices(OPERATOR)
    assert choices.failures == {"empty": "The provider finished without a picture."}
    assert choices.providers["gemini"] == "Gemini" and "gemini-image" in choices.models
    assert DEFAULT_ACCOUNT_ID in choices.accounts


def test_orders(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        old = add_run(session, RunState.WAITING, made=300, attempt_count=2)
        middle = add_run(session, made=200, attempt_count=3)
        new = add_run(session, made=100)
    assert ids(jobs) == [new.id, middle.id, old.id]
    assert ids(jobs, sort=Sort.OLDEST) == [old.id, middle.id, new.id]
    assert ids(jobs, sort=Sort.LONGEST_WAITING) == [middle.id, new.id]
    assert ids(jobs, sort=Sort.MOST_ATTEMPTS) == [middle.id, old.id]


def test_pages_go_on_after_the_last_row(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        for number in range(5):
            # Two were made at the same moment, and two were tried as often.
            add_run(session, made=100 - 10 * (number // 2), attempt_count=2 + number // 2)
    for sort in Sort:
        seen, cursor = two_by_two(jobs, sort)
        assert seen == ids(jobs, sort=sort) and len(set(seen)) == 5, sort
        assert cursor is None, sort


def two_by_two(jobs: Jobs, sort: Sort) -> tuple[list[str], str | None]:
    """The runs of three pages, and what is left."""
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = jobs.runs(OPERATOR, ALL, sort, cursor, limit=2)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    return seen, cursor


def test_a_cursor_of_another_order_is_refused(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        for _ in range(2):
            add_run(session)
    cursor = jobs.runs(OPERATOR, ALL, limit=1).next_cursor
    with pytest.raises(InvalidRequestError):
        jobs.runs(OPERATOR, ALL, Sort.MOST_ATTEMPTS, cursor)


def test_search_finds_a_run_by_any_argument(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        for _ in range(2):
            add_run(session, model="another/model")
        run = add_run(
            session,
            RunState.FAILED,
            title="Pip the fox · Übermut",
            prompt="a marzipan castle, 50% sharper",
            model="owner/rare-model",
            failure=FailureClass.PLATFORM,
            failure_detail="Director: unexpected error handling prediction (E9828)",
            finished_at=ago(0),
        )
        add_attempt(session, run, prediction_id="q1w2e3r4t5")
    for argument in (
        run.id,
        f"{run.id}-7",
        run.generation_id,
        f"batch_{run.generation_id}",
        "q1w2e3r4t5",
        "https://replicate.com/p/q1w2e3r4t5",
        "MARZIPAN castle",
        "übermut",
        "pip the fox",
        "unexpected error E9828",
        "owner/rare-model",
        "The provider had a fault of its own.",
    ):
        assert ids(jobs, RunFilters(search=argument)) == [run.id], argument
    assert ids(jobs, RunFilters(search="marzipan dragon")) == []
    assert ids(jobs, RunFilters(search="the")) != ids(jobs)
    assert len(ids(jobs, RunFilters(search="  "))) == 3


def test_search_takes_whatever_is_typed(jobs: Jobs) -> None:
    for typed in ("\x00", "':* & !(", "%", "\\", "a" * 5000, "\ud800"):
        jobs.runs(OPERATOR, RunFilters(search=typed))
        assert len(term_of(typed)) <= 200


def test_without_redis_the_list_is_there(jobs_without_redis: Jobs, database: Database) -> None:
    with database.transaction() as session:
        run = add_run(session, enqueued_at=ago(1))
        ended = add_run(session, RunState.SUCCEEDED, finished_at=ago(0))
    page = jobs_without_redis.runs(OPERATOR, ALL)
    assert {row.id for row in page.rows} == {run.id, ended.id} and not page.is_queue_up
    # Without an enqueued job, Redis is not asked.
    assert jobs_without_redis.runs(OPERATOR, RunFilters(group=RunGroup.COMPLETED)).is_queue_up
    detail = jobs_without_redis.detail(OPERATOR, run.id)
    assert detail.job is None and not detail.is_queue_up


def test_detail_shows_what_was_tried(jobs: Jobs, database: Database, redis: Redis) -> None:
    with database.transaction() as session:
        run = add_run(session, RunState.WAITING, seq=3)
        add_attempt(
            session,
            run,
            state=AttemptState.FAILED,
            failure=FailureClass.PLATFORM,
            failure_detail="E9828",
            actual_cost_usd=0.0,
            web_url="https://replicate.com/p/one",
        )
        add_attempt(session, run, number=2)
        for name in (EventName.RUN_RETRIED, EventName.RUN_ACCEPTED):
            record(session, name, run.generation_id, run_id=run.id, reason="E9828")
    RqQueue(redis).enqueue([QueuedStep("poll", run.id, 3, QueueName.HIGH, 60)])
    detail = jobs.detail(OPERATOR, run.id)
    first, second = detail.attempts
    assert (first.cost_usd, first.is_settled) == (0.0, True)
    assert first.failure == "The provider had a fault of its own." and first.web_url
    assert (second.cost_usd, second.is_settled, second.failure) == (0.04, False, None)
    assert [(one.name, one.reason) for one in detail.problems] == [(EventName.RUN_RETRIED, "E9828")]
    assert detail.job and detail.job.position == 0 and detail.tracebacks == ()
    assert (first.number, second.number) == (1, 2)


def test_an_unknown_run_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(NotFoundError):
        jobs.detail(OPERATOR, "run_none")


def test_a_viewer_sees_no_jobs(jobs: Jobs) -> None:
    for read in (
        lambda: jobs.runs(VIEWER, ALL),
        lambda: jobs.board(VIEWER),
        lambda: jobs.detail(VIEWER, "run_1"),
        lambda: jobs.choices(VIEWER),
    ):
        with pytest.raises(NotAllowedError):
            read()
