"""One picture of a mascot made again: charged by itself, and from then on the one that counts."""

import pytest
from sqlalchemy import func, select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import GenerationState, Role, SlotRole
from services.database.models import Generation, LedgerEntry, Mascot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.mascots.pictures import CUSTOM_STYLE
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup


def slot_of(by_hand: ManualPipeline, generation_id: str, role: SlotRole) -> str:
    return next(slot.id for slot in by_hand.slots(generation_id) if slot.role is role)


def test_avatar_is_made_from_the_newest_full_body(by_hand: ManualPipeline) -> None:
    studio, mascots = by_hand.studio, by_hand.studio.services.mascots
    batch = studio.start_mascots().generation_id
    assert by_hand.finish(batch) is GenerationState.SUCCEEDED
    balance = by_hand.balance()
    body = mascots.regenerate(
        studio.actor, slot_of(by_hand, batch, SlotRole.FULL_BODY), "body"
    ).generation_id
    assert by_hand.finish(body) is GenerationState.SUCCEEDED
    avatar_slot = slot_of(by_hand, batch, SlotRole.AVATAR)
    quote = mascots.regenerate_quote(studio.actor, avatar_slot, " smiling ")
    assert (quote.picture_count, quote.price_credits, quote.problems) == (1, 10, ())
    started = mascots.regenerate(studio.actor, avatar_slot, "avatar", " smiling ")
    assert mascots.regenerate(studio.actor, avatar_slot, "avatar", "smiling") == started.__class__(
        started.generation_id, False, True
    )
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    assert by_hand.balance() == balance - 20
    (slot,) = by_hand.slots(started.generation_id)
    (new_body,) = by_hand.slots(body)
    assert slot.input_asset_ids == [new_body.asset_id]
    assert slot.prompt == quote.final_prompts[0].text
    assert slot.prompt.endswith(", smiling")
    assert slot.mascot_id == by_hand.slots(batch)[0].mascot_id
    with studio.services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Mascot)) == 1
        title = session.get_one(Generation, started.generation_id).title
    assert title == "Fennel · Avatar again"


def test_newest_picture_represents_the_mascot(by_hand: ManualPipeline) -> None:
    studio, services = by_hand.studio, by_hand.studio.services
    reference = studio.upload()
    batch = studio.start_mascots(references=(reference,)).generation_id
    by_hand.finish(batch)
    first = by_hand.slots(batch)[0]
    second = services.mascots.regenerate(studio.actor, first.id, "again").generation_id
    by_hand.finish(second)
    (made,) = by_hand.slots(second)
    assert made.input_asset_ids == first.input_asset_ids != []
    (card,) = services.mascots.with_pictures(studio.actor, DEFAULT_ACCOUNT_ID)
    detail = services.gallery.picture(studio.actor, made.asset_id or "")
    assert card.thumbnail_key == detail.thumbnail_key
    assert detail.title == "Fennel · Full body"
    poses = studio.start_poses(card.id).generation_id
    assert by_hand.slots(poses)[0].input_asset_ids == [made.asset_id]


def test_avatar_without_a_full_body_is_refused_before_any_charge(by_hand: ManualPipeline) -> None:
    studio, services = by_hand.studio, by_hand.studio.services
    studio.fault("refuse_content", provider="gemini")
    batch = studio.start_mascots().generation_id
    assert by_hand.finish(batch) is GenerationState.FAILED
    avatar = slot_of(by_hand, batch, SlotRole.AVATAR)
    quote = services.mascots.regenerate_quote(studio.actor, avatar)
    assert "no full body to work from" in quote.problems[0]
    with pytest.raises(InvalidRequestError, match="no full body"):
        services.mascots.regenerate(studio.actor, avatar, "again")
    body = services.mascots.regenerate(
        studio.actor, slot_of(by_hand, batch, SlotRole.FULL_BODY), "body"
    )
    assert by_hand.finish(body.generation_id) is GenerationState.SUCCEEDED
    assert services.mascots.regenerate_quote(studio.actor, avatar).problems == ()


def test_only_mascot_pictures_and_operators(fast_studio: PipelineSetup) -> None:
    services, actor = fast_studio.services, fast_studio.actor
    request = PosesRequest(DEFAULT_ACCOUNT_ID, finished_mascot(services), "waving")
    services.poses.start(actor, request, "poses")
    card = services.generations.page(actor).items[0]
    for slot_id in ("slot_nobody", card.slots[0].id):
        with pytest.raises(NotFoundError):
            services.mascots.regenerate_quote(actor, slot_id)
    viewer = Actor(actor.id, "Guest", Role.VIEWER)
    with pytest.raises(NotAllowedError):
        services.mascots.regenerate(viewer, card.slots[0].id, "again")


@pytest.mark.parametrize(
    ("words", "problem"),
    [("", "style is empty"), (" \x00", "style is empty"), ("x" * 81, "longer than 80")],
)
def test_style_in_words_is_checked(fast_studio: PipelineSetup, words: str, problem: str) -> None:
    request = MascotsRequest(
        DEFAULT_ACCOUNT_ID, "Fennel", "a fox", CUSTOM_STYLE, variations=1, style_words=words
    )
    quote = fast_studio.services.mascots.quote(fast_studio.actor, request)
    assert any(problem in sentence for sentence in quote.problems), quote.problems


def test_style_in_words_is_the_mascot_s_style(fast_studio: PipelineSetup) -> None:
    services, actor = fast_studio.services, fast_studio.actor
    request = MascotsRequest(
        DEFAULT_ACCOUNT_ID,
        "Fennel",
        "a fox",
        CUSTOM_STYLE,
        variations=1,
        style_words="stained glass",
    )
    quote = services.mascots.quote(actor, request)
    assert all("stained glass style" in prompt.text for prompt in quote.final_prompts)
    services.mascots.start(actor, request, "form")
    with services.database.transaction() as session:
        assert session.scalars(select(Mascot.style)).all() == ["stained glass"]
        assert session.scalars(select(LedgerEntry.amount)).all()[-1] == -30
