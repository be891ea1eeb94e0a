"""The verdict: what happened in one line, what it means in one or two, and how loud it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.kit.components.elements import Element, register

_verdict = register("verdict")


@dataclass(frozen=True)
class Verdict:
    """What is told; `tone` is a badge's, `icon` a Material symbol's name."""

    title: str
    sentence: str
    tone: str
    icon: str
    parts: Sequence[Element] = ()


def verdict(told: Verdict, *, key: str) -> None:
    """Draw it; a tick changes only what changed."""
    _verdict(key=key, data=asdict(told))
