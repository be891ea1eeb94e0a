"""Parse a pasted text: decide which kind of id, link, name or text it is. Reads no database.

The query of a link may contain a signature: it is searched for an id and never stored.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from services.core.text import clean
from services.storage.keys import is_key

MAX_CHARACTERS = 10_000


class InputKind(StrEnum):
    """What a text is taken for; the value is its label."""

    NOTHING = "Nothing was pasted"
    GENERATION = "A batch's id"
    RUN = "A run's id"
    JOB = "A job's id in the queue"
    SLOT = "A slot's id"
    ATTEMPT = "An attempt's id"
    ASSET = "A picture's id"
    MASCOT = "A mascot's id"
    MODEL = "A trained model's id"
    REFERENCE = "A reference's id"
    ENTRY = "A ledger entry's id"
    ACCOUNT = "An account's id"
    PERSON = "A person's id"
    CONSENT = "A consent's id"
    SCENARIO = "A scenario's id"
    POSE = "A pose's id"
    OPERATION = "A bulk fix's id"
    NUMBER = "A simulation's number"
    PREDICTION = "A prediction's id at the provider"
    VERSION = "A model at the provider"
    KEY = "A storage key"
    SHA256 = "A file's SHA-256"
    EMAIL = "An e-mail address"
    ERROR = "The reference of an error message"
    LINK = "A link"
    WORDS = "Searched as text"


_PREFIXES = {
    "gen": InputKind.GENERATION,
    "batch": InputKind.GENERATION,
    "run": InputKind.RUN,
    "slot": InputKind.SLOT,
    "att": InputKind.ATTEMPT,
    "ast": InputKind.ASSET,
    "mas": InputKind.MASCOT,
    "msc": InputKind.MASCOT,
    "mod": InputKind.MODEL,
    "ref": InputKind.REFERENCE,
    "led": InputKind.ENTRY,
    "acc": InputKind.ACCOUNT,
    "per": InputKind.PERSON,
    "con": InputKind.CONSENT,
    "scn": InputKind.SCENARIO,
    "pose": InputKind.POSE,
}
_ULID = r"[0-9a-hjkmnp-tv-z]{26}"
_OWN = re.compile(r"(?P<prefix>[a-z]{2,10})_(?P<rest>[0-9a-z_]{1,60})")
_OWN_INSIDE = re.compile(rf"(?<![a-z0-9])([a-z]{{2,10}}_{_ULID})(?![a-z0-9])")
_JOB = re.compile(rf"(?<![a-z0-9])(run_{_ULID})-\d{{1,9}}(?![a-z0-9])")
_KEY = re.compile(r"(?<![a-z])[a-z]+/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z]+")
_LINK = re.compile(r"\b(?:https?|s3|file)://[^\s<>\"'`]+", re.IGNORECASE)
_AT_PROVIDER = re.compile(r"(?:/p|/predictions|/trainings)/([A-Za-z0-9-]{6,64})(?=/|$)")
_VERSION_PAGE = re.compile(r"^/([\w.-]+/[\w.-]+)(?:/versions/([0-9a-f]{64}))?/?$")
_VERSION = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}(?::[0-9a-f]{6,64})?", re.ASCII)
_NUMBER = re.compile(r"(?:(?:job|simulation)\s*)?(?:#|number\s+)?(\d{1,9})")
_PREDICTION = re.compile(r"[0-9a-z]{20,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EMAIL = re.compile(r"[^\s@<>,;:\"'()]{1,64}@[^\s@<>,;:\"'()]{1,190}\.[a-z]{2,24}", re.IGNORECASE)
_ERROR = re.compile(r"(?<![a-z0-9])(err_[0-9a-f]{8})(?![a-z0-9])")
_BARE_REFERENCE = re.compile(r"(?:^|\breference )((?=\d*[a-f])[0-9a-f]{8})(?![0-9a-z-])")
_SCENARIO = re.compile(r"projection-level-\d{1,3}")
_OUR_PARAMETERS = frozenset({"id", "model", "text"})
"""Of our own pages' addresses; any other may be a signature."""
_PUNCTUATION = " \t\"'`<>()[]{},.;"


