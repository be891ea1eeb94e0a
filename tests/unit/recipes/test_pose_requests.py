"""What a request on the poses page comes to: pictures, title, stored fields, and what is wrong with it."""

import pytest

from services.database.models import Mascot
from services.providers.base import ModelCapabilities
from services.recipes.poses.request import (
    PoseMode,
    PosesRequest,
    ResolvedPose,
    ResolvedPoses,
    Subject,
    problems_of,
)

CAN = ModelCapabilities("a/model", max_prompt_characters=100)
SUBJECT = Subject(Mascot(id="mas_1", name="Fennel", description="a fox"), "ast_1")


def gallery(*pose_ids: str, batch_size: int = 1, prompt: str = "") -> PosesRequest:
    return PosesRequest("acc_1", "mas_1", prompt, 7, PoseMode.GALLERY, pose_ids, batch_size)


def text(prompt: str = "waving", count: int = 4) -> PosesRequest:
    return PosesRequest("acc_1", "mas_1", prompt, count)


def resolved(
    request: PosesRequest, names: tuple[str, ...] = ("Waving",), words: int = 20
) -> ResolvedPoses:
    return ResolvedPoses(
        request, SUBJECT, tuple(ResolvedPose(name, "w" * words, name) for name in names)
    )


def test_gallery_makes_so_many_pictures_of_each_pose() -> None:
    assert gallery("a", "b", "c", batch_size=2).picture_count == 6
    assert text(count=4).picture_count == 4
    assert gallery(batch_size=4).picture_count == 0


def test_pose_that_was_chosen_twice_counts_once() -> None:
    request = gallery("b", "a", "b", batch_size=2).cleaned()
    assert (request.pose_ids, request.picture_count) == (("b", "a"), 4)


def test_only_the_fields_of_the_mode_are_stored() -> None:
    assert gallery("a", "b", batch_size=2, prompt="in rain").as_json() == {
        "account_id": "acc_1",
        "mascot_id": "mas_1",
        "source": "mascot",
        "model": "default",
        "mode": "gallery",
        "prompt": "in rain",
        "enhance": True,
        "pose_ids": ["a", "b"],
        "batch_size": 2,
    }
    assert text().as_json()["count"] == 4
    assert "pose_ids" not in text().as_json()


@pytest.mark.parametrize(
    ("names", "each", "title"),
    [
        (("Waving", "Running", "Sitting"), 2, "Fennel: 3 poses × 2"),
        (("Waving", "Running"), 1, "Fennel: 2 poses"),
        (("Waving",), 4, "Fennel: Waving × 4"),
        (("Waving",), 1, "Fennel: Waving"),
    ],
)
def test_title_names_what_is_made(names: tuple[str, ...], each: int, title: str) -> None:
    assert resolved(gallery(*names, batch_size=each), names).title(each) == title


def test_title_of_words_is_the_words_cut_to_a_line() -> None:
    assert resolved(text("waving " * 50)).title(4).startswith("Fennel: waving waving")
    assert len(resolved(text("waving " * 50)).title(4)) == 160


@pytest.mark.parametrize(
    ("request_", "found", "problem"),
    [
        (gallery(), (), "No pose is chosen"),
        (gallery("Waving", "gone"), ("Waving",), "not in the library any more"),
        (gallery("Waving", batch_size=0), ("Waving",), "1 to 4 pictures of each"),
        (gallery("Waving", batch_size=5), ("Waving",), "1 to 4 pictures of each"),
        (
            gallery(*map(str, range(16)), batch_size=4),
            tuple(map(str, range(16))),
            "16 poses × 4 are 64 pictures; one start makes 60 at most",
        ),
        (text(count=21), ("Pose",), "1 to 20"),
        (text(" "), ("Pose",), "pose is empty"),
    ],
)
def test_impossible_request_has_problems(
    request_: PosesRequest, found: tuple[str, ...], problem: str
) -> None:
    problems = problems_of(request_, resolved(request_, found), CAN)
    assert any(problem in sentence for sentence in problems), problems


def test_sixty_pictures_are_allowed() -> None:
    names = tuple(map(str, range(15)))
    request = gallery(*names, batch_size=4)
    assert problems_of(request, resolved(request, names), CAN) == []


def test_longest_prompt_counts_against_the_model_s_limit() -> None:
    request = gallery("Waving")
    problems = problems_of(request, resolved(request, words=101), CAN)
    assert problems == ["The pose has 101 characters; a/model reads 100 at most. Shorten it."]


def test_mascot_without_a_picture_is_the_first_problem() -> None:
    request = gallery()
    problems = problems_of(request, ResolvedPoses(request, None, ()), CAN)
    assert "no picture yet" in problems[0]
