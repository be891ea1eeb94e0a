"""Looks at a subject's picture: recognises our own characters, and reads a photo's colours."""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

from PIL import ExifTags, Image, UnidentifiedImageError

from simulator.drawing.traits import (
    ACCENTS,
    PRIMARIES,
    TRIMS,
    Colour,
    Outfit,
    Species,
    Traits,
    brightness,
    distance,
)

SAMPLE_SIDE = 192
_FIRST_LYING = 5
_SAME_COLOUR = 6
_FLAT = 4
_FOLLOWERS = 2
_LEAST_COAT = 0.03
_LEAST_DETAIL = 0.0008
_PALETTE = 8
_NAMES = {colour: name for name, colour in PRIMARIES.items()}
_OUTFITS = {colour: outfit for outfit, colour in TRIMS.items()}
_SPECIES_OF_ACCENT = {colour: species for species, pair in ACCENTS.items() for colour in pair}


@dataclass(frozen=True)
class SubjectFacts:
    """The character that a subject's picture shows or represents."""

    traits: Traits
    tint: Colour | None
    """A photo's second colour, for the background; None for our own drawings."""
    digest: str
    """Hash of the picture's bytes."""
    size: tuple[int, int] = (1024, 1024)
    """The picture's width and height, upright."""
    backdrop: str = ""
    """Hash of a second picture, to be drawn behind the subject."""


def read_subject(content: bytes) -> SubjectFacts | None:
    """Read a picture; None when it is not one."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            size = upright_size(image)
            image.draft("RGB", (SAMPLE_SIDE * 2, SAMPLE_SIDE * 2))
            sample = flattened(image).resize((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.NEAREST)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    digest = hashlib.sha256(content).hexdigest()
    traits = recognised(sample)
    if traits is not None:
        return SubjectFacts(traits, None, digest, size)
    return replace(facts_of_photo(sample, digest), size=size)


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height once the camera's orientation is applied."""
    width, height = image.size
    is_lying = image.getexif().get(ExifTags.Base.Orientation, 1) >= _FIRST_LYING
    return (height, width) if is_lying else (width, height)


def flattened(image: Image.Image) -> Image.Image:
    """Without transparency: what is clear becomes white."""
    if image.mode not in ("RGBA", "LA", "PA", "P"):
        return image.convert("RGB")
    layers = image.convert("RGBA")
    white = Image.new("RGBA", layers.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layers).convert("RGB")


def recognised(sample: Image.Image) -> Traits | None:
    """The character in one of our own drawings, recognised by its colours; None for other pictures."""
    counts = _colour_counts(sample)
    total = sample.width * sample.height
    coats = _seen(counts, PRIMARIES.values(), total * _LEAST_COAT)
    trims = _seen(counts, TRIMS.values(), total * _LEAST_DETAIL)
    accents = _seen(counts, _SPECIES_OF_ACCENT, total * _LEAST_DETAIL)
    best, best_score = None, 0.0
    for coat, accent, trim in product(coats, accents, trims):
        traits = Traits(_NAMES[coat], _SPECIES_OF_ACCENT[accent], _OUTFITS[trim])
        if traits.accent != accent:
            continue
        # A background may hold a coat's colour, but never its belly and limbs as well.
        followers = _seen(counts, (traits.pale, traits.shade), total * _LEAST_DETAIL)
        score = sum(followers.values()) + coats[coat] + accents[accent] + trims[trim]
        if len(followers) == _FOLLOWERS and score > best_score:
            best, best_score = traits, score
    return best


def _colour_counts(sample: Image.Image) -> Counter[Colour]:
    """How often each colour occurs, without the rare ones, of which photos have thousands."""
    found = sample.getcolors(sample.width * sample.height) or []
    counts: Counter[Colour] = Counter()
    for count, colour in found:
        if count >= _FLAT and isinstance(colour, tuple):
            counts[(colour[0], colour[1], colour[2])] += count
    return counts


def _seen(counts: Counter[Colour], candidates: Iterable[Colour], least: float) -> dict[Colour, int]:
    """How many pixels show each candidate colour, for those that at least `least` pixels show."""
    seen = {
        candidate: sum(count for colour, count in counts.items() if _is_close(colour, candidate))
        for candidate in candidates
    }
    return {colour: count for colour, count in seen.items() if count >= least}


def _is_close(one: Colour, other: Colour) -> bool:
    return (
        max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2])) <= _SAME_COLOUR
    )


def facts_of_photo(sample: Image.Image, digest: str) -> SubjectFacts:
    """A character in the photo's colours; its species and outfit come from the photo's hash."""
    palette = _palette(sample)
    coat = _nearest_primary(max(palette, key=_coat_score)[0])
    number = int(digest[:12], 16)
    species = list(Species)[number % len(Species)]
    outfit = list(Outfit)[number // 64 % len(Outfit)]
    tint = max(palette, key=lambda entry: entry[1])[0]
    return SubjectFacts(Traits(coat, species, outfit), tint, digest)


def _palette(sample: Image.Image) -> list[tuple[Colour, int]]:
    """The photo's main colours with their counts; the middle counts twice."""
    side = sample.width
    middle = sample.crop((side // 4, side // 4, side * 3 // 4, side * 3 // 4)).resize(sample.size)
    both = Image.new("RGB", (side, side * 2))
    both.paste(sample, (0, 0))
    both.paste(middle, (0, side))
    flat = both.quantize(_PALETTE, Image.Quantize.MEDIANCUT)
    values = flat.getpalette() or []
    counts = flat.getcolors() or []
    return [
        ((values[3 * at], values[3 * at + 1], values[3 * at + 2]), count)
        for count, at in counts
        if isinstance(at, int)
    ]


def _coat_score(entry: tuple[Colour, int]) -> float:
    """Prefers colours that are lively and neither black nor white."""
    colour, count = entry
    liveliness = (max(colour) - min(colour)) / 255
    middling = 1 - abs(brightness(colour) - 0.55)
    return float(count**0.5 * (0.15 + liveliness) * middling)


def _nearest_primary(colour: Colour) -> str:
    return min(PRIMARIES, key=lambda name: distance(PRIMARIES[name], colour))
