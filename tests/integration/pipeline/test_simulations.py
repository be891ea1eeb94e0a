"""Simulations: two views, a consent with each start, and nothing of them for viewers."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from services.actors import Actor
from services.consents import WORDING_VERSION
from services.database.models import (
    Account,
    Asset,
    AssetParent,
    Audit,
    Consent,
    Generation,
    Reference,
    Simulation,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.errors import InvalidRequestError, NotAllowedError, NotFoundError, StorageError
from services.recipes.simulations import SimulationRequest
from services.statuses import GenerationState, Kind, Role, RunState, SlotRole, SlotState, Tier
from tests.factories import picture_bytes, stored_asset
from tests.integration.pipeline.by_hand import ByHand
from tests.integration.pipeline.studio import Studio

VIEW = 15
SCENARIO = "projection-level-2"


def wish(studio: Studio, **changes: Any) -> SimulationRequest:
    request = SimulationRequest(DEFAULT_ACCOUNT_ID, studio.upload(), SCENARIO, has_consent=True)
    return replace(request, **changes)


def start(studio: Studio, request: SimulationRequest | None = None, key: str = "form") -> str:
    request = request or wish(studio)
    return studio.services.simulations.start(studio.actor, request, key).generation_id


def viewer_of(studio: Studio) -> Actor:
    return replace(studio.actor, role=Role.VIEWER)


def consents(studio: Studio) -> list[Consent]:
    with studio.services.database.transaction() as session:
        return list(session.scalars(select(Consent).order_by(Consent.id)))


def asset_of(studio: Studio, asset_id: str | None) -> Asset:
    with studio.services.database.transaction() as session:
        return session.get_one(Asset, asset_id)


def has_files(studio: Studio, asset: Asset) -> bool:
    keys = (asset.storage_key, asset.thumbnail_key)
    found = {studio.services.storage.head(key) is not None for key in keys}
    assert len(found) == 1
    return found.pop()


@pytest.fixture
def made(by_hand: ByHand) -> str:
    """A finished simulation; its generation's id."""
    generation = start(by_hand.studio)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    return generation


