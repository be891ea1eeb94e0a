"""What the addresses in settings have in common: how they are checked, and how a fault is worded.

No message repeats a character of an address: part of a password may stand anywhere in a wrong one.
"""

import re
from urllib.parse import unquote

from pydantic_core import PydanticCustomError

_ESCAPES = {"#": "%23", "/": "%2F", "?": "%3F", "@": "%40", "[": "%5B", "]": "%5D", "%": "%25"}
_HOST = re.compile(
    r"[^\[\]:@/?#,\s]*(:(?P<port>\d{1,5}))?|\[[0-9A-Fa-f:.%]+\](:(?P<port6>\d{1,5}))?"
)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OPTION = re.compile(r"[A-Za-z_]{1,40}")
MAX_PORT = 65535


def wrong(problem: str) -> PydanticCustomError:
    """Return the error of a setting; `problem` follows its name and ends without a full stop."""
    return PydanticCustomError("address", "{problem}", {"problem": problem})


def check_parts(rest: str, form: str) -> None:
    """Refuse what cannot be distinguished from the parts of `user:password@host:port/name?options`.

    `form` is how the address is written, for the sentence.
    """
    if _SPACES.search(rest):
        raise wrong("holds a space or a line break; write a space in the password as %20")
    if "#" in rest:
        raise _unescaped("#")
    if _BAD_ESCAPE.search(rest):
        raise _unescaped("%")
    place, _, query = rest.partition("?")
    authority, _, path = place.partition("/")
    if authority.count("@") > 1:
        raise _unescaped("@")
    if "@" in path or "/" in path:
        raise _unescaped("@" if "@" in authority else "/")
    if "@" in query and "@" not in authority:
        raise _unescaped("?")
    account, _, hosts = authority.rpartition("@")
    for bracket in "[]":
        if bracket in account:
            raise _unescaped(bracket)
    if not all(is_place(host) for host in hosts.split(",")):
        raise wrong(
            f"has no readable host and port; {form}, and a : @ / ? # [ or % in the password as"
            " its percent code"
        )


def is_place(text: str) -> bool:
    """Whether a text is a host with or without a port, or neither."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or found["port6"] or 0) <= MAX_PORT


def unknown_option(name: str, server: str, form: str) -> PydanticCustomError:
    """Return the error for an option after the ? that the server's client does not know."""
    shown = unquote(name)
    if not _OPTION.fullmatch(shown):
        return wrong(f"has an option after the ? that {server} does not know; {form}")
    return wrong(f"has the option {shown}, which {server} does not know; remove it")


def _unescaped(character: str) -> PydanticCustomError:
    return wrong(
        f"has an unescaped {character}; write {character} in the user or password as"
        f" {_ESCAPES[character]}"
    )
