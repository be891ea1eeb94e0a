"""What is looked at in the pictures of a training before it starts."""

from dataclasses import replace

import pytest

from services.media.archive import MOST_ARCHIVE_BYTES
from services.media.archive import estimated_bytes as bytes_in_archive
from services.media.measures import SharpnessVerdict
from services.recipes.training.data_set import (
    CheckState,
    ChosenPicture,
    DataSetCheck,
    data_set_checks,
    estimated_bytes,
)
from services.recipes.training.request import ModelTrainingRequest

OK, WARNING, PROBLEM = CheckState.OK, CheckState.WARNING, CheckState.PROBLEM


def picture(number: int, **changes: object) -> ChosenPicture:
    plain = ChosenPicture(
        f"ref_{number}",
        f"ast_{number}",
        f"{number}.png",
        2000,
        1500,
        900_000,
        SharpnessVerdict.SHARP,
        phash=0xFFFF << (number * 5),
        phash_mirrored=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def checked(
    pictures: list[ChosenPicture], captions: tuple[tuple[str, str], ...] = (), missing: int = 0
) -> dict[str, DataSetCheck]:
    ids = [one.reference_id for one in pictures] + [f"gone_{n}" for n in range(missing)]
    request = ModelTrainingRequest("acc_1", "Mira", reference_ids=tuple(ids), captions=captions)
    return {check.name: check for check in data_set_checks(request, pictures)}


@pytest.mark.parametrize(
    ("count", "missing", "state", "words"),
    [
        (0, 0, PROBLEM, "0 chosen; a training needs 5"),
        (4, 0, PROBLEM, "4 chosen; a training needs 5"),
        (5, 0, WARNING, "5 are enough"),
        (9, 0, WARNING, "9 are enough"),
        (10, 0, OK, "10 chosen"),
        (100, 0, OK, "100 chosen"),
        (101, 0, PROBLEM, "100 at most"),
        (10, 1, PROBLEM, "One that you chose was deleted"),
        (10, 2, PROBLEM, "2 that you chose were deleted"),
    ],
)
def test_number(count: int, missing: int, state: CheckState, words: str) -> None:
    found = checked([picture(n) for n in range(count)], missing=missing)["Pictures"]
    assert found.state is state
    assert words in found.sentence


def test_without_a_picture_there_is_one_check() -> None:
    assert list(checked([])) == ["Pictures"]


@pytest.mark.parametrize(
    ("side", "state"), [(255, PROBLEM), (256, WARNING), (1023, WARNING), (1024, OK)]
)
def test_shorter_side_decides(side: int, state: CheckState) -> None:
    found = checked([picture(1), picture(2, width=4000, height=side)])["Resolution"]
    assert found.state is state
    assert ("2.png" in found.sentence) is (state is not OK)


def test_many_names_are_cut_short() -> None:
    found = checked([picture(n, width=300) for n in range(7)])["Resolution"]
    assert "0.png, 1.png, 2.png and 4 more" in found.sentence


def test_blurred_pictures_are_named_and_soft_ones_are_not() -> None:
    soft = picture(1, sharpness=SharpnessVerdict.SOFT)
    blurred = picture(2, sharpness=SharpnessVerdict.BLURRED)
    assert checked([soft, picture(3, sharpness=None)])["Sharpness"].state is OK
    found = checked([soft, blurred])["Sharpness"]
    assert found.state is WARNING
    assert found.sentence.startswith("1 is blurred: 2.png")


@pytest.mark.parametrize(
    ("phash", "mirrored", "is_alike"),
    [
        (0b1111_1111, None, True),
        (0b1_1111_1111, None, False),
        (-1, 0, True),
        (-1, -1, False),
        (None, None, False),
    ],
)
def test_pictures_alike_differ_in_eight_bits_at_most_mirrored_or_not(
    phash: int | None, mirrored: int | None, is_alike: bool
) -> None:
    first = picture(1, phash=phash, phash_mirrored=mirrored)
    found = checked([first, picture(2, phash=0)])["Variety"]
    assert (found.state is WARNING) is is_alike
    assert ("1.png and 2.png look alike" in found.sentence) is is_alike


def test_negative_hashes_are_compared_as_bits() -> None:
    pair = [picture(1, phash=-(2**63)), picture(2, phash=-(2**63) + 3), picture(3, phash=0x7FFF)]
    assert "1.png and 2.png look alike." in checked(pair)["Variety"].sentence


def test_captions_that_are_too_long_are_refused_and_missing_ones_explained() -> None:
    pictures = [picture(1), picture(2)]
    too_long = (("ref_1", "x" * 1001), ("ref_2", "a lake"))
    assert checked(pictures, too_long)["Captions"].state is PROBLEM
    assert "1.png: longer than 1,000" in checked(pictures, too_long)["Captions"].sentence
    assert "The trainer writes 1" in checked(pictures, (("ref_1", "a"),))["Captions"].sentence
    all_given = (("ref_1", "a"), ("ref_2", "b"))
    assert checked(pictures, all_given)["Captions"].sentence == "Every picture has yours."


def test_captions_that_nobody_writes_are_a_warning() -> None:
    request = ModelTrainingRequest("acc_1", "Mira", reference_ids=("ref_1",))
    request = replace(request, parameters=(("autocaption", False),))
    found = {check.name: check for check in data_set_checks(request, [picture(1)])}["Captions"]
    assert found.state is WARNING


def test_archive_is_estimated_with_large_pictures_shrunk() -> None:
    large = picture(1, byte_count=12_000_000)
    small = picture(2, byte_count=500_000, width=1000, height=800)
    sizes = [bytes_in_archive(one.byte_count, one.width, one.height) for one in (large, small)]
    assert estimated_bytes([large, small]) == sum(sizes)
    assert sizes[0] < large.byte_count / 3
    fitting = MOST_ARCHIVE_BYTES // sizes[0]
    assert checked([large] * fitting)["Size"].state is OK
    assert checked([large] * (fitting + 1))["Size"].state is PROBLEM
