"""The words of Diagnose: what each remedy, severity and source is called. Knows no widget."""

from typing import NamedTuple

from pages.kit.wording import Badge
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.findings import Finding
from services.providers.registry import provider_label
from services.remedies.base import RemedyKind


class RemedyWords(NamedTuple):
    """A remedy on its button, and what it does and does not do."""

    label: str
    explanation: str
    icon: str
    argument: str = ""
    """What a person has to name beside its subject, as that field's label."""


REMEDY_WORDS = {
    RemedyKind.REQUEUE: RemedyWords(
        "Ring again",
        "Puts its next step into the queue once more. Nothing is made or charged twice.",
        "notifications_active",
    ),
    RemedyKind.POLL_NOW: RemedyWords(
        "Look now",
        "Asks the provider at once instead of when the next look is due.",
        "visibility",
    ),
    RemedyKind.ADOPT_PREDICTION: RemedyWords(
        "Take over a prediction",
        "Goes on with work that the provider has begun already. Nothing new is ordered.",
        "input",
        "The prediction's id or link",
    ),
    RemedyKind.REDOWNLOAD: RemedyWords(
        "Fetch the picture again",
        "Asks the provider for its output and stores it. Nothing is made or charged twice.",
        "download",
    ),
    RemedyKind.REGENERATE: RemedyWords(
        "Make it again",
        "Orders the missing picture once more. One that was refunded is charged again.",
        "replay",
    ),
    RemedyKind.FAIL_AND_REFUND: RemedyWords(
        "Fail and refund",
        "Ends it here and gives back the credits of what did not arrive.",
        "money_off",
    ),
    RemedyKind.CANCEL_AND_RESTART: RemedyWords(
        "Cancel there, start again",
        "Cancels it at the provider and orders it anew. The provider may charge for both.",
        "restart_alt",
    ),
    RemedyKind.DECLARE_LOST: RemedyWords(
        "Declare the order lost",
        "Says that the provider never got it, and orders it again. If it did get it, both are paid.",
        "search_off",
    ),
    RemedyKind.SETTLE_REFUND: RemedyWords(
        "Settle the refund",
        "Moves the credits so that what was charged, used and given back add up.",
        "balance",
    ),
    RemedyKind.ADOPT_OBJECT: RemedyWords(
        "Give the file to a picture",
        "Makes the stored file the picture that is missing. Nothing is ordered.",
        "add_link",
        "The id of the slot that it belongs to",
    ),
    RemedyKind.DELETE_ORPHAN: RemedyWords(
        "Delete the file",
        "Deletes a stored file that nothing names. It cannot be brought back.",
        "delete",
    ),
    RemedyKind.RESUME_PROVIDER: RemedyWords(
        "Resume the provider",
        "Sends work there again. It pauses anew when the first call fails in the same way.",
        "play_arrow",
    ),
    RemedyKind.RESUME_QUEUE: RemedyWords(
        "Resume the queue",
        "Lets the dispatcher fill the queue again.",
        "play_arrow",
    ),
    RemedyKind.RESUME_RQ: RemedyWords(
        "Let workers go on",
        "Ends RQ's own stop of all queues.",
        "play_arrow",
    ),
    RemedyKind.CANCEL: RemedyWords(
        "Cancel the batch",
        "Ends all that is not made yet and gives those credits back.",
        "block",
    ),
    RemedyKind.RETRY: RemedyWords(
        "Make what is missing",
        "Orders every missing picture once more. They are charged again; their refunds stand.",
        "replay",
    ),
}

SEVERITY_BADGES = {
    Severity.ACT: Badge("Needs a person", "red", "error"),
    Severity.WAIT: Badge("Only wait", "blue", "hourglass_top"),
    Severity.TOLD: Badge("For your information", "gray", "info"),
}
HEALTHY = Badge("Nothing is wrong", "green", "check_circle")
GOES_ON = Badge("It goes on", "blue", "progress_activity")
HEALING = Badge("Heals by itself", "blue", "healing")

SOURCE_WORDS = {
    "database": ("Database", "database"),
    "ledger": ("Credits", "toll"),
    "credits": ("Credits", "toll"),
    "processes": ("Processes", "memory"),
    "worker": ("Worker", "memory"),
    "queue": ("Queue", "format_list_bulleted"),
    "storage": ("Storage", "hard_drive"),
    "person": ("Person", "person"),
}
OUR_CLOCK = "our database"
PROVIDER_ICON = "cloud"

MISSING_WORDS = {
    Cause.OUTPUT_NOT_FETCHED: ("red", "the provider deletes it when its time is up"),
    Cause.OBJECT_MISSING: ("red", "the row has an address, and nothing lies there"),
    Cause.WRONG_BUCKET: ("red", "stored where the present settings do not look"),
    Cause.ORPHANED_FILE: ("gray", "perhaps the rest of a step that died"),
}
"""Tone and what it means; the title is the cause's own."""

MISSING_REMEDIES = {
    Cause.OUTPUT_NOT_FETCHED: (RemedyKind.REDOWNLOAD,),
    Cause.OBJECT_MISSING: (RemedyKind.REGENERATE,),
    Cause.WRONG_BUCKET: (),
    Cause.ORPHANED_FILE: (RemedyKind.DELETE_ORPHAN, RemedyKind.ADOPT_OBJECT),
}
"""What may be ordered for one of them; the first also for all."""

NOTHING_FOUND = (
    "an id of anything here (generation, run, slot, picture, mascot, account, batch, job)",
    "a prediction's id or its link at the provider",
    "a storage key, or the address of a picture",
    "a customer's name, a mascot's name, or a file's name",
    "some words of the prompt, or of the error message that the customer saw",
    "a time, such as “yesterday 14:00” or “20 minutes ago”",
)


def badge_of(finding: Finding) -> Badge:
    """How loud a finding is."""
    if finding.cause is Cause.HEALTHY:
        return HEALTHY
    if finding.cause in (Cause.WORKING, Cause.WAITING_ITS_TURN):
        return GOES_ON
    return SEVERITY_BADGES[finding.severity]


def source_words(source: str) -> tuple[str, str]:
    """A source's name for people and its symbol; a provider comes with its label already."""
    known = SOURCE_WORDS.get(source.lower())
    return known or (provider_label(source), PROVIDER_ICON)


def clock_words(source: str, clock: str) -> str:
    """Whose clock a time is by; empty where that goes without saying."""
    own = {OUR_CLOCK, f"{source}'s clock".lower(), f"the {source}'s clock".lower()}
    return "" if clock.lower() in own else clock
