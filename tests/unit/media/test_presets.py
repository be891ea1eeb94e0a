"""The part of a picture that a channel gets: inside it, of the channel's shape, around the focus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.media.exports import DEFAULT_FOCUS, PRESETS, Preset, crop_box, enlargement

SIDES = st.integers(1, 12_000)
SHARES = st.floats(0, 1)


@given(SIDES, SIDES, st.sampled_from(list(PRESETS.values())), SHARES, SHARES)
def test_box_is_inside_and_of_the_right_shape(
    width: int, height: int, preset: Preset, x: float, y: float
) -> None:
    left, top, right, bottom = crop_box(width, height, preset, (x, y))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    wide, high = right - left, bottom - top
    assert wide == width or high == height, "nothing larger fits"
    exact_wide = high * preset.width / preset.height
    exact_high = wide * preset.height / preset.width
    assert abs(wide - exact_wide) <= 1 or abs(high - exact_high) <= 1


@given(st.integers(50, 6000), st.integers(50, 6000), SHARES, SHARES)
def test_focus_stays_in_the_box(width: int, height: int, x: float, y: float) -> None:
    for preset in PRESETS.values():
        left, top, right, bottom = crop_box(width, height, preset, (x, y))
        assert left - 1 <= x * width <= right + 1
        assert top - 1 <= y * height <= bottom + 1


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((0.5, 0.5), (500, 0, 1500, 1000)),
        ((0.0, 0.5), (0, 0, 1000, 1000)),
        ((1.0, 0.5), (1000, 0, 2000, 1000)),
        ((0.4, 0.0), (300, 0, 1300, 1000)),
    ],
)
def test_focus_comes_to_the_middle_as_far_as_the_picture_reaches(
    focus: tuple[float, float], box: tuple[int, int, int, int]
) -> None:
    assert crop_box(2000, 1000, PRESETS["shopee"], focus) == box


def test_enlargement_is_that_of_the_cropped_area() -> None:
    shopee = PRESETS["shopee"]
    assert enlargement(2160, 3000, shopee) == 0.5
    assert enlargement(540, 3000, shopee) == 2.0


def test_sizes_are_the_channels_own_and_covered_areas_lie_inside() -> None:
    assert {preset.id: (preset.width, preset.height) for preset in PRESETS.values()} == {
        "instagram_post": (1080, 1350),
        "instagram_story": (1080, 1920),
        "tiktok": (1080, 1920),
        "shopee": (1080, 1080),
    }
    for preset in PRESETS.values():
        for area in preset.covered:
            assert 0 <= area.left < area.left + area.width <= 1
            assert 0 <= area.top < area.top + area.height <= 1
            assert area.by
    assert PRESETS["tiktok"].covered and PRESETS["instagram_story"].covered
    assert all(0 <= share <= 1 for share in DEFAULT_FOCUS)
