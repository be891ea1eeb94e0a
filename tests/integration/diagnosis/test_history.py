"""Outages over all accounts, similar cases with what cured them, and the providers' health."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.core.states import AttemptState, GenerationState, RunState
from services.database.engine import Database
from services.database.models import Attempt, Event, Generation, Run
from services.diagnosis.background import Background
from services.diagnosis.history import SimilarCases, read_incidents, read_similar
from services.monitoring.provider_health import read_provider_health
from services.pipeline.events import EventName
from tests.integration.jobs.planted import add_attempt, add_run, ago


def add_event(
    session: Session, run: Run, name: EventName, minutes: float, **detail: object
) -> None:
    session.add(
        Event(
            generation_id=run.generation_id,
            run_id=run.id,
            name=name,
            actor="system",
            at=ago(60 * minutes),
            detail=detail,
        )
    )
    session.flush()


def failed(session: Session, minutes: float, failure: str = "funds", **columns: Any) -> Run:
    """A run of a batch of its own that failed so long ago."""
    run = add_run(
        session, RunState.FAILED, failure=failure, finished_at=ago(60 * minutes), **columns
    )
    add_attempt(session, run, state=AttemptState.FAILED, failure=failure, actual_cost_usd=0.5)
    add_event(session, run, EventName.RUN_FAILED, minutes, failure=failure)
    return run


def test_one_outage_is_one_row_with_its_time_and_money(database: Database) -> None:
    with database.transaction() as session:
        for minutes in (100, 95, 85):
            failed(session, minutes)
        for minutes in (6, 4, 2):
            failed(session, minutes)
        failed(session, 90, "platform")
        for minutes in (3, 2, 1):
            failed(session, minutes, "content_refused")
        for minutes in (50, 45, 44):
            add_event(session, add_run(session), EventName.RUN_RECOVERED, minutes)
    with database.transaction() as session:
        ongoing, died, old = read_incidents(session)
    assert (ongoing.cause, ongoing.provider, ongoing.is_ongoing) == (
        "provider_paused",
        "replicate",
        True,
    )
    assert (old.cause, old.runs, old.generations, old.accounts) == ("provider_paused", 3, 3, 1)
    assert old.refunded_credits == 90 and old.cost_usd == pytest.approx(1.5)
    assert not old.is_ongoing and old.last_at - old.began_at == timedelta(minutes=15)
    assert (died.cause, died.provider, died.refunded_credits) == ("worker_died", "", 0)


def test_a_pause_of_more_than_a_quarter_of_an_hour_begins_another_outage(
    database: Database,
) -> None:
    with database.transaction() as session:
        for minutes in (100, 99, 98, 82, 81, 80):
            failed(session, minutes)
    with database.transaction() as session:
        assert [it.runs for it in read_incidents(session)] == [3, 3]


def test_similar_cases_say_what_cured_them(database: Database) -> None:
    with database.transaction() as session:
        mine = failed(session, 10)
        for remedies, state in (
            (["requeue", "retry"], GenerationState.SUCCEEDED),
            (["retry"], GenerationState.SUCCEEDED),
            ([], GenerationState.SUCCEEDED),
            (["retry"], GenerationState.FAILED),
        ):
            run = failed(session, 20)
            session.get_one(Generation, run.generation_id).state = state
            for number, remedy in enumerate(remedies):
                add_event(session, run, EventName.REMEDY_APPLIED, 15 - number, remedy=remedy)
        failed(session, 20, "platform")
    with database.transaction() as session:
        similar = read_similar(session, "provider_paused", mine.generation_id)
        assert (similar.count, similar.cured) == (4, (("retry", 2),))
        assert (similar.by_itself, similar.unsolved) == (1, 1)
        assert read_similar(session, "never_enqueued", mine.generation_id) == SimilarCases()
    sentence = Background(similar, (), (), ()).similar_sentence
    assert sentence.startswith("4 other batches since ") and "2 cured by Retry" in sentence


def test_a_remedy_that_a_verdict_offered_counts_for_its_cause(database: Database) -> None:
    with database.transaction() as session:
        run = add_run(session, RunState.SUCCEEDED, generation_state=GenerationState.SUCCEEDED)
        add_event(
            session, run, EventName.REMEDY_APPLIED, 5, remedy="requeue", cause="never_enqueued"
        )
    with database.transaction() as session:
        assert read_similar(session, "never_enqueued", "gen_other").cured == (("requeue", 1),)


def test_a_provider_s_health_by_hour_names_its_errors(database: Database) -> None:
    with database.transaction() as session:
        for seconds in (10.0, 20.0):
            run = add_run(session)
            attempt = add_attempt(session, run, state=AttemptState.SUCCEEDED)
            attempt.accepted_at, attempt.finished_at = ago(seconds), ago(0)
        failed(session, 0, "transient")
        session.get_one(Attempt, attempt.id).created_at = ago(0)
    with database.transaction() as session:
        health, unused = read_provider_health(session, ["replicate", "gemini"])
    assert (health.requests, health.failed, unused.hours) == (3, 1, ())
    assert health.hours[-1].failures == {"transient": 1}
    assert health.hours[-1].median_seconds == pytest.approx(15, abs=1)
