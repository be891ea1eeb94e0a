"""Masks secrets in any text: tokens, passwords, private keys, signed addresses, embedded files.

Forms of secrets are recognized by pattern; secrets of this process are remembered by value, so
that a password without any form is masked too. It masks rather too much than too little.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

MASK = "…"
MIN_REMEMBERED_CHARACTERS = 6
"""A shorter secret is part of too many words to be masked by value."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_EMBEDDED = re.compile(r"\bdata:[\w/+.-]*;?[^\s,]{0,40},\S+", re.IGNORECASE)
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]{1,20})://([^\s<>\"'`|]+)", re.IGNORECASE)
_HEADER = re.compile(
    r"\b(Bearer\s+|(?:Basic|Token)\s+(?=\S*\d|\S{20}))[\w.~+/=-]{6,}", re.IGNORECASE
)
_NAMED = re.compile(
    r"([\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key|private[_-]?key|signature|credential"
    r"|authorization)[\w-]*)"
    r"([\"']?\s*[=:]\s*)(?:\"[^\"]+\"|'[^']+'|[\"']?(?:(?:Bearer|Basic|Token)\s+)?[^\s\"'&,;]+)",
    re.IGNORECASE,
)
_BEGINNINGS = (
    r"(?:r8|hf|api_org|whsec|ghp|gho|ghs|github_pat|xox[abp])_|AIza|AKIA|ASIA|sk-|ya29\.|eyJ"
)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{_BEGINNINGS})[\w.~+/=-]{{4,}}")
_STARTS_LIKE_TOKEN = re.compile(_BEGINNINGS)
_SERVER = re.compile(r"(postgres|postgresql|redis|rediss|unix)(\+\w+)?://")
_PLACE = re.compile(r"(?P<host>[\w.-]*|\[[0-9a-fA-F:.]+\])(?P<port>:\d{1,5})?(?P<path>/[\w./-]*)?")

_remembered: tuple[str, ...] = ()


def redact(text: str) -> str:
    """Return the text without anything that could be used; an address keeps host and path."""
    for secret in _remembered:
        if secret in text:
            text = text.replace(secret, MASK)
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _EMBEDDED.sub(f"data:{MASK}", text)
    text = _ADDRESS.sub(_plain_address, text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _NAMED.sub(rf"\1\2{MASK}", text)
    return _TOKEN.sub(MASK, text)


def redact_value(value: Any) -> Any:
    """Return a JSON value with each text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redact_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return value


def remember_secrets(secrets: Iterable[SecretStr | str | None]) -> None:
    """Mask these values from now on, also percent-encoded; of an address, its password alone."""
    global _remembered
    found = set(_remembered)
    for secret in secrets:
        text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret or ""
        found |= _forms(_password(text) if "://" in text else text)
    # The longest first: one secret may be the beginning of another.
    _remembered = tuple(sorted(found, key=len, reverse=True))


def install_log_redaction() -> None:
    """Redact every log record of this process, whatever logger and handler it goes through."""
    logging.setLogRecordFactory(RedactedRecord)


class RedactedRecord(logging.LogRecord):
    """A log record whose message and traceback hold no secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            # Formatters use this text where it is set.
            self.exc_text = redact("".join(traceback.format_exception(*self.exc_info)).rstrip())

    def getMessage(self) -> str:
        """Return the message with its arguments, redacted."""
        return redact(super().getMessage())


def masked(secret: SecretStr | None) -> str:
    """Return what may be shown of a secret: enough to tell two apart, never enough to use."""
    if secret is None:
        return "not set"
    text = secret.get_secret_value()
    return f"{text[:3]}{MASK}{text[-2:]}" if len(text) >= 24 else MASK


def shown_value(value: object) -> str:
    """Return a setting's value as it may be shown."""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return shown_address(text) if _SERVER.match(text) else masked(value)
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, bool):
        return text.lower()
    if "://" in text:
        return ", ".join(shown_address(address) for address in text.split(","))
    # Somebody may have pasted a token into any box.
    return masked(SecretStr(text)) if _STARTS_LIKE_TOKEN.match(text) else text


def shown_address(address: str) -> str:
    """Return `redis://host:6379/0`: no user, no password, no query, nothing that is in doubt."""
    scheme, _, rest = address.partition("://")
    scheme = scheme.partition("+")[0]
    if scheme == "unix":
        return "a private socket"
    place = rest.partition("?")[0].rpartition("@")[2]
    # An unescaped ? or @ in a password makes the two readings differ.
    is_clear = place == rest.rpartition("@")[2].partition("?")[0]
    found = _PLACE.fullmatch(place) if is_clear else None
    if not found:
        return f"{scheme}://{MASK}"
    return f"{scheme}://{place}" if found["host"] else f"{scheme} at a private socket"


def _plain_address(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    # An @ may be the end of a password, in the path too when that holds a slash.
    place = place.rpartition("@")[2]
    was_cut = len(place) != len(rest)
    return f"{scheme}://{place}{MASK if was_cut else ''}"


def _password(address: str) -> str:
    try:
        return unquote(urlsplit(address).password or "")
    except ValueError:
        return ""


def _forms(secret: str) -> set[str]:
    if len(secret) < MIN_REMEMBERED_CHARACTERS:
        return set()
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    return {secret, *encoded, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
