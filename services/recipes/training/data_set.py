"""The pictures of a training and the checks on them before anything is charged."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.database.models import Asset, Reference
from services.media.archive import MOST_ARCHIVE_BYTES, MOST_CAPTION_CHARACTERS
from services.media.archive import estimated_bytes as bytes_in_archive
from services.media.measures import SharpnessVerdict, sharpness_verdict
from services.recipes.training.request import ModelTrainingRequest

MIN_PICTURES, GOOD, MAX_PICTURES = 5, 10, 100
TINY, SMALL = 256, 1024
SIMILAR_BITS = 8
_NAMED = 3
_HASH = (1 << 64) - 1


class CheckState(StrEnum):
    """The result of a check; a problem prevents the start."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class DataSetCheck:
    """One check in words, with what to do where it failed."""

    name: str
    state: CheckState
    sentence: str


@dataclass(frozen=True)
class ChosenPicture:
    """A chosen reference and its picture's measures."""

    reference_id: str
    asset_id: str
    filename: str
    width: int
    height: int
    byte_count: int
    sharpness: SharpnessVerdict | None
    phash: int | None
    phash_mirrored: int | None
    thumbnail_key: str = ""


def chosen_pictures(session: Session, request: ModelTrainingRequest) -> tuple[ChosenPicture, ...]:
    """Return the chosen references that still exist, in the order of choosing."""
    rows = session.execute(
        select(Reference, Asset)
        .join(Asset, Asset.id == Reference.asset_id)
        .where(
            Reference.id.in_(request.reference_ids),
            Reference.account_id == request.account_id,
            Reference.deleted_at.is_(None),
        )
    )
    found = {reference.id: _picture(reference, asset) for reference, asset in rows}
    return tuple(found[chosen] for chosen in request.reference_ids if chosen in found)


def data_set_checks(
    request: ModelTrainingRequest, pictures: Sequence[ChosenPicture]
) -> tuple[DataSetCheck, ...]:
    """Return all checks in the order shown; without a picture only their number."""
    if not pictures:
        return (_number(request, pictures),)
    return (
        _number(request, pictures),
        _resolution(pictures),
        _sharpness(pictures),
        _variety(pictures),
        _captions(request, pictures),
        _size(pictures),
    )


def estimated_bytes(pictures: Sequence[ChosenPicture]) -> int:
    """Return the archive's maximum size, so that what passes here passes later."""
    return sum(
        bytes_in_archive(picture.byte_count, picture.width, picture.height) for picture in pictures
    )


def _number(request: ModelTrainingRequest, pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    count, gone = len(pictures), len(request.reference_ids) - len(pictures)
    name = "Pictures"
    if gone:
        which = "One that you chose was" if gone == 1 else f"{gone} that you chose were"
        return _problem(name, f"{which} deleted, or belongs to another account. Choose again.")
    if count < MIN_PICTURES:
        return _problem(
            name, f"{count} chosen; a training needs {MIN_PICTURES} at least. Choose more."
        )
    if count > MAX_PICTURES:
        return _problem(
            name, f"{count} chosen; one training takes {MAX_PICTURES} at most. Take some away."
        )
    if count < GOOD:
        return _warning(name, f"{count} are enough to begin; {GOOD} to 20 give a better likeness.")
    return _ok(name, f"{count} chosen.")


def _resolution(pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    name = "Resolution"
    sides = {picture: min(picture.width, picture.height) for picture in pictures}
    tiny = [picture for picture, side in sides.items() if side < TINY]
    if tiny:
        return _problem(
            name,
            f"{_named(tiny)}: below {TINY} pixels. Take away what is so small, or upload it larger.",
        )
    small = [picture for picture, side in sides.items() if side < SMALL]
    if small:
        return _warning(
            name, f"{_named(small)}: below {SMALL:,} pixels. Larger ones teach finer detail."
        )
    return _ok(name, f"All have {SMALL:,} pixels or more on their shorter side.")


def _sharpness(pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    name = "Sharpness"
    blurred = [one for one in pictures if one.sharpness is SharpnessVerdict.BLURRED]
    if not blurred:
        return _ok(name, "None is blurred.")
    count = "1 is blurred" if len(blurred) == 1 else f"{len(blurred)} are blurred"
    return _warning(
        name, f"{count}: {_named(blurred)}. The model learns the blur too; take sharper ones."
    )


def _variety(pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    name = "Variety"
    pairs = [pair for pair in combinations(pictures, 2) if _are_similar(*pair)]
    if not pairs:
        return _ok(name, "No two look alike.")
    first, second = pairs[0]
    more = f", and {len(pairs) - 1} more pairs" if len(pairs) > 2 else ""
    more = ", and one more pair" if len(pairs) == 2 else more
    return _warning(
        name,
        f"{first.filename} and {second.filename} look alike{more}."
        " Keep one of them: what is repeated is learnt by heart.",
    )


def _captions(request: ModelTrainingRequest, pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    name = "Captions"
    given = dict(request.captions)
    too_long = [
        one for one in pictures if len(given.get(one.reference_id, "")) > MOST_CAPTION_CHARACTERS
    ]
    if too_long:
        return _problem(
            name,
            f"{_named(too_long)}: longer than {MOST_CAPTION_CHARACTERS:,} characters. Shorten it.",
        )
    empty = sum(one.reference_id not in given for one in pictures)
    if not empty:
        return _ok(name, "Every picture has yours.")
    if request.sent.get("autocaption"):
        return _ok(name, f"The trainer writes {empty}; you see them in its log.")
    return _warning(
        name, f"{empty} have none, and the trainer writes none. Write them, or let it write."
    )


def _size(pictures: Sequence[ChosenPicture]) -> DataSetCheck:
    name = "Size"
    about = estimated_bytes(pictures)
    size = f"{about / 1_000_000:,.1f} MB to send at most"
    if about > MOST_ARCHIVE_BYTES:
        most = MOST_ARCHIVE_BYTES // 1_000_000
        return _problem(name, f"{size}; the provider takes {most} MB. Choose fewer pictures.")
    return _ok(name, f"{size}.")


def _are_similar(one: ChosenPicture, other: ChosenPicture) -> bool:
    """Mirrored ones too."""
    if one.phash is None or other.phash is None:
        return False
    hashes = [one.phash, one.phash if one.phash_mirrored is None else one.phash_mirrored]
    return any(((mine ^ other.phash) & _HASH).bit_count() <= SIMILAR_BITS for mine in hashes)


def _named(pictures: Sequence[ChosenPicture]) -> str:
    names = ", ".join(picture.filename for picture in pictures[:_NAMED])
    left = len(pictures) - _NAMED
    return f"{names} and {left} more" if left > 0 else names


def _picture(reference: Reference, asset: Asset) -> ChosenPicture:
    measure = None if reference.sharpness < 0 else reference.sharpness
    return ChosenPicture(
        reference_id=reference.id,
        asset_id=asset.id,
        filename=reference.filename,
        width=asset.width,
        height=asset.height,
        byte_count=asset.byte_count,
        sharpness=sharpness_verdict(measure),
        phash=reference.phash,
        phash_mirrored=reference.phash_mirrored,
        thumbnail_key=asset.thumbnail_key,
    )


def _ok(name: str, sentence: str) -> DataSetCheck:
    return DataSetCheck(name, CheckState.OK, sentence)


def _warning(name: str, sentence: str) -> DataSetCheck:
    return DataSetCheck(name, CheckState.WARNING, sentence)


def _problem(name: str, sentence: str) -> DataSetCheck:
    return DataSetCheck(name, CheckState.PROBLEM, sentence)
