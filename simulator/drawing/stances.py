"""How a character holds itself: where elbows, hands, knees and feet are.

Units: a thousandth of the picture's side. A limb is (elbow x, y, hand x, y) from its shoulder or
hip; x is positive away from the body on either side, y downwards.
"""

from dataclasses import dataclass

Limb = tuple[float, float, float, float]

_DOWN: Limb = (40, 70, 34, 146)
_HIP: Limb = (112, 48, 18, 112)
_UP: Limb = (118, -12, 152, -152)
_WAVE: Limb = (124, 16, 172, -118)
_OUT: Limb = (90, 12, 178, -30)
_CROSS: Limb = (28, 84, -128, 58)
_CHIN: Limb = (46, 96, -64, -22)
_FIST: Limb = (62, 62, 40, -28)
_TOGETHER: Limb = (42, 88, -74, 42)
_SWING_FRONT: Limb = (46, 66, -38, 66)
_SWING_BACK: Limb = (92, 30, 126, 96)
_SHRUG: Limb = (74, 78, 154, 26)
_SALUTE: Limb = (150, -30, 62, -176)
_KNEE_REST: Limb = (62, 76, 40, 128)

_HIDDEN: Limb = (66, 66, 4, 124)
_SPREAD: Limb = (92, 14, 174, -22)
_LOOSE: Limb = (58, 68, 74, 132)
_KEYS: Limb = (72, 66, -22, 92)
_EAR: Limb = (98, 34, 62, -92)
_CHEEK: Limb = (98, 54, 30, -58)
_OVERHEAD: Limb = (124, -26, 108, -196)
_GUARD: Limb = (82, 56, -20, -18)
_JAB: Limb = (104, 16, 166, -8)

_STRAIGHT: Limb = (7, 78, 10, 152)
_STEP: Limb = (36, 72, 52, 148)
_BENT: Limb = (72, 42, 36, 104)
_KICK: Limb = (78, 40, 138, 24)
_FORWARD: Limb = (58, 50, 22, 128)
_BEHIND: Limb = (58, 56, 138, 92)
_SEATED: Limb = (86, 8, 118, 66)
_WIDE: Limb = (30, 76, 46, 150)
_FOLDED: Limb = (104, 24, -8, 66)
_SQUAT: Limb = (92, 16, 62, 92)
_KNEE_UP: Limb = (96, -6, 74, 92)
_KNEE_DOWN: Limb = (8, 84, 96, 96)
_FAR_BACK: Limb = (74, 62, 160, 116)
_FAR_AHEAD: Limb = (100, 16, 112, 116)
_TREE: Limb = (92, 34, -34, 72)


@dataclass(frozen=True)
class Stance:
    """One way to stand, sit or move; angles in degrees, clockwise."""

    left_arm: Limb = _DOWN
    right_arm: Limb = _DOWN
    left_leg: Limb = _STRAIGHT
    right_leg: Limb = _STRAIGHT
    lean: float = 0.0
    tilt: float = 0.0
    lift: float = 0.0
    """How far the body is above the ground; negative when it sits."""
    mouth: str = "smile"
    """smile, open, flat or small."""
    eyes: str = "open"
    """open, happy or up."""
    arms_in_front: bool = False


