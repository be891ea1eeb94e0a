"""Edits through the one pipeline: backgrounds at the provider, exports by this desk, refunds."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError
from services.core.states import GenerationState, Kind, Role, SlotRole, SlotState
from services.database.models import Asset, Generation, Reference, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.edits.recipe import EditsRequest
from services.recipes.poses.request import PoseMode, PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup

CUTOUT = "851-labs/background-remover"


@pytest.fixture
def drawing(studio: PipelineSetup) -> Iterator[ManualPipeline]:
    """A pipeline at a simulator that really draws: its cut-outs are transparent."""
    with open_manual_pipeline(studio) as opened:
        yield opened


def uploaded(studio: PipelineSetup, colour: str = "teal") -> str:
    """The asset of a fresh reference."""
    reference_id = studio.upload(colour)
    with studio.services.database.transaction() as session:
        return session.get_one(Reference, reference_id).asset_id


def request_for(asset_id: str, **changes: Any) -> EditsRequest:
    request = EditsRequest(DEFAULT_ACCOUNT_ID, (asset_id,), presets=("instagram_story", "tiktok"))
    return replace(request, **changes)


def picture_of(studio: PipelineSetup, slot: Slot) -> Image.Image:
    """The stored picture of a filled slot."""
    with studio.services.database.transaction() as session:
        asset = session.get_one(Asset, slot.asset_id)
    return Image.open(io.BytesIO(studio.services.storage.get(asset.storage_key)))


def test_quote_adds_up_what_each_slot_costs(fast_studio: PipelineSetup) -> None:
    edits, actor = fast_studio.services.edits, fast_studio.actor
    asset_id = uploaded(fast_studio)
    quote = edits.quote(actor, request_for(asset_id, background="remove"))
    assert (quote.picture_count, quote.price_credits, quote.problems) == (3, 5 + 1 + 1, ())
    assert quote.final_prompts == ()
    replaced = edits.quote(
        actor, request_for(asset_id, background="replace", background_prompt="a beach at noon.")
    )
    assert replaced.price_credits == 15 + 1 + 1
    assert replaced.final_prompts[0].text.startswith(
        "Replace the background with a beach at noon; keep the subject exactly as it is"
    )
    exports = edits.quote(actor, request_for(asset_id))
    assert (exports.price_credits, exports.cost_usd) == (2, 0.0)
    assert exports.seconds < quote.seconds
    assert any("will look soft" in warning for warning in exports.warnings)


def test_export_alone_needs_no_provider(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    request = request_for(uploaded(studio), presets=("shopee",), focus={})
    before = studio.creates()
    started = studio.services.edits.start(studio.actor, request, "form")
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    (slot,) = by_hand.slots(started.generation_id)
    picture = picture_of(studio, slot)
    assert (picture.size, picture.format) == ((1080, 1080), "JPEG")
    assert studio.creates() == before


def test_exports_are_cut_from_the_picture_without_its_background(drawing: ManualPipeline) -> None:
    by_hand, studio = drawing, drawing.studio
    asset_id = uploaded(studio)
    request = request_for(asset_id, background="remove", focus={asset_id: (0.1, 0.9)})
    started = studio.services.edits.start(studio.actor, request, "form")
    background, *exports = by_hand.slots(started.generation_id)
    assert background.role is SlotRole.BACKGROUND and background.prompt == ""
    assert [slot.state for slot in exports] == [SlotState.BLOCKED] * 2
    assert exports[0].options == {"preset": "instagram_story", "focus": [0.1, 0.9]}
    card = studio.services.generations.card(studio.actor, started.generation_id)
    assert [slot.label for slot in card.slots] == [
        "Background removed",
        "Instagram story",
        "TikTok",
    ]
    assert card.slots[1].waiting_for == "waits for the background"
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    background, *exports = by_hand.slots(started.generation_id)
    assert picture_of(studio, background).mode == "RGBA"
    for slot in exports:
        assert slot.input_asset_ids == [background.asset_id]
        picture = picture_of(studio, slot)
        assert (picture.size, picture.mode) == ((1080, 1920), "RGBA")
    gallery = studio.services.gallery
    became = gallery.picture(studio.actor, asset_id).children
    assert [child.title for child in became] == ["teal · Background removed"]
    assert {
        child.title for child in gallery.picture(studio.actor, background.asset_id or "").children
    } == {
        "teal · Instagram story",
        "teal · TikTok",
    }
    listed = gallery.page(studio.actor, kind=Kind.EDITS)
    assert len(listed.items) == 3


def test_words_reach_the_model_that_replaces(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    request = request_for(
        uploaded(studio), background="replace", background_prompt="a  beach ", presets=()
    )
    started = studio.services.edits.start(studio.actor, request, "form")
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    (slot,) = by_hand.slots(started.generation_id)
    (attempt,) = by_hand.attempts(started.generation_id)
    assert slot.prompt.startswith("Replace the background with a  beach; keep the subject")
    assert attempt.payload["input"]["prompt"] == slot.prompt
    assert attempt.model == studio.services.settings.replicate_background_model


def test_background_that_fails_takes_its_exports_along_and_all_is_paid_back(
    by_hand: ManualPipeline,
) -> None:
    studio = by_hand.studio
    before = by_hand.balance()
    studio.fault("refuse_output", times=None, model=CUTOUT)
    request = request_for(uploaded(studio), background="remove")
    started = studio.services.edits.start(studio.actor, request, "form")
    assert by_hand.balance() == before - 7
    assert by_hand.finish(started.generation_id) is GenerationState.FAILED
    slots = by_hand.slots(started.generation_id)
    assert [slot.failure for slot in slots[1:]] == ["parent_failed"] * 2
    assert by_hand.balance() == before


def test_pose_is_edited_under_its_own_name(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    asset_id = posed(by_hand)
    request = request_for(asset_id, presets=("instagram_post", "tiktok"))
    started = studio.services.edits.start(studio.actor, request, "form")
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    with studio.services.database.transaction() as session:
        generation = session.get_one(Generation, started.generation_id)
    assert generation.title == "Fennel: Waving · Instagram post, TikTok"
    assert generation.mascot_id is not None
    card = studio.services.generations.card(studio.actor, started.generation_id)
    assert [slot.label for slot in card.slots] == ["Waving · Instagram post", "Waving · TikTok"]
    detail = studio.services.gallery.picture(studio.actor, card.slots[1].asset_id or "")
    assert (detail.title, detail.edit) == ("Fennel: Waving · TikTok", "TikTok")
    assert detail.download_name == "fennel-waving-tiktok.jpg"
    assert (detail.model, detail.seed, detail.provider_seconds) == ("", None, None)
    assert [parent.title for parent in detail.parents] == ["Fennel: Waving"]


def test_several_pictures_have_distinct_titles(fast_studio: PipelineSetup) -> None:
    ids = (uploaded(fast_studio, "teal"), uploaded(fast_studio, "red"))
    request = request_for(ids[0], asset_ids=ids, background="remove", presets=("shopee",))
    started = fast_studio.services.edits.start(fast_studio.actor, request, "form")
    card = fast_studio.services.generations.card(fast_studio.actor, started.generation_id)
    assert card.title == "2 pictures · background removed, Shopee"
    assert [slot.label for slot in card.slots] == [
        "Picture 1 · Background removed",
        "Picture 1 · Shopee",
        "Picture 2 · Background removed",
        "Picture 2 · Shopee",
    ]
    fast_studio.assert_sound(started.generation_id)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"asset_ids": ()}, "1 to 40 pictures"),
        ({"asset_ids": ("ast_nobody",)}, "not there any more"),
        ({"asset_ids": tuple(f"ast_{n}" for n in range(41))}, "1 to 40 pictures"),
        ({"presets": ()}, "another background, a channel"),
        ({"presets": ("myspace",)}, "channels from the list"),
        ({"background": "blur"}, "what happens to the background"),
        ({"background": "replace"}, "say what should be behind"),
        ({"background": "replace", "background_prompt": "x" * 20_001}, "20,000 at most"),
        ({"account_id": "acc_nobody"}, "not there any more"),
    ],
)
def test_impossible_request_is_refused_before_any_charge(
    by_hand: ManualPipeline, changes: dict[str, Any], problem: str
) -> None:
    studio, before = by_hand.studio, by_hand.balance()
    request = request_for(uploaded(studio), **changes)
    quote = studio.services.edits.quote(studio.actor, request)
    assert any(problem in sentence for sentence in quote.problems), quote.problems
    with pytest.raises(InvalidRequestError, match=problem):
        studio.services.edits.start(studio.actor, request, "form")
    assert by_hand.balance() == before


def test_deleted_reference_is_not_edited(fast_studio: PipelineSetup) -> None:
    references, actor = fast_studio.services.references, fast_studio.actor
    reference_id = fast_studio.upload()
    with fast_studio.services.database.transaction() as session:
        asset_id = session.get_one(Reference, reference_id).asset_id
    references.delete_many(actor, [reference_id])
    quote = fast_studio.services.edits.quote(actor, request_for(asset_id))
    assert any("not there any more" in problem for problem in quote.problems)


def test_viewer_sees_the_price_and_starts_nothing(fast_studio: PipelineSetup) -> None:
    viewer = Actor(fast_studio.actor.id, "Guest", Role.VIEWER)
    request = request_for(uploaded(fast_studio))
    assert fast_studio.services.edits.quote(viewer, request).problems == ()
    with pytest.raises(NotAllowedError):
        fast_studio.services.edits.start(viewer, request, "form")


def test_local_provider_is_not_monitored(by_hand: ManualPipeline) -> None:
    overview = by_hand.studio.services.overview.read(by_hand.studio.actor)
    assert {view.name for view in overview.providers} == {"replicate", "gemini", "huggingface"}
    assert by_hand.provider("local").paused_at is None


def posed(by_hand: ManualPipeline) -> str:
    """The asset of a finished library pose."""
    studio = by_hand.studio
    request = PosesRequest(
        DEFAULT_ACCOUNT_ID,
        finished_mascot(studio.services),
        mode=PoseMode.GALLERY,
        pose_ids=("pose_waving",),
    )
    started = studio.services.poses.start(studio.actor, request, "pose")
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    return by_hand.slots(started.generation_id)[0].asset_id or ""
