"""Near duplicates: found when changed or mirrored, inside one account, and never refused."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance, ImageOps

from services.references.cards import UploadVerdict
from tests.integration.references.shelf import VIEWER, Shelf
from tests.unit.media.drawn import scene

CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda picture: picture.resize((320, 240)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "cut": lambda picture: picture.crop((9, 7, 631, 473)),
}


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("change", list(CHANGES))
def test_changed_picture_is_kept_with_a_warning(
    shelf: Shelf, change: str, is_mirrored: bool
) -> None:
    first = shelf.add(1, "IMG_12.jpg")
    picture = CHANGES[change](scene(1))
    verdict = shelf.verdict(ImageOps.mirror(picture) if is_mirrored else picture, "again.png")
    assert verdict.is_accepted and not verdict.is_duplicate
    assert _alike(verdict) == ("IMG_12.jpg", is_mirrored)
    assert verdict.alike and verdict.alike.asset_id == first.asset_id
    assert len(shelf.names()) == 2


def test_both_pictures_tell_of_each_other(shelf: Shelf) -> None:
    first = shelf.add(1, "first.png")
    second = shelf.verdict(ImageOps.mirror(scene(1)), "second.png").reference
    assert second
    for card, other in ((first, second), (second, first)):
        found = shelf.service.detail(VIEWER, card.asset_id).alike
        assert [(alike.id, alike.is_mirrored) for alike in found] == [(other.id, True)]


def test_other_pictures_get_no_warning(shelf: Shelf) -> None:
    for number in range(4):
        assert shelf.verdict(scene(number), f"{number}.png").alike is None


def test_nearest_one_is_named(shelf: Shelf) -> None:
    shelf.verdict(CHANGES["cut"](scene(1)), "cut.png")
    shelf.verdict(CHANGES["smaller"](scene(1)), "smaller.png")
    assert _alike(shelf.verdict(scene(1), "whole.png")) == ("smaller.png", False)


def test_other_accounts_and_deleted_ones_are_not_named(shelf: Shelf) -> None:
    shelf.add(1, "elsewhere.png", shelf.account())
    shelf.delete(shelf.add(1, "deleted.png"))
    assert shelf.verdict(CHANGES["smaller"](scene(1))).alike is None


def test_plain_surfaces_are_not_compared(shelf: Shelf) -> None:
    verdicts = [shelf.verdict(Image.new("RGB", (200, 200), colour)) for colour in ("red", "blue")]
    assert [(verdict.alike, verdict.is_duplicate) for verdict in verdicts] == [(None, False)] * 2


def _alike(verdict: UploadVerdict) -> tuple[str, bool] | None:
    return (verdict.alike.filename, verdict.alike.is_mirrored) if verdict.alike else None
