"""Simulations: two views, a consent with each start, and nothing of them for viewers."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import GenerationState, Kind, RunState, SlotRole, SlotState, Tier
from services.database.models import (
    Account,
    Generation,
    Reference,
    Simulation,
)
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.simulations.consents import WORDING_VERSION
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup
from tests.integration.pipeline.simulated import (
    SCENARIO,
    consents,
    made_from,
    request_for,
    start,
    viewer_of,
)

VIEW = 15


def test_both_views_are_made_from_the_photograph_with_what_was_chosen(
    by_hand: ManualPipeline,
) -> None:
    studio = by_hand.studio
    request = request_for(studio, strength=0.3, steps=25)
    quote = studio.services.simulations.quote(studio.actor, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (2, 2 * VIEW, ())
    generation = start(studio, request)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    rear, side = by_hand.slots(generation)
    assert (rear.role, side.role) == (SlotRole.REAR_VIEW, SlotRole.SIDE_VIEW)
    assert rear.options == side.options == {"strength": 0.3, "steps": 25}
    assert [rear.prompt, side.prompt] == [prompt.text for prompt in quote.final_prompts]
    assert len(by_hand.runs(generation)) == 2
    detail = studio.services.gallery.picture(studio.actor, rear.asset_id or "")
    assert detail.title == "Rear view of teal.png · Level 2"
    assert (detail.scenario_name, detail.options) == ("Level 2", {"strength": 0.3, "steps": 25})
    (parent,) = detail.parents
    assert (parent.title, bool(parent.storage_key)) == ("teal.png", True)


def test_consent_and_simulation_are_written_with_the_charge(fast_studio: PipelineSetup) -> None:
    request = request_for(fast_studio)
    generation = start(fast_studio, request)
    assert start(fast_studio, request) == generation
    (consent,) = consents(fast_studio)
    with fast_studio.services.database.transaction() as session:
        reference = session.get_one(Reference, request.reference_id)
        simulation = session.get_one(Simulation, generation)
        assert consent.asset_id == simulation.original_asset_id == reference.asset_id
    assert (consent.wording_version, consent.given_by) == (WORDING_VERSION, fast_studio.actor.id)
    assert (simulation.scenario_id, simulation.scenario_version) == (SCENARIO, 1)
    assert (simulation.strength, simulation.steps) == (0.5, 30)
    assert (simulation.consent_id, simulation.number > 0) == (consent.id, True)


def test_fewer_steps_are_estimated_cheaper_and_faster(fast_studio: PipelineSetup) -> None:
    quotes = fast_studio.services.simulations
    request = request_for(fast_studio)
    durations = quotes.quote(fast_studio.actor, request)
    fewer = quotes.quote(fast_studio.actor, replace(request, steps=25))
    assert fewer.cost_usd == pytest.approx(durations.cost_usd * 25 / 30)
    assert fewer.seconds < durations.seconds
    assert fewer.price_credits == durations.price_credits


def test_view_that_fails_is_refunded_and_the_other_stays(by_hand: ManualPipeline) -> None:
    before = by_hand.balance()
    generation = start(by_hand.studio)
    by_hand.studio.fault(
        "refuse_content", provider="replicate", operation="create", prompt_contains="the side"
    )
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    assert [slot.state for slot in by_hand.slots(generation)] == [
        SlotState.FILLED,
        SlotState.FAILED,
    ]
    assert by_hand.balance() == before - VIEW


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"has_consent": False}, "Confirm the consent"),
        ({"scenario_id": "nothing"}, "scenario cannot be chosen"),
        ({"scenario_id": "projection-level-3"}, "scenario cannot be chosen"),
        ({"reference_id": "ref_nobody"}, "not among the references"),
        ({"account_id": "acc_other"}, "not among the references"),
        ({"strength": 1.2}, "strength from 0.05 to 1"),
        ({"steps": 500}, "30 steps, or 25"),
    ],
)
def test_impossible_request_is_refused_before_any_charge(
    fast_studio: PipelineSetup, changes: dict[str, Any], problem: str
) -> None:
    services, actor = fast_studio.services, fast_studio.actor
    services.scenarios.archive(actor, "projection-level-3", "not offered here")
    with services.database.transaction() as session:
        session.add(Account(id="acc_other", name="Other", tier=Tier.FREE))
    request = request_for(fast_studio, **changes)
    assert any(
        problem in sentence for sentence in services.simulations.quote(actor, request).problems
    )
    with pytest.raises(InvalidRequestError, match=problem):
        start(fast_studio, request)
    assert not consents(fast_studio)
    with services.database.transaction() as session:
        assert session.scalars(select(Generation)).all() == []


def test_deleted_photograph_is_refused(fast_studio: PipelineSetup) -> None:
    request = request_for(fast_studio)
    fast_studio.services.references.delete_many(fast_studio.actor, [request.reference_id])
    with pytest.raises(InvalidRequestError, match="not among the references"):
        start(fast_studio, request)


def test_viewer_meets_no_simulation_anywhere(by_hand: ManualPipeline, simulation: str) -> None:
    services, viewer = by_hand.studio.services, viewer_of(by_hand.studio)
    rear = by_hand.slots(simulation)[0]
    for actor, count in ((by_hand.studio.actor, 2), (viewer, 0)):
        page = services.gallery.page(actor)
        assert (len(page.items), page.total) == (count, count)
        assert len(services.generations.page(actor).items) == bool(count)
        reference = services.references.page(actor, DEFAULT_ACCOUNT_ID).items[0]
        assert len(services.references.detail(actor, reference.asset_id).uses) == bool(count)
        assert len(services.gallery.picture(actor, reference.asset_id).children) == count
    with pytest.raises(NotFoundError):
        services.gallery.picture(viewer, rear.asset_id or "")
    with pytest.raises(NotFoundError):
        services.generations.card(viewer, simulation)
    assert Kind.SIMULATIONS not in services.gallery.kinds(viewer)
    for call in (services.scenarios.choices, services.scenarios.everything):
        with pytest.raises(NotAllowedError):
            call(viewer)


def test_viewer_sees_no_running_simulation_on_the_overview(by_hand: ManualPipeline) -> None:
    generation = start(by_hand.studio)
    services = by_hand.studio.services
    by_hand.until(lambda: any(run.state is RunState.WAITING for run in by_hand.runs(generation)))
    assert services.overview.read(by_hand.studio.actor).now
    assert not services.overview.read(viewer_of(by_hand.studio)).now


def test_picture_made_from_a_simulation_is_hidden_from_viewers_too(
    by_hand: ManualPipeline, simulation: str
) -> None:
    studio = by_hand.studio
    child = made_from(studio, by_hand.slots(simulation)[0])
    assert studio.services.gallery.picture(studio.actor, child).asset_id == child
    with pytest.raises(NotFoundError):
        studio.services.gallery.picture(viewer_of(studio), child)


def test_existing_result_is_offered_until_the_consent_is_withdrawn(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    request = request_for(studio)
    generation = start(studio, request)
    by_hand.finish(generation)
    existing = studio.services.simulations.quote(studio.actor, request).existing
    assert existing and existing.generation_id == generation
