"""How facts are put in words inside a finding's sentence."""

from datetime import datetime

from services.core.humanize import span
from services.providers.registry import provider_label


def provider_of(name: str) -> str:
    """The provider's own name."""
    return provider_label(name)


def since(at: datetime, now: datetime) -> str:
    """How long ago that is."""
    return span((now - at).total_seconds())


def clock(at: datetime) -> str:
    """`14:02:11 UTC`; the day is on the timeline."""
    return f"{at:%H:%M:%S} UTC"


def finished_words(
    provider: str, finished_at: datetime | None, window: float, now: datetime
) -> str:
    """What is at stake: the picture is ready there, and for how much longer."""
    if finished_at is None:
        return ""
    left = window - (now - finished_at).total_seconds()
    told = f" {provider_of(provider)} finished at {clock(finished_at)}."
    if left <= 0:
        return f"{told} It has deleted the file by now."
    return f"{told} The file is there for {span(left)} more."