STANCES: dict[str, Stance] = {
    "standing": Stance(),
    "waving": Stance(right_arm=_WAVE, tilt=5, mouth="open"),
    "running": Stance(
        _SWING_BACK, _SWING_FRONT, _BEHIND, _FORWARD, lean=9, tilt=-4, lift=18, mouth="open"
    ),
    "walking": Stance(_SWING_FRONT, (50, 66, 62, 140), _STEP, _STRAIGHT, lean=3),
    "jumping": Stance(_UP, _UP, _BENT, _BENT, lift=84, mouth="open", eyes="happy"),
    "cheering": Stance(_UP, _UP, _WIDE, _WIDE, mouth="open", eyes="happy"),
    "sitting": Stance(_KNEE_REST, _KNEE_REST, _SEATED, _SEATED, lift=-84),
    "arms crossed": Stance(_CROSS, _CROSS, _WIDE, _WIDE, tilt=-3, mouth="flat", arms_in_front=True),
    "pointing": Stance(_HIP, _OUT, _WIDE, _STRAIGHT, tilt=4, mouth="open"),
    "dancing": Stance(_WAVE, _HIP, _STRAIGHT, _BENT, lean=-8, tilt=8, mouth="open", eyes="happy"),
    "thinking": Stance(_SWING_FRONT, _CHIN, tilt=-6, mouth="small", eyes="up", arms_in_front=True),
    "hands on hips": Stance(_HIP, _HIP, _WIDE, _WIDE, tilt=3),
    "saluting": Stance(_DOWN, _SALUTE, arms_in_front=True),
    "shrugging": Stance(_SHRUG, _SHRUG, tilt=9, mouth="small", eyes="up"),
    "kicking": Stance(_SWING_BACK, _OUT, _STRAIGHT, _KICK, lean=-9, mouth="open"),
    "flying": Stance(_HIP, _UP, _BEHIND, _BENT, lean=12, tilt=-6, lift=92, mouth="open"),
    "clapping": Stance(_TOGETHER, _TOGETHER, mouth="open", eyes="happy", arms_in_front=True),
    "reading": Stance(_TOGETHER, _TOGETHER, tilt=4, mouth="small", arms_in_front=True),
    "sleeping": Stance(
        _KNEE_REST, _KNEE_REST, _SEATED, _SEATED, tilt=12, lift=-84, mouth="small", eyes="happy"
    ),
    "hands behind back": Stance(_HIDDEN, _HIDDEN, tilt=-3),
    "bowing": Stance(_LOOSE, _LOOSE, lean=27, tilt=12, mouth="small", eyes="happy"),
    "open arms": Stance(_SPREAD, _SPREAD, _WIDE, _WIDE, mouth="open", eyes="happy"),
    "meditating": Stance(
        _KNEE_REST, _KNEE_REST, _FOLDED, _FOLDED, lift=-84, mouth="small", eyes="happy"
    ),
    "kneeling": Stance(_DOWN, _KNEE_REST, _KNEE_DOWN, _KNEE_UP, lean=3, lift=-58),
    "crouching": Stance(_KNEE_REST, _KNEE_REST, _SQUAT, _SQUAT, lift=-58, eyes="up"),
    "typing": Stance(_KEYS, _KEYS, _SEATED, _SEATED, tilt=-6, lift=-84, arms_in_front=True),
    "on the phone": Stance(_CROSS, _EAR, tilt=7, mouth="open", arms_in_front=True),
    "surprised": Stance(_CHEEK, _CHEEK, _WIDE, _WIDE, mouth="open", eyes="up", arms_in_front=True),
    "stretching": Stance(_OVERHEAD, _OVERHEAD, _WIDE, _WIDE, lean=24, eyes="happy"),
    "lunging": Stance(_HIP, _HIP, _FAR_BACK, _FAR_AHEAD, lean=-4, lift=-34, mouth="flat"),
    "boxing": Stance(_GUARD, _JAB, _STEP, _WIDE, lean=6, mouth="flat", arms_in_front=True),
    "balancing": Stance(_OVERHEAD, _OVERHEAD, _STRAIGHT, _TREE, tilt=3, eyes="happy"),
    "thumbs up": Stance(_HIP, _FIST, tilt=4, mouth="open", arms_in_front=True),
}

STANCE_WORDS: dict[str, str] = {
    "waving": r"wav(?:e|es|ing)\b|greet|hello",
    "running": r"run(?:s|ning)?\b|sprint|jog",
    "walking": r"walk|stroll|strid",
    "jumping": r"jump|leap|hop(?:s|ping)?\b",
    "cheering": r"cheer|celebrat|arms raised|arms up|victory|triumph",
    "sitting": r"sit(?:s|ting)?\b|seated|cross-legged",
    "arms crossed": r"arms crossed|crossed arms|arms folded|folded arms|crossing (?:its|his|her|their) arms",
    "pointing": r"point(?:s|ing)?\b|presenting|showing",
    "dancing": r"danc",
    "thinking": r"think|ponder|wonder|hand on chin",
    "hands on hips": r"hands? on (?:the |its |his |her )?hips?|heroic|power pose|confident",
    "saluting": r"salut",
    "shrugging": r"shrug|confus",
    "kicking": r"kick|karate|football|soccer",
    "flying": r"fly(?:ing)?\b|superhero|soaring",
    "clapping": r"clap|applau|praying|namaste",
    "reading": r"read(?:s|ing)?\b|holding|cooking",
    "sleeping": r"sleep|nap(?:s|ping)?\b",
    "hands behind back": r"hands behind (?:the |its |his |her )?back",
    "bowing": r"bow(?:s|ing)\b",
    "open arms": r"arms (?:spread|wide|open)|open arms|hug(?:s|ging)?\b",
    "meditating": r"meditat|yoga",
    "kneeling": r"kneel",
    "crouching": r"crouch|squat",
    "typing": r"typ(?:es|ing)\b",
    "on the phone": r"(?:on|talks on|talking on) the phone|phoning",
    "surprised": r"surpris|amazed|astonish",
    "stretching": r"stretch(?:es|ing)\b",
    "lunging": r"lung(?:e|es|ing)\b",
    "boxing": r"boxing|punch",
    "balancing": r"balanc(?:es|ing)\b|on one leg",
    "thumbs up": r"thumbs?[ -]up|approv|flex",
}
