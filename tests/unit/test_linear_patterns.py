"""Texts of people and providers cannot make a pattern run for long: 16,000 characters take milliseconds."""

import time
from collections.abc import Callable

import pytest

from services.core.redaction import redact
from services.core.text import for_terminal
from services.providers.replicate.status import parse_prediction

CHARACTERS = 16_000
CPU_SECONDS = 0.2
"""Ten times what the slowest takes here; a quadratic pattern takes seconds, a cubic one minutes."""
WORDS = (
    *("a", "-", " ", ".", "/", "0", "é", "token", "token-", "token=", "token: ", "token\t"),
    *("key=", "api_key", "private-key-", "secret-", "credential", "authorization", "token\n=\n"),
    *("http://", "a://@", "://", "data:", "data:a;", "data:,", "Bearer ", "basic ", "Basic 1"),
    *("r8_", "eyJ", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----", 'password="', "token='"),
    *("0%|", "\x1b[", "\u202e"),
)


def repeated(word: str) -> str:
    return (word * (CHARACTERS // len(word) + 1))[:CHARACTERS]


def adversarial() -> list[str]:
    """Each word over and over; and once, before and after a long run of another character."""
    runs = [repeated(character) for character in ("a", " ", "-", "0", "'")]
    return [repeated(word) for word in WORDS] + [
        text for word in WORDS for run in runs for text in (word + run, run + word)
    ]


def _prediction(text: str) -> object:
    return parse_prediction({"id": "p1", "status": "processing", "logs": text}, "p1")


@pytest.mark.parametrize("read", [redact, for_terminal, _prediction])
def test_no_text_takes_long(read: Callable[[str], object]) -> None:
    slow = {}
    for text in adversarial():
        began = time.process_time()
        read(text)
        if (taken := time.process_time() - began) > CPU_SECONDS:
            slow[text[:20]] = taken
    assert slow == {}
