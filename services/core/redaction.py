"""Masks secrets in any text: tokens, passwords, private keys, signed addresses, embedded files.

Forms of secrets are recognized by pattern; secrets of this process are remembered by value, so
that a password without any form is masked too. In doubt it masks.
"""

import json
import logging
import re
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

MASK = "…"
MIN_REMEMBERED_CHARACTERS = 6
"""A shorter secret occurs in too many words to be masked by value."""

_TOKEN_PREFIXES = (
    *("r8_", "hf_", "api_org_", "AIza", "ya29.", "AKIA", "ASIA", "whsec_", "sk-", "eyJ"),
    *("ghp_", "gho_", "ghs_", "github_pat_", "xoxa_", "xoxb_", "xoxp_"),
)
_PREFIX = "|".join(map(re.escape, _TOKEN_PREFIXES))
_PRIVATE_KEY = r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
_EMBEDDED = r"\bdata:[\w/+.-]*;?[^\s,]{0,40},\S+"
_ADDRESS = r"\b([a-z][a-z0-9+.-]{1,20})://([^\s<>\"'`|]+)"
# "The token belongs to …" is no header: what follows must hold a digit or be long.
_HEADER = r"\b(Bearer\s+|(?:Basic|Token)\s+(?=\S*\d|\S{20}))[\w.~+/=-]{6,}"
_NAMES = (
    "token",
    "secret",
    "password",
    "passwd",
    "key",
    "signature",
    "credential",
    "authorization",
)
_NAMED = (
    r"((?:token|secret|passw(?:or)?d|api[_-]?key|private[_-]?key|signature|credential"
    r"|authorization)[\w-]{0,40})([\"']?\s{0,9}[=:]\s{0,9})"
    r"(?:\"[^\"]+\"|'[^']+'|[\"']?(?:(?:Bearer|Basic|Token)\s+)?[^\s\"'&,;]+)"
)
_STARTS_LIKE_TOKEN = re.compile(_PREFIX)
_SERVER = re.compile(r"(postgres|postgresql|redis|rediss|unix)(\+\w+)?://")
_PLACE = re.compile(r"(?P<host>[\w.-]*|\[[0-9a-fA-F:.]+\])(?P<port>:\d{1,5})?(?P<path>/[\w./-]*)?")

_Replacement = str | Callable[[re.Match[str]], str]


def _plain_address(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    # An @ may be the end of a password, in the path too when that holds a slash.
    place = place.rpartition("@")[2]
    was_cut = len(place) != len(rest)
    return f"{scheme}://{place}{MASK if was_cut else ''}"


# In this order. The words in front, in lower case, are looked for first: most texts hold none of
# them, and a search for words is a hundred times faster than the pattern.
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], _Replacement], ...] = (
    (("private key",), re.compile(_PRIVATE_KEY, re.DOTALL), MASK),
    (("data:",), re.compile(_EMBEDDED, re.IGNORECASE), f"data:{MASK}"),
    (("://",), re.compile(_ADDRESS, re.IGNORECASE), _plain_address),
    (("bearer", "basic", "token"), re.compile(_HEADER, re.IGNORECASE), rf"\1{MASK}"),
    (_NAMES, re.compile(_NAMED, re.IGNORECASE), rf"\1\2{MASK}"),
    (
        tuple(prefix.lower() for prefix in _TOKEN_PREFIXES),
        re.compile(rf"(?<![A-Za-z0-9])(?:{_PREFIX})[\w.~+/=-]{{4,}}"),
        MASK,
    ),
)
_remembered: tuple[str, ...] = ()


def redact(text: str) -> str:
    """Return the text without anything that could be used; an address keeps host and path."""
    for secret in _remembered:
        if secret in text:
            text = text.replace(secret, MASK)
    lowered = text.lower()
    for words, pattern, replacement in _RULES:
        if any(word in lowered for word in words):
            text = pattern.sub(replacement, text)
    return text


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
    """Redact every log record of this process, and the traceback of a thread that ends with one."""
    logging.setLogRecordFactory(RedactedRecord)
    threading.excepthook = _log_thread


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    """Log an error that nobody caught in a thread; by itself Python prints it as it is."""
    error, name = ended.exc_value, ended.thread.name if ended.thread else "unknown"
    if error is not None and not isinstance(error, SystemExit):
        logging.getLogger("atelier").error("thread.ended %s", name, exc_info=error)


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
    """Return what may be shown of a secret: enough to distinguish two, never enough to use."""
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
