"""Poses of the library: charged once, each slot with its pose, and refused before any charge."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError
from services.core.states import GenerationState, Kind, Role
from services.database.models import Generation, LedgerEntry, Pose, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.media.skeletons import control_picture, skeleton_of
from services.providers.base import FailureClass, ModelCapabilities, PictureRequest, PreparedRequest
from services.providers.replicate.provider import ReplicateProvider
from services.recipes.poses.request import PoseMode, PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.by_hand import ByHand
from tests.integration.pipeline.studio import Studio

CHOSEN = ("pose_waving", "pose_running", "pose_sitting")


def wish(studio: Studio, **changes: Any) -> PosesRequest:
    request = PosesRequest(
        DEFAULT_ACCOUNT_ID,
        finished_mascot(studio.services),
        mode=PoseMode.GALLERY,
        pose_ids=CHOSEN,
        batch_size=2,
    )
    return replace(request, **changes)


def slots_of(studio: Studio, generation_id: str) -> list[Slot]:
    query = select(Slot).where(Slot.generation_id == generation_id).order_by(Slot.position)
    with studio.services.database.transaction() as session:
        return list(session.scalars(query))


def poses_started(studio: Studio) -> int:
    query = select(func.count()).select_from(Generation).where(Generation.kind == Kind.POSES)
    with studio.services.database.transaction() as session:
        return session.scalars(query).one()


def archive(studio: Studio, pose_id: str) -> None:
    with studio.services.database.transaction() as session:
        session.execute(
            update(Pose).where(Pose.id == pose_id).values(archived_at=func.clock_timestamp())
        )


def with_control_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the pose model took a control image."""
    real = ReplicateProvider.capabilities

    def capabilities(provider: ReplicateProvider, model: str) -> ModelCapabilities:
        return replace(real(provider, model), takes_control_image=True)

    monkeypatch.setattr(ReplicateProvider, "capabilities", capabilities)


def test_start_charges_once_and_every_slot_knows_its_pose(fast_studio: Studio) -> None:
    poses, actor = fast_studio.services.poses, fast_studio.actor
    request = wish(fast_studio, prompt="in the rain")
    quote = poses.quote(actor, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (6, 180, ())
    first = poses.start(actor, request, "form")
    assert poses.start(actor, request, "form").generation_id == first.generation_id
    slots = slots_of(fast_studio, first.generation_id)
    assert [slot.pose_id for slot in slots] == [pose for pose in CHOSEN for _ in range(2)]
    assert [slot.prompt for slot in slots[::2]] == [told.text for told in quote.final_prompts]
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


def test_poses_run_through_and_are_called_by_their_names(by_hand: ByHand) -> None:
    studio = by_hand.studio
    request = wish(studio, pose_ids=("pose_waving", "pose_running"))
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


def test_one_picture_of_a_pose_needs_no_number(fast_studio: Studio) -> None:
    request = wish(fast_studio, pose_ids=("pose_waving", "pose_running"), batch_size=1)
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
def test_wish_that_cannot_be_made_is_refused_before_any_charge(
    fast_studio: Studio, changes: dict[str, Any], problem: str
) -> None:
    archive(fast_studio, "pose_bowing")
    request = wish(fast_studio, **changes)
    quote = fast_studio.services.poses.quote(fast_studio.actor, request)
    assert any(problem in told for told in quote.problems), quote.problems
    with pytest.raises(InvalidRequestError, match=problem):
        fast_studio.services.poses.start(fast_studio.actor, request, "form")
    assert poses_started(fast_studio) == 0


def test_viewer_sees_library_and_price_and_starts_nothing(fast_studio: Studio) -> None:
    viewer = Actor(fast_studio.actor.id, "Guest", Role.VIEWER)
    request = wish(fast_studio)
    assert len(fast_studio.services.pose_library.choices(viewer)) >= 24
    assert fast_studio.services.poses.quote(viewer, request).problems == ()
    with pytest.raises(NotAllowedError):
        fast_studio.services.poses.start(viewer, request, "form")


def test_archived_pose_leaves_the_form_and_stays_on_its_pictures(fast_studio: Studio) -> None:
    started = fast_studio.services.poses.start(fast_studio.actor, wish(fast_studio), "form")
    archive(fast_studio, "pose_waving")
    choices = fast_studio.services.pose_library.choices(fast_studio.actor)
    assert "pose_waving" not in {pose.id for pose in choices}
    card = fast_studio.services.generations.card(fast_studio.actor, started.generation_id)
    assert card.slots[0].label == "Waving · 1"


def test_model_without_control_image_is_told_in_words_and_says_so(fast_studio: Studio) -> None:
    poses, actor = fast_studio.services.poses, fast_studio.actor
    request = wish(fast_studio)
    assert "uses the pose's description only" in (poses.quote(actor, request).note)
    assert poses.quote(actor, replace(request, mode=PoseMode.TEXT, prompt="waving")).note == ""
    started = poses.start(actor, request, "form")
    kept = [slot.control_skeleton for slot in slots_of(fast_studio, started.generation_id)]
    assert kept == [None] * 6


def test_model_with_control_image_gets_the_skeleton_of_the_start(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_control_image(monkeypatch)
    studio, asked = by_hand.studio, list[PictureRequest]()
    request = wish(studio, pose_ids=("pose_waving",), batch_size=1)
    assert (
        "is shown each pose's skeleton" in studio.services.poses.quote(studio.actor, request).note
    )
    started = studio.services.poses.start(studio.actor, request, "form")
    real = ReplicateProvider.prepare

    def prepare(provider: ReplicateProvider, given: PictureRequest) -> PreparedRequest:
        asked.append(given)
        return real(provider, replace(given, control_image=None))

    monkeypatch.setattr(ReplicateProvider, "prepare", prepare)
    skeleton = slots_of(studio, started.generation_id)[0].control_skeleton
    assert skeleton is not None
    with studio.services.database.transaction() as session:
        session.get_one(Pose, "pose_waving").skeleton = {"keypoints": [[0.5, 0.5]] * 18}
    assert by_hand.finish(started.generation_id) is GenerationState.SUCCEEDED
    assert asked[0].control_image is not None
    assert asked[0].control_image.content == control_picture(skeleton_of(skeleton))
    assert asked[0].control_image.content_type == "image/png"


def test_control_image_that_a_model_does_not_take_is_refused_and_paid_back(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_control_image(monkeypatch)
    studio = by_hand.studio
    request = wish(studio, pose_ids=("pose_waving",))
    before = by_hand.balance()
    started = studio.services.poses.start(studio.actor, request, "form")
    assert by_hand.finish(started.generation_id) is GenerationState.FAILED
    run = by_hand.run(started.generation_id)
    assert run.failure == FailureClass.BAD_INPUT
    assert "takes no control image" in (run.failure_detail or "")
    assert by_hand.balance() == before
