"""Each line of a generation's timeline as a person would say it; details are filled in from it."""

from collections.abc import Mapping
from typing import Any

from services.core.humanize import span
from services.diagnosis.rule_sets.words import provider_of
from services.pipeline.events import EventName

GOOD, BAD, WARN = "good", "bad", "warn"

WORDS: dict[str, tuple[str, str]] = {
    EventName.GENERATION_STARTED: ("Started: charged and written", ""),
    EventName.GENERATION_FINISHED: ("Ended: {state}", ""),
    EventName.GENERATION_RETRIED: ("What was missing is made again", ""),
    EventName.CANCEL_REQUESTED: ("Canceled by a person", WARN),
    EventName.RUN_QUEUED: ("Waits for its turn", ""),
    EventName.RUN_SUBMITTING: ("Being sent to {provider}", ""),
    EventName.RUN_ACCEPTED: ("Taken by the provider as {prediction}", ""),
    EventName.RUN_ANSWERED: ("The provider answered with the picture", GOOD),
    EventName.RUN_ADOPTED: ("Found at the provider and taken over as {prediction}", GOOD),
    EventName.RUN_THROTTLED: ("The provider takes no more for now; again in {in_seconds}", WARN),
    EventName.RUN_RETRIED: ("Tried again in {in_seconds}", WARN),
    EventName.RUN_PROVIDER_STARTED: ("The provider says: {status}", ""),
    EventName.RUN_PROVIDER_FINISHED: ("The provider has finished", GOOD),
    EventName.RUN_STEP_FAILED: ("A step could not do its part", BAD),
    EventName.RUN_RECOVERED: ("{worker} died or hung; another worker goes on", BAD),
    EventName.RUN_REQUEUED: ("Redis had lost the job; rung again", BAD),
    EventName.RUN_NEEDS_REVIEW: ("Nobody knows whether it was ordered: a person decides", BAD),
    EventName.RUN_SUCCEEDED: ("Saved", GOOD),
    EventName.RUN_FAILED: ("Ended without its picture", BAD),
    EventName.RUN_CANCELED: ("Canceled before anything was made", WARN),
    EventName.RUN_CANCEL_TOO_LATE: ("Canceled too late: it was made, and is kept", WARN),
    EventName.MODEL_TRAINED: ("The trained version can be used", GOOD),
    EventName.SLOT_REFUNDED: ("Credits given back: {credits}", ""),
    EventName.PROVIDER_PAUSED: ("Paused: {provider}", BAD),
    EventName.REMEDY_APPLIED: ("A person ordered a remedy: {remedy}", WARN),
}
_SAID = {"state", "provider", "prediction", "status", "worker", "in_seconds", "part", "remedy"}


def told(name: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """The line's text and its tone; a name without words is shown as it is."""
    text, tone = WORDS.get(name, (name, ""))
    return text.format_map(_Filled(detail)), tone


def more(detail: Mapping[str, Any]) -> str:
    """What the text does not say already, one `name: value` a line, the reason first."""
    lines = [str(detail["reason"])] if detail.get("reason") else []
    lines += [
        f"{key.replace('_', ' ')}: {value}"
        for key, value in detail.items()
        if key not in _SAID | {"reason", "link"} and value not in (None, "")
    ]
    return "\n".join(lines)


class _Filled(dict[str, Any]):
    """The detail's values in words; one that is not there leaves no hole."""

    def __missing__(self, key: str) -> str:
        return {"provider": "the provider", "worker": "The worker"}.get(key, "something")

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            return self.__missing__(key)
        value = super().__getitem__(key)
        if key == "provider":
            return provider_of(str(value))
        if key == "remedy":
            return str(value).replace("_", " ")
        return span(float(value)) if key == "in_seconds" and value is not None else value
