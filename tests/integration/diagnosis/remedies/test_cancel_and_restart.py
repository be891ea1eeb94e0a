"""CancelAndRestart and DeclareLost resubmit a run; no credits move."""

import pytest

from services.core.errors import RemedyRefusedError
from services.core.states import AttemptState, GenerationState, RunState
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.requeue import DECIDED, FINISHED_MEANWHILE
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup
from tests.waiting import eventually


def test_stuck_prediction_is_canceled_and_the_run_submitted_again(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.stuck()
    held, run = by_hand.balance(), by_hand.run(generation)
    outcome = setup.apply_once("cancel_and_restart", run.id)
    assert "canceled at the provider" in outcome.sentence
    assert by_hand.balance() == held
    poll(by_hand.context, Step(run.id, run.seq), "a late poll")
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    first, second = by_hand.attempts(generation)
    assert (first.state, second.state) == (AttemptState.CANCELED, AttemptState.SUCCEEDED)
    assert first.actual_cost_usd is not None
    assert first.seed != second.seed
    fingerprint = by_hand.provider().token_fingerprint
    assert first.token_fingerprint == second.token_fingerprint == fingerprint is not None
    assert by_hand.balance() == held
    assert setup.timeline_remedies(generation) == ["cancel_and_restart"]


def test_finished_prediction_is_downloaded_instead_of_canceled(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    run = by_hand.until_run(generation, RunState.WAITING)
    dry_run = setup.dry_run("cancel_and_restart", run.id)

    def has_finished() -> bool:
        now = setup.services.remedies.dry_run(setup.actor, dry_run.offer)
        return bool(now.problem == FINISHED_MEANWHILE)

    eventually(has_finished)
    with pytest.raises(RemedyRefusedError, match="output is downloaded"):
        setup.apply(dry_run)
    (job,) = by_hand.tick()
    by_hand.do(job)
    assert by_hand.run(generation).state is RunState.INGESTING
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert len(by_hand.attempts(generation)) == 1


def test_run_that_is_not_at_a_provider_cannot_be_restarted(setup: RemedySetup) -> None:
    run = setup.by_hand.run(setup.pose())
    problem = setup.dry_run("cancel_and_restart", run.id).problem
    assert problem == "It does not wait at a provider."


def test_ambiguous_submission_is_declared_lost_and_submitted_again(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.in_doubt()
    held = by_hand.balance()
    run = by_hand.run(generation)
    young = setup.dry_run("declare_lost", run.id).problem
    assert young and "may not show it yet" in young
    setup.age(generation)
    dry_run = setup.dry_run("declare_lost", run.id)
    assert "bills both" in dry_run.sentence and dry_run.cost_usd > 0 and dry_run.credits == 0
    setup.apply_once("declare_lost", run.id)
    assert by_hand.studio.state(generation) is not GenerationState.NEEDS_REVIEW
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    states = [attempt.state for attempt in by_hand.attempts(generation)]
    assert states == [AttemptState.LOST, AttemptState.SUCCEEDED]
    assert by_hand.balance() == held


def test_a_submission_that_the_list_shows_is_not_ordered_twice(setup: RemedySetup) -> None:
    by_hand, bulk = setup.by_hand, setup.services.bulk
    by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    arrived = setup.pose(key="arrived")
    for job in by_hand.tick():
        by_hand.do(job)
    sent = by_hand.run(arrived)
    by_hand.change_run(sent.id, state=RunState.NEEDS_REVIEW, failure="ambiguous")
    lost = setup.in_doubt()
    runs = [by_hand.run(one) for one in (arrived, lost)]
    for one in (arrived, lost):
        setup.refresh(one)
        setup.age(one)
    creates = by_hand.studio.creates()
    preview = bulk.preview(setup.actor, "declare_lost", [run.id for run in runs])
    assert [item.subject_id for item in preview.items] == [runs[1].id]
    (refusal,) = preview.refusals
    assert refusal.subject_ids == (runs[0].id,) and "adopt that" in refusal.problem
    assert by_hand.studio.creates() == creates


def test_known_submission_cannot_be_declared_lost(setup: RemedySetup) -> None:
    generation = setup.stuck()
    dry_run = setup.dry_run("declare_lost", setup.by_hand.run(generation).id)
    assert dry_run.problem == DECIDED


def test_run_of_a_canceled_batch_cannot_be_restarted(setup: RemedySetup) -> None:
    generation = setup.stuck()
    setup.services.cancel.cancel(setup.actor, generation)
    dry_run = setup.dry_run("cancel_and_restart", setup.by_hand.run(generation).id)
    assert dry_run.problem and "was canceled" in dry_run.problem
