"""Reads a prompt's words: colour, species, stance, framing and the side that is seen."""

import re
from dataclasses import dataclass
from enum import StrEnum

from simulator.drawing.stances import STANCE_WORDS
from simulator.drawing.traits import PRIMARIES, Species


class Framing(StrEnum):
    """How much of the character a picture shows."""

    FULL_BODY = "full body"
    BUST = "bust"
    ICON = "icon"


class Facing(StrEnum):
    """From where the character is seen."""

    FRONT = "front"
    SIDE = "side"
    REAR = "rear"


_COLOUR_WORDS = {
    "crimson": "red",
    "scarlet": "red",
    "salmon": "coral",
    "amber": "yellow",
    "emerald": "green",
    "turquoise": "teal",
    "cyan": "sky",
    "azure": "sky",
    "cobalt": "blue",
    "navy": "indigo",
    "violet": "purple",
    "rose": "pink",
    "fuchsia": "magenta",
    "chocolate": "brown",
    "beige": "tan",
    "sand": "tan",
    "ivory": "cream",
    "gray": "grey",
    "white": "silver",
    "black": "charcoal",
    "lilac": "lavender",
    "apricot": "peach",
    "golden": "gold",
}
_SPECIES_WORDS = {
    "wolf": Species.FOX,
    "raccoon": Species.FOX,
    "squirrel": Species.FOX,
    "panda": Species.BEAR,
    "koala": Species.BEAR,
    "teddy": Species.BEAR,
    "kitten": Species.CAT,
    "tiger": Species.CAT,
    "lion": Species.CAT,
    "bunny": Species.RABBIT,
    "hare": Species.RABBIT,
    "android": Species.ROBOT,
    "droid": Species.ROBOT,
    "machine": Species.ROBOT,
    "owl": Species.BIRD,
    "penguin": Species.BIRD,
    "parrot": Species.BIRD,
    "duck": Species.BIRD,
    "chick": Species.BIRD,
    "puppy": Species.DOG,
    "hound": Species.DOG,
    "dinosaur": Species.DRAGON,
    "lizard": Species.DRAGON,
    "frog": Species.DRAGON,
}
_FRAMINGS = (
    (Framing.ICON, ("icon", "app tile", "favicon")),
    (Framing.FULL_BODY, ("full body", "full-body", "whole body", "head to toe")),
    (
        Framing.BUST,
        (
            "avatar",
            "head and shoulders",
            "head-and-shoulders",
            "portrait",
            "headshot",
            "bust",
            "close-up",
        ),
    ),
)
_FACINGS = (
    (
        Facing.REAR,
        ("rear view", "from behind", "back view", "seen from the back", "viewed from the back"),
    ),
    (Facing.SIDE, ("side view", "profile", "from the side", "three-quarter", "3/4")),
)


@dataclass(frozen=True)
class Reading:
    """What a prompt requests of the picture; None where it requests nothing."""

    colour: str | None
    species: Species | None
    stance: str
    framing: Framing
    facing: Facing


def read_prompt(prompt: str) -> Reading:
    """Understand a prompt; the earliest colour and species count."""
    text = prompt.lower()
    words = re.findall(r"[a-z]+", text)
    colours = {name: name for name in PRIMARIES} | _COLOUR_WORDS
    kinds = {kind.value: kind for kind in Species} | _SPECIES_WORDS
    return Reading(
        colour=next((colours[word] for word in words if word in colours), None),
        species=next(
            (kinds[word.removesuffix("s")] for word in words if word.removesuffix("s") in kinds),
            None,
        ),
        stance=_stance(text),
        framing=next(
            (framing for framing, signs in _FRAMINGS if _says(text, signs)), Framing.FULL_BODY
        ),
        facing=next((facing for facing, signs in _FACINGS if _says(text, signs)), Facing.FRONT),
    )


def _says(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text for sign in signs)


def _stance(text: str) -> str:
    """The stance whose word comes first in the text."""
    found = [
        (match.start(), name)
        for name, pattern in STANCE_WORDS.items()
        if (match := re.search(rf"\b(?:{pattern})", text)) is not None
    ]
    return min(found)[1] if found else "standing"