def test_both_views_are_made_from_the_photograph_with_what_was_chosen(by_hand: ByHand) -> None:
    studio = by_hand.studio
    request = wish(studio, strength=0.3, steps=25)
    quote = studio.services.simulations.quote(studio.actor, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (2, 2 * VIEW, ())
    generation = start(studio, request)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    rear, side = by_hand.slots(generation)
    assert (rear.role, side.role) == (SlotRole.REAR_VIEW, SlotRole.SIDE_VIEW)
    assert rear.options == side.options == {"strength": 0.3, "steps": 25}
    assert [rear.prompt, side.prompt] == [told.text for told in quote.final_prompts]
    assert len(by_hand.runs(generation)) == 2
    detail = studio.services.gallery.picture(studio.actor, rear.asset_id or "")
    assert detail.title == "Rear view of teal.png · Level 2"
    assert (detail.scenario_name, detail.options) == ("Level 2", {"strength": 0.3, "steps": 25})
    (parent,) = detail.parents
    assert (parent.title, bool(parent.storage_key)) == ("teal.png", True)


def test_consent_and_simulation_are_written_with_the_charge(fast_studio: Studio) -> None:
    request = wish(fast_studio)
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


def test_fewer_steps_are_estimated_cheaper_and_faster(fast_studio: Studio) -> None:
    quotes = fast_studio.services.simulations
    request = wish(fast_studio)
    usual = quotes.quote(fast_studio.actor, request)
    fewer = quotes.quote(fast_studio.actor, replace(request, steps=25))
    assert fewer.cost_usd == pytest.approx(usual.cost_usd * 25 / 30)
    assert fewer.seconds < usual.seconds
    assert fewer.price_credits == usual.price_credits


def test_view_that_fails_is_refunded_and_the_other_stays(by_hand: ByHand) -> None:
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
def test_wish_that_cannot_be_made_is_refused_before_any_charge(
    fast_studio: Studio, changes: dict[str, Any], problem: str
) -> None:
    services, actor = fast_studio.services, fast_studio.actor
    services.scenarios.archive(actor, "projection-level-3", "not offered here")
    with services.database.transaction() as session:
        session.add(Account(id="acc_other", name="Other", tier=Tier.FREE))
    request = wish(fast_studio, **changes)
    assert any(problem in told for told in services.simulations.quote(actor, request).problems)
    with pytest.raises(InvalidRequestError, match=problem):
        start(fast_studio, request)
    assert not consents(fast_studio)
    with services.database.transaction() as session:
        assert session.scalars(select(Generation)).all() == []


def test_deleted_photograph_is_refused(fast_studio: Studio) -> None:
    request = wish(fast_studio)
    fast_studio.services.references.delete(fast_studio.actor, request.reference_id)
    with pytest.raises(InvalidRequestError, match="not among the references"):
        start(fast_studio, request)


def test_viewer_meets_no_simulation_anywhere(by_hand: ByHand, made: str) -> None:
    services, viewer = by_hand.studio.services, viewer_of(by_hand.studio)
    rear = by_hand.slots(made)[0]
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
        services.generations.card(viewer, made)
    assert Kind.SIMULATIONS not in services.gallery.kinds(viewer)
    for call in (services.scenarios.choices, services.scenarios.everything):
        with pytest.raises(NotAllowedError):
            call(viewer)


def test_viewer_sees_no_running_simulation_on_the_overview(by_hand: ByHand) -> None:
    generation = start(by_hand.studio)
    services = by_hand.studio.services
    by_hand.until(lambda: any(run.state is RunState.WAITING for run in by_hand.runs(generation)))
    assert services.overview.read(by_hand.studio.actor).now
    assert not services.overview.read(viewer_of(by_hand.studio)).now


def test_picture_made_from_a_simulation_is_hidden_from_viewers_too(
    by_hand: ByHand, made: str
) -> None:
    studio = by_hand.studio
    child = made_from(studio, by_hand.slots(made)[0])
    assert studio.services.gallery.picture(studio.actor, child).asset_id == child
    with pytest.raises(NotFoundError):
        studio.services.gallery.picture(viewer_of(studio), child)


def made_from(studio: Studio, slot: Slot) -> str:
    """A picture made from the slot's; returns its asset id."""
    asset = stored_asset(studio.services, picture_bytes("red"))
    with studio.services.database.transaction() as session:
        session.add(asset)
        session.flush()
        session.add(AssetParent(child_id=asset.id, parent_id=slot.asset_id, relation="made_from"))
    return asset.id


def test_withdrawn_consent_erases_all_that_was_made_and_keeps_the_photograph(
    by_hand: ByHand, made: str
) -> None:
    studio = by_hand.studio
    slots = by_hand.slots(made)
    child = asset_of(studio, made_from(studio, slots[1]))
    pictures = [asset_of(studio, slot.asset_id) for slot in slots] + [child]
    (consent,) = consents(studio)
    assert all(has_files(studio, picture) for picture in pictures)
    assert studio.services.consents.withdraw(studio.actor, consent.id, "She asked us to") == 3
    assert not any(has_files(studio, picture) for picture in pictures)
    assert all(asset_of(studio, picture.id).deleted_at for picture in pictures)
    assert has_files(studio, asset_of(studio, consent.asset_id))
    with pytest.raises(NotFoundError):
        studio.services.gallery.picture(studio.actor, pictures[0].id)
    card = studio.services.generations.card(studio.actor, made)
    assert card.title == "Consent withdrawn · Level 2"
    assert card.slots[0].failure == "This picture was erased."
    (view,) = studio.services.consents.of_account(studio.actor, DEFAULT_ACCOUNT_ID)
    assert (view.pictures, view.withdrawn_at is not None, view.filename) == (0, True, "teal.png")
    with studio.services.database.transaction() as session:
        audit = session.scalars(select(Audit).where(Audit.subject_id == consent.id)).one()
    assert (audit.action, audit.reason) == ("consent.withdraw", "She asked us to")
    with pytest.raises(InvalidRequestError, match="withdrawn already"):
        studio.services.consents.withdraw(studio.actor, consent.id, "again")


def test_withdrawal_covers_every_consent_to_the_same_photograph(by_hand: ByHand) -> None:
    studio = by_hand.studio
    request = wish(studio)
    for key, level in (("a", "projection-level-1"), ("b", "projection-level-2")):
        by_hand.finish(start(studio, replace(request, scenario_id=level), key))
    first, _ = consents(studio)
    assert studio.services.consents.withdraw(studio.actor, first.id, "asked") == 4
    assert all(consent.withdrawn_at for consent in consents(studio))
    assert studio.services.simulations.quote(studio.actor, request).existing is None


def test_result_is_offered_again_while_the_consent_stands(by_hand: ByHand) -> None:
    studio = by_hand.studio
    request = wish(studio)
    generation = start(studio, request)
    by_hand.finish(generation)
    existing = studio.services.simulations.quote(studio.actor, request).existing
    assert existing and existing.generation_id == generation


def test_file_that_another_row_shares_stays(by_hand: ByHand, made: str) -> None:
    studio = by_hand.studio
    rear = asset_of(studio, by_hand.slots(made)[0].asset_id)
    with studio.services.database.transaction() as session:
        copied = {column.key: getattr(rear, column.key) for column in Asset.__table__.columns}
        session.add(Asset(**copied | {"id": new_id("ast")}))
    (consent,) = consents(studio)
    studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert has_files(studio, rear)
    assert asset_of(studio, rear.id).deleted_at


def test_withdrawal_waits_for_a_running_simulation_and_needs_a_reason(by_hand: ByHand) -> None:
    studio = by_hand.studio
    generation = start(studio)
    (consent,) = consents(studio)
    with pytest.raises(InvalidRequestError, match="still runs"):
        studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    by_hand.finish(generation)
    with pytest.raises(InvalidRequestError, match="Say why"):
        studio.services.consents.withdraw(studio.actor, consent.id, " ")
    with pytest.raises(NotAllowedError):
        studio.services.consents.withdraw(viewer_of(studio), consent.id, "asked")
    with pytest.raises(NotFoundError):
        studio.services.consents.withdraw(studio.actor, "con_nobody", "asked")
    assert consents(studio)[0].withdrawn_at is None


def test_storage_that_fails_leaves_the_consent_to_be_withdrawn_again(
    by_hand: ByHand, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = by_hand.studio
    (consent,) = consents(studio)
    rear = asset_of(studio, by_hand.slots(made)[0].asset_id)

    def fails(key: str) -> None:
        raise StorageError(reason="the disk is full", key=key)

    with monkeypatch.context() as broken:
        broken.setattr(studio.services.storage, "delete", fails)
        with pytest.raises(InvalidRequestError, match="the disk is full"):
            studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert consents(studio)[0].withdrawn_at is None
    studio.services.consents.withdraw(studio.actor, consent.id, "asked")
    assert not has_files(studio, rear)
