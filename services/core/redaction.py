"""Takes out of a text what nobody may pass on: tokens, passwords, signed addresses, embedded files.

Imports nothing of ours. It masks rather too much than too little.
"""

import re

MASK = "…"
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]{1,20})://([^\s<>\"'`|]+)", re.IGNORECASE)
_EMBEDDED = re.compile(r"\bdata:[\w/+.-]*;?[^\s,]{0,40},\S+", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:r8|hf|whsec|ghp|gho|github_pat|xox[abp])_|AIza|AKIA|ASIA|sk-|ya29\.|eyJ)"
    r"[\w.~+/=-]{4,}"
)
_BEARER = re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    r"([\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key|signature|credential|authorization)[\w-]*)"
    r"([\"']?\s*[=:]\s*)[\"']?(?:(?:Bearer|Basic|Token)\s+)?[^\s\"'&,;]+",
    re.IGNORECASE,
)


def masked_text(text: str) -> str:
    """The text without anything that could be used; an address keeps its host and path."""
    text = _EMBEDDED.sub(f"data:{MASK}", text)
    text = _ADDRESS.sub(_plain_address, text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _NAMED.sub(rf"\1\2{MASK}", text)
    return _TOKEN.sub(MASK, text)


def _plain_address(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    # An @ may be the end of a password, in the path too when that holds a slash.
    place = place.rpartition("@")[2]
    was_cut = len(place) != len(rest)
    return f"{scheme}://{place}{MASK if was_cut else ''}"
