"""What makes a character that character: three choices from small tables.

Each choice has colours of its own, so that a character can be recognised in its picture.
"""

from dataclasses import dataclass
from enum import StrEnum

Colour = tuple[int, int, int]


class Species(StrEnum):
    """The kinds of mascot."""

    FOX = "fox"
    BEAR = "bear"
    CAT = "cat"
    RABBIT = "rabbit"
    ROBOT = "robot"
    BIRD = "bird"
    DOG = "dog"
    DRAGON = "dragon"


class Outfit(StrEnum):
    """What a character wears, always in its accent colour."""

    SCARF = "scarf"
    BOW_TIE = "bow tie"
    BEANIE = "beanie"
    HEADPHONES = "headphones"
    BANDANA = "bandana"
    MEDAL = "medal"


def _rgb(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


PRIMARIES: dict[str, Colour] = {
    name: _rgb(code)
    for name, code in {
        "red": "E5484D",
        "coral": "FF7A5C",
        "orange": "F58A2B",
        "yellow": "F7BE3B",
        "lime": "A3CF4A",
        "green": "4CAF6A",
        "teal": "27A99B",
        "sky": "4FB8E3",
        "blue": "3F7DE0",
        "indigo": "4B55B8",
        "purple": "8C62D1",
        "pink": "F285B5",
        "magenta": "D2559F",
        "brown": "A0683F",
        "tan": "D9AE7B",
        "cream": "F3E2BF",
        "grey": "8E97A6",
        "silver": "DCE3EE",
        "charcoal": "4A4F5C",
        "mint": "8EDBB8",
        "lavender": "B9A2E8",
        "peach": "FFB38A",
        "gold": "D6A02B",
    }.items()
}

ACCENTS: dict[Species, tuple[Colour, Colour]] = {
    Species.FOX: (_rgb("2E4A7D"), _rgb("FFD166")),
    Species.BEAR: (_rgb("C8323C"), _rgb("2F8F83")),
    Species.CAT: (_rgb("7A3FA0"), _rgb("FFE08A")),
    Species.RABBIT: (_rgb("2B7FB8"), _rgb("E0607E")),
    Species.ROBOT: (_rgb("00C2D1"), _rgb("FF5A1F")),
    Species.BIRD: (_rgb("1F6E5A"), _rgb("E8E04A")),
    Species.DOG: (_rgb("D94F2B"), _rgb("3E9CC9")),
    Species.DRAGON: (_rgb("B5379A"), _rgb("FFB800")),
}

TRIMS: dict[Outfit, Colour] = {
    Outfit.SCARF: _rgb("1E2A5A"),
    Outfit.BOW_TIE: _rgb("4A1F4F"),
    Outfit.BEANIE: _rgb("16403A"),
    Outfit.HEADPHONES: _rgb("23252B"),
    Outfit.BANDANA: _rgb("4A2A1C"),
    Outfit.MEDAL: _rgb("5C1A2E"),
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` (0..1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def distance(one: Colour, other: Colour) -> float:
    """How different two colours look: weighted Euclid over RGB, 0..765."""
    red = (one[0] + other[0]) / 2
    weights = (2 + red / 256, 4.0, 2 + (255 - red) / 256)
    return float(sum(w * (a - b) ** 2 for w, a, b in zip(weights, one, other, strict=True)) ** 0.5)


def brightness(colour: Colour) -> float:
    """Perceived brightness, 0..1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


@dataclass(frozen=True)
class Traits:
    """One character; equal traits are drawn as the same character."""

    colour: str
    """A key of PRIMARIES."""
    species: Species
    outfit: Outfit

    @property
    def primary(self) -> Colour:
        """The colour of the coat."""
        return PRIMARIES[self.colour]

    @property
    def accent(self) -> Colour:
        """The colour of what it wears: the species' one with more contrast."""
        return max(ACCENTS[self.species], key=lambda accent: distance(accent, self.primary))

    @property
    def trim(self) -> Colour:
        """The dark colour of eyes, nose and shoes."""
        return TRIMS[self.outfit]

    @property
    def pale(self) -> Colour:
        """Belly and muzzle."""
        return mix(self.primary, (255, 250, 242), 0.72)

    @property
    def shade(self) -> Colour:
        """Limbs and whatever lies behind."""
        return mix(self.primary, self.trim, 0.16)

    @property
    def line(self) -> Colour:
        """The outline."""
        return mix(self.primary, self.trim, 0.72)
