"""Near duplicates: found when changed or mirrored, inside one account, and never refused."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance, ImageOps

from services.references.summaries import UploadVerdict
from tests.integration.references.reference_setup import VIEWER, ReferenceSetup
from tests.unit.media.drawn import scene

CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda picture: picture.resize((320, 240)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "cut": lambda picture: picture.crop((9, 7, 631, 473)),
}


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("change", list(CHANGES))
def test_similar_picture_is_stored_with_a_warning(
    setup: ReferenceSetup, change: str, is_mirrored: bool
) -> None:
    first = setup.add(1, "IMG_12.jpg")
    picture = CHANGES[change](scene(1))
    verdict = setup.verdict(ImageOps.mirror(picture) if is_mirrored else picture, "again.png")
    assert verdict.is_accepted and not verdict.is_duplicate
    assert _alike(verdict) == ("IMG_12.jpg", is_mirrored)
    assert verdict.similar and verdict.similar.asset_id == first.asset_id
    assert len(setup.names()) == 2


def test_both_pictures_tell_of_each_other(setup: ReferenceSetup) -> None:
    first = setup.add(1, "first.png")
    second = setup.verdict(ImageOps.mirror(scene(1)), "second.png").reference
    assert second
    for card, other in ((first, second), (second, first)):
        found = setup.service.detail(VIEWER, card.asset_id).similar
        assert [(it.id, it.is_mirrored) for it in found] == [(other.id, True)]


def test_other_pictures_get_no_warning(setup: ReferenceSetup) -> None:
    for number in range(4):
        assert setup.verdict(scene(number), f"{number}.png").similar is None


def test_nearest_one_is_named(setup: ReferenceSetup) -> None:
    setup.verdict(CHANGES["cut"](scene(1)), "cut.png")
    setup.verdict(CHANGES["smaller"](scene(1)), "smaller.png")
    assert _alike(setup.verdict(scene(1), "whole.png")) == ("smaller.png", False)


def test_other_accounts_and_deleted_ones_are_not_named(setup: ReferenceSetup) -> None:
    setup.add(1, "elsewhere.png", setup.account())
    setup.delete(setup.add(1, "deleted.png"))
    assert setup.verdict(CHANGES["smaller"](scene(1))).similar is None


def test_plain_surfaces_are_not_compared(setup: ReferenceSetup) -> None:
    verdicts = [setup.verdict(Image.new("RGB", (200, 200), colour)) for colour in ("red", "blue")]
    assert [(verdict.similar, verdict.is_duplicate) for verdict in verdicts] == [(None, False)] * 2


def _alike(verdict: UploadVerdict) -> tuple[str, bool] | None:
    return (verdict.similar.filename, verdict.similar.is_mirrored) if verdict.similar else None