@dataclass(frozen=True)
class Reading:
    """A parsed text. `is_certain`: where it is not found, it is not searched as words."""

    kind: InputKind
    value: str
    is_certain: bool = True


def read(text: str) -> Reading:
    """Parse a text; the last resort is its words."""
    line = line_of(text)
    if not line:
        return Reading(InputKind.NOTHING, "")
    for reader in (_error, _link, _key, _job, _own, _email, _plain):
        found = reader(line)
        if found:
            return found
    return Reading(InputKind.WORDS, line)


def line_of(text: str) -> str:
    """Cut a text to one bounded line, without quotes and brackets around an id."""
    return " ".join(clean(text[:MAX_CHARACTERS]).split()).strip(_PUNCTUATION)


def _error(line: str) -> Reading | None:
    found = _ERROR.search(line.lower())
    if found:
        return Reading(InputKind.ERROR, found[1])
    # Messages of earlier versions name the eight digits alone.
    bare = _BARE_REFERENCE.search(line.lower())
    return Reading(InputKind.ERROR, f"err_{bare[1]}", is_certain=False) if bare else None


def _link(line: str) -> Reading | None:
    found = _LINK.search(line)
    if found is None:
        return None
    try:
        parts = urlsplit(found[0].rstrip(_PUNCTUATION))
        values = [value for name, value in parse_qsl(parts.query) if name in _OUR_PARAMETERS]
    except ValueError:
        return Reading(InputKind.LINK, "", is_certain=False)
    path = unquote(parts.path)
    is_alone = found[0] == line
    named = _key(f"{parts.netloc}{path}") or _at_provider(parts.hostname or "", path)
    unknown = Reading(InputKind.LINK, parts.hostname or "") if is_alone else None
    return named or _in_query(values) or _own(path) or unknown


def _at_provider(host: str, path: str) -> Reading | None:
    found = _AT_PROVIDER.search(path)
    if found:
        return Reading(InputKind.PREDICTION, found[1])
    page = _VERSION_PAGE.match(path) if host.endswith("replicate.com") else None
    if page is None:
        return None
    return Reading(InputKind.VERSION, ":".join(group for group in page.groups() if group))


def _in_query(values: Iterable[str]) -> Reading | None:
    """Find an id in the address of one of our own pages."""
    for value in map(line_of, values):
        found = _own(value) or _key(value)
        if found or _PREDICTION.fullmatch(value):
            return found or Reading(InputKind.PREDICTION, value)
    return None


def _key(line: str) -> Reading | None:
    found = _KEY.search(line)
    return Reading(InputKind.KEY, found[0]) if found and is_key(found[0]) else None


def _job(line: str) -> Reading | None:
    found = _JOB.search(line.lower())
    return Reading(InputKind.JOB, found[1]) if found else None


def _own(line: str) -> Reading | None:
    """Find an id of ours: the text itself, or a complete one somewhere in it."""
    lowered = line.lower()
    entire = _OWN.fullmatch(lowered)
    inside = _OWN_INSIDE.search(lowered)
    if entire is None and inside is None:
        return None
    prefix, _, rest = (inside[1] if inside else lowered).partition("_")
    kind = _PREFIXES.get(prefix, InputKind.OPERATION if inside else None)
    if kind is None:
        return None
    own = {InputKind.GENERATION: "gen", InputKind.MASCOT: "mas"}.get(kind, prefix)
    return Reading(kind, f"{own}_{rest}", is_certain=inside is not None)


def _email(line: str) -> Reading | None:
    found = _EMAIL.search(line)
    return Reading(InputKind.EMAIL, found[0].lower(), is_certain=False) if found else None


def _plain(line: str) -> Reading | None:
    """Parse a text that is one id or number and nothing else."""
    lowered = line.lower()
    number = _NUMBER.fullmatch(lowered)
    if number:
        return Reading(InputKind.NUMBER, number[1], is_certain=False)
    for pattern, kind in ((_SHA256, InputKind.SHA256), (_SCENARIO, InputKind.SCENARIO)):
        if pattern.fullmatch(lowered):
            return Reading(kind, lowered)
    for pattern, kind in ((_PREDICTION, InputKind.PREDICTION), (_VERSION, InputKind.VERSION)):
        if pattern.fullmatch(line):
            return Reading(kind, line, is_certain=False)
    return None
