"""Reads a pasted text: which of the things that people have at hand it is. Asks nobody.

A link's query may hold a signature: it is looked at for an id and never kept.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from services.core.text import clean
from services.storage.keys import is_key

MOST_CHARACTERS = 10_000


class What(StrEnum):
    """What a text is taken for; each stands in `SENTENCES`."""

    NOTHING = "nothing"
    GENERATION = "generation"
    RUN = "run"
    JOB = "job"
    SLOT = "slot"
    ATTEMPT = "attempt"
    ASSET = "asset"
    MASCOT = "mascot"
    MODEL = "model"
    REFERENCE = "reference"
    ENTRY = "entry"
    ACCOUNT = "account"
    PERSON = "person"
    CONSENT = "consent"
    SCENARIO = "scenario"
    POSE = "pose"
    OPERATION = "operation"
    NUMBER = "number"
    PREDICTION = "prediction"
    VERSION = "version"
    KEY = "key"
    SHA256 = "sha256"
    EMAIL = "email"
    ERROR = "error"
    LINK = "link"
    WORDS = "words"


SENTENCES = {
    What.NOTHING: "Nothing was pasted",
    What.GENERATION: "A batch's id",
    What.RUN: "A run's id",
    What.JOB: "A job's id in the queue",
    What.SLOT: "A slot's id",
    What.ATTEMPT: "An attempt's id",
    What.ASSET: "A picture's id",
    What.MASCOT: "A mascot's id",
    What.MODEL: "A trained model's id",
    What.REFERENCE: "A reference's id",
    What.ENTRY: "An entry of the ledger",
    What.ACCOUNT: "An account's id",
    What.PERSON: "A person's id",
    What.CONSENT: "A consent's id",
    What.SCENARIO: "A scenario's id",
    What.POSE: "A pose's id",
    What.OPERATION: "The id of a remedy for many",
    What.NUMBER: "A simulation's number",
    What.PREDICTION: "A prediction's id at the provider",
    What.VERSION: "A model at the provider",
    What.KEY: "A key of the storage",
    What.SHA256: "A file's SHA-256",
    What.EMAIL: "An e-mail address",
    What.ERROR: "The reference of an error message",
    What.LINK: "A link",
    What.WORDS: "Words",
}

_PREFIXES = {
    "gen": What.GENERATION,
    "batch": What.GENERATION,
    "run": What.RUN,
    "slot": What.SLOT,
    "att": What.ATTEMPT,
    "ast": What.ASSET,
    "mas": What.MASCOT,
    "msc": What.MASCOT,
    "mod": What.MODEL,
    "ref": What.REFERENCE,
    "led": What.ENTRY,
    "acc": What.ACCOUNT,
    "per": What.PERSON,
    "con": What.CONSENT,
    "scn": What.SCENARIO,
    "pose": What.POSE,
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
_SCENARIO = re.compile(r"projection-level-\d{1,3}")
_OUR_PARAMETERS = frozenset({"id", "model", "text"})
"""Of our own pages' addresses: any other may be a signature."""
_AROUND = " \t\"'`<>()[]{},.;"


@dataclass(frozen=True)
class Reading:
    """What a text is taken for. `is_sure`: if it is not found, it is not looked for as words."""

    what: What
    value: str
    is_sure: bool = True


def read(text: str) -> Reading:
    """Take a text apart; every text has a reading, the last resort being its words."""
    line = line_of(text)
    if not line:
        return Reading(What.NOTHING, "")
    for reader in (_error, _link, _key, _job, _own, _email, _plain):
        found = reader(line)
        if found:
            return found
    return Reading(What.WORDS, line)


def line_of(text: str) -> str:
    """A bounded text on one line, without what people put around an id."""
    return " ".join(clean(text[:MOST_CHARACTERS]).split()).strip(_AROUND)


def _error(line: str) -> Reading | None:
    found = _ERROR.search(line)
    return Reading(What.ERROR, found[1]) if found else None


def _link(line: str) -> Reading | None:
    found = _LINK.search(line)
    if found is None:
        return None
    try:
        parts = urlsplit(found[0].rstrip(_AROUND))
        values = [value for name, value in parse_qsl(parts.query) if name in _OUR_PARAMETERS]
    except ValueError:
        return Reading(What.LINK, "", is_sure=False)
    path = unquote(parts.path)
    is_alone = found[0] == line
    named = _key(f"{parts.netloc}{path}") or _at_provider(parts.hostname or "", path)
    unknown = Reading(What.LINK, parts.hostname or "") if is_alone else None
    return named or _in_query(values) or _own(path) or unknown


def _at_provider(host: str, path: str) -> Reading | None:
    found = _AT_PROVIDER.search(path)
    if found:
        return Reading(What.PREDICTION, found[1])
    page = _VERSION_PAGE.match(path) if host.endswith("replicate.com") else None
    if page is None:
        return None
    return Reading(What.VERSION, ":".join(part for part in page.groups() if part))


def _in_query(values: Iterable[str]) -> Reading | None:
    """An id in the address of one of our own pages."""
    for value in map(line_of, values):
        found = _own(value) or _key(value)
        if found or _PREDICTION.fullmatch(value):
            return found or Reading(What.PREDICTION, value)
    return None


def _key(line: str) -> Reading | None:
    found = _KEY.search(line)
    return Reading(What.KEY, found[0]) if found and is_key(found[0]) else None


def _job(line: str) -> Reading | None:
    found = _JOB.search(line.lower())
    return Reading(What.JOB, found[1]) if found else None


def _own(line: str) -> Reading | None:
    """An id of ours: the whole text, or a complete one somewhere in it."""
    lowered = line.lower()
    whole = _OWN.fullmatch(lowered)
    inside = _OWN_INSIDE.search(lowered)
    if whole is None and inside is None:
        return None
    prefix, _, rest = (inside[1] if inside else lowered).partition("_")
    what = _PREFIXES.get(prefix, What.OPERATION if inside else None)
    if what is None:
        return None
    own = {What.GENERATION: "gen", What.MASCOT: "mas"}.get(what, prefix)
    return Reading(what, f"{own}_{rest}", is_sure=inside is not None)


def _email(line: str) -> Reading | None:
    found = _EMAIL.search(line)
    return Reading(What.EMAIL, found[0].lower(), is_sure=False) if found else None


def _plain(line: str) -> Reading | None:
    """A text that is one thing as a whole."""
    lowered = line.lower()
    number = _NUMBER.fullmatch(lowered)
    if number:
        return Reading(What.NUMBER, number[1], is_sure=False)
    for pattern, what in ((_SHA256, What.SHA256), (_SCENARIO, What.SCENARIO)):
        if pattern.fullmatch(lowered):
            return Reading(what, lowered)
    for pattern, what in ((_PREDICTION, What.PREDICTION), (_VERSION, What.VERSION)):
        if pattern.fullmatch(line):
            return Reading(what, line, is_sure=False)
    return None
