"""Poses of the library: charged once, each slot with its pose, and refused before any charge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.container import build_services
from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import GenerationState, Kind, Role
from services.database.models import Asset, Generation, LedgerEntry, Pose, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.media.skeletons import control_picture, skeleton_of
from services.providers.base import FailureClass
from services.recipes.poses.request import PoseMode, PosesRequest
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import VERSION, file_body
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup

CHOSEN = ("pose_waving", "pose_running", "pose_sitting")


def request_for(studio: PipelineSetup, **changes: Any) -> PosesRequest:
    request = PosesRequest(
        DEFAULT_ACCOUNT_ID,
        finished_mascot(studio.services),
        mode=PoseMode.GALLERY,
        pose_ids=CHOSEN,
        batch_size=2,
    )
    return replace(request, **changes)


def slots_of(studio: PipelineSetup, generation_id: str) -> list[Slot]:
    query = select(Slot).where(Slot.generation_id == generation_id).order_by(Slot.position)
    with studio.services.database.transaction() as session:
        return list(session.scalars(query))


def poses_started(studio: PipelineSetup) -> int:
    query = select(func.count()).select_from(Generation).where(Generation.kind == Kind.POSES)
    with studio.services.database.transaction() as session:
        return session.scalars(query).one()


def archive(studio: PipelineSetup, pose_id: str) -> None:
    with studio.services.database.transaction() as session:
        session.execute(
            update(Pose).where(Pose.id == pose_id).values(archived_at=func.clock_timestamp())
        )


@contextmanager
def pipeline_with(studio: PipelineSetup, **changes: Any) -> Iterator[ManualPipeline]:
    """A pipeline and pages with other settings."""
    settings = studio.services.settings.model_copy(update=changes)
    services = build_services(settings)
    try:
        with open_manual_pipeline(replace(studio, services=services), settings) as opened:
            yield opened
    finally:
        services.database.close()


def test_start_charges_once_and_every_slot_knows_its_pose(fast_studio: PipelineSetup) -> None:
    poses, actor = fast_studio.services.poses, fast_studio.actor
    request = request_for(fast_studio, prompt="in the rain")
    quote = poses.quote(actor, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (6, 180, ())
    first = poses.start(actor, request, "form")
    assert poses.start(actor, request, "form").generation_id == first.generation_id
    slots = slots_of(fast_studio, first.generation_id)
    assert [slot.pose_id for slot in slots] == [pose for pose in CHOSEN for _ in range(2)]
    assert [slot.prompt for slot in slots[::2]] == [prompt.text for prompt in quote.final_prompts]
    assert slots[0].prompt.startswith("waving hello")
    assert ", in the rain. Fennel, a orange fox" in slots[0].prompt
    assert len({slot.seed for slot in slots}) == 6
    with fast_studio.services.database.transaction() as session:
        generation = session.get_one(Generation, first.generation_id)
        charged = session.scalars(
            select(LedgerEntry.amount).where(LedgerEntry.generation_id == first.generation_id)
        ).all()
    assert charged == [-180]
    assert generation.title == "Fennel: 3 poses × 2"
    assert generation.request["pose_ids"] == list(CHOSEN)
    fast_studio.assert_sound(first.generation_id)


def test_poses_run_through_and_are_called_by_their_names(by_hand: ManualPipeline) -> None:
    studio = by_hand.studio
    request = request_for(studio, pose_ids=("pose_waving", "pose_running"))
    started = studio.services.poses.start(studio.actor, request, "form")
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    card = studio.services.generations.card(studio.actor, started.generation_id)
    assert [slot.label for slot in card.slots] == [
        "Waving · 1",
        "Waving · 2",
        "Running · 1",
        "Running · 2",
    ]
    page = studio.services.gallery.page(studio.actor, kind=Kind.POSES)
    assert {item.title for item in page.items} == {"Fennel: Waving", "Fennel: Running"}
    detail = studio.services.gallery.picture(studio.actor, card.slots[0].asset_id or "")
    assert (detail.pose_name, detail.title) == ("Waving", "Fennel: Waving")
    assert [parent.title for parent in detail.parents] == ["Fennel · Full body"]
    with studio.services.database.transaction() as session:
        session.get_one(Asset, page.items[0].asset_id).deleted_at = func.clock_timestamp()
    left = studio.services.gallery.page(studio.actor, kind=Kind.POSES)
    assert (left.total, len(left.items)) == (page.total - 1, len(page.items) - 1)


@pytest.mark.parametrize("picture", ["ast_\0", "ast_\ud800", "", "a" * 5000, "../x", "ast_%00"])
def test_an_odd_id_in_the_address_finds_nothing(fast_studio: PipelineSetup, picture: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        fast_studio.services.gallery.picture(fast_studio.actor, picture)
    assert "\0" not in caught.value.sentence and len(caught.value.sentence) < 200
    with pytest.raises(NotFoundError):
        fast_studio.services.bulk.progress(fast_studio.actor, picture)


def test_one_picture_of_a_pose_needs_no_number(fast_studio: PipelineSetup) -> None:
    request = request_for(fast_studio, pose_ids=("pose_waving", "pose_running"), batch_size=1)
    started = fast_studio.services.poses.start(fast_studio.actor, request, "form")
    card = fast_studio.services.generations.card(fast_studio.actor, started.generation_id)
    assert [slot.label for slot in card.slots] == ["Waving", "Running"]
    assert card.title == "Fennel: 2 poses"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pose_ids": ()}, "No pose is chosen"),
        ({"pose_ids": ("pose_waving", "pose_nobody")}, "not in the library any more"),
        ({"pose_ids": ("pose_bowing",)}, "not in the library any more"),
        ({"batch_size": 5}, "1 to 4 pictures of each"),
        ({"prompt": "x" * 20_001}, "20,000 at most"),
        ({"mascot_id": "mas_nobody"}, "no picture yet"),
    ],
)
def test_impossible_request_is_refused_before_any_charge(
    fast_studio: PipelineSetup, changes: dict[str, Any], problem: str
) -> None:
    archive(fast_studio, "pose_bowing")
    request = request_for(fast_studio, **changes)
    quote = fast_studio.services.poses.quote(fast_studio.actor, request)
    assert any(problem in sentence for sentence in quote.problems), quote.problems
    with pytest.raises(InvalidRequestError, match=problem):
        fast_studio.services.poses.start(fast_studio.actor, request, "form")
    assert poses_started(fast_studio) == 0


def test_viewer_sees_library_and_price_and_starts_nothing(fast_studio: PipelineSetup) -> None:
    viewer = Actor(fast_studio.actor.id, "Guest", Role.VIEWER)
    request = request_for(fast_studio)
    assert len(fast_studio.services.pose_library.choices(viewer)) >= 24
    assert fast_studio.services.poses.quote(viewer, request).problems == ()
    with pytest.raises(NotAllowedError):
        fast_studio.services.poses.start(viewer, request, "form")


def test_archived_pose_leaves_the_form_and_stays_on_its_pictures(
    fast_studio: PipelineSetup,
) -> None:
    started = fast_studio.services.poses.start(fast_studio.actor, request_for(fast_studio), "form")
    archive(fast_studio, "pose_waving")
    choices = fast_studio.services.pose_library.choices(fast_studio.actor)
    assert "pose_waving" not in {pose.id for pose in choices}
    card = fast_studio.services.generations.card(fast_studio.actor, started.generation_id)
    assert card.slots[0].label == "Waving · 1"


def test_model_without_control_image_is_told_in_words_and_says_so(
    fast_studio: PipelineSetup,
) -> None:
    poses, actor = fast_studio.services.poses, fast_studio.actor
    request = request_for(fast_studio)
    assert "uses the pose's description only" in poses.quote(actor, request).note
    assert poses.quote(actor, replace(request, mode=PoseMode.TEXT, prompt="waving")).note == ""
    started = poses.start(actor, request, "form")
    stored = [slot.control_skeleton for slot in slots_of(fast_studio, started.generation_id)]
    assert stored == [None] * 6


def test_controlnet_pose_is_shown_the_skeleton_of_the_start(fast_studio: PipelineSetup) -> None:
    with pipeline_with(fast_studio, replicate_pose_model="jagilley/controlnet-pose") as by_hand:
        studio = by_hand.studio
        poses, actor = studio.services.poses, studio.actor
        request = request_for(studio, pose_ids=("pose_waving",), batch_size=1)
        (choice, *_) = poses.models(actor, DEFAULT_ACCOUNT_ID)
        assert choice.takes_control_image and choice.is_available
        assert "is shown each pose's skeleton" in poses.quote(actor, request).note
        started = poses.start(actor, request, "form")
        assert slots_of(studio, started.generation_id)[0].control_skeleton is not None
        assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
        (attempt,) = by_hand.attempts(started.generation_id)
        assert attempt.payload["input"]["image"].startswith(studio.simulator_url)
        words = replace(request, mode=PoseMode.TEXT, prompt="waving", pose_ids=())
        in_words = poses.start(actor, words, "words")
        assert by_hand.finish(in_words.generation_id) is GenerationState.SUCCEEDED
        assert slots_of(studio, in_words.generation_id)[0].control_skeleton is None


SCHEMA: dict[str, Any] = {
    "components": {
        "schemas": {
            "Input": {
                "required": ["prompt", "image"],
                "properties": {
                    "prompt": {"type": "string"},
                    "image": {"type": "string", "format": "uri"},
                    "control_image": {"type": "string", "format": "uri"},
                    "num_outputs": {"type": "integer", "maximum": 4},
                },
            }
        }
    }
}
UNLISTED = "acme/controlnet-poses"


def test_an_unlisted_model_is_asked_before_the_form_is_drawn(
    fast_studio: PipelineSetup, far_end: FarEnd
) -> None:
    version = {"id": VERSION, "openapi_schema": SCHEMA}
    far_end.on(f"GET /v1/models/{UNLISTED}", Answer(200, {"latest_version": version}))
    far_end.on("POST /v1/files", Answer(201, file_body(far_end.url)))
    changes = {"replicate_pose_model": UNLISTED, "replicate_base_url": far_end.url}
    with pipeline_with(fast_studio, **changes) as by_hand:
        studio = by_hand.studio
        request = request_for(studio, pose_ids=("pose_waving",), batch_size=1)
        (choice, *_) = studio.services.poses.models(studio.actor, DEFAULT_ACCOUNT_ID)
        assert choice.takes_control_image
        started = studio.services.poses.start(studio.actor, request, "form")
        skeleton = slots_of(studio, started.generation_id)[0].control_skeleton
        assert skeleton is not None
        by_hand.round()
        picture, drawn_skeleton = far_end.sent_to("POST /v1/files")
        assert control_picture(skeleton_of(skeleton)) in drawn_skeleton.content
        (sent,) = far_end.sent_to("POST /v1/predictions")
        assert {"image", "control_image"} <= set(sent.json["input"])
        assert picture.content != drawn_skeleton.content
        assert len(far_end.sent_to(f"GET /v1/models/{UNLISTED}")) == 2, "web and worker, once each"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(404, {"detail": "The requested resource could not be found."}), "cannot be used"),
        (Answer(200, {"latest_version": None}), "cannot be used"),
        (Answer(503, {"detail": "away"}), ""),
        (Answer(way="close"), ""),
    ],
    ids=["gone", "no version", "away", "closed"],
)
def test_a_model_that_cannot_be_asked_is_said_or_used_as_it_is(
    fast_studio: PipelineSetup, far_end: FarEnd, answer: Answer, problem: str
) -> None:
    far_end.on(f"GET /v1/models/{UNLISTED}", answer)
    changes = {"replicate_pose_model": UNLISTED, "replicate_base_url": far_end.url}
    with pipeline_with(fast_studio, **changes) as by_hand:
        poses, actor = by_hand.studio.services.poses, by_hand.studio.actor
        for _ in range(3):
            (choice, *_) = poses.models(actor, DEFAULT_ACCOUNT_ID)
        assert choice.is_available is not bool(problem)
        assert problem in choice.problem
        assert len(far_end.sent_to(f"GET /v1/models/{UNLISTED}")) == 1, "remembered for a while"


def test_a_skeleton_that_a_model_does_not_take_is_refused_and_refunded(
    by_hand: ManualPipeline,
) -> None:
    studio = by_hand.studio
    request = request_for(studio, pose_ids=("pose_waving",))
    before = by_hand.balance()
    started = studio.services.poses.start(studio.actor, request, "form")
    with studio.services.database.transaction() as session:
        skeleton = session.get_one(Pose, "pose_waving").skeleton
        session.execute(update(Slot).values(control_skeleton=skeleton))
    assert by_hand.finish(started.generation_id) is GenerationState.FAILED
    run = by_hand.run(started.generation_id)
    assert run.failure == FailureClass.BAD_INPUT
    assert "no input for a control image" in (run.failure_detail or "")
    assert by_hand.balance() == before
