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
        "Requeue",
        "Enqueues its next step again. Nothing is made or charged twice.",
        "notifications_active",
    ),
    RemedyKind.POLL_NOW: RemedyWords(
        "Poll now",
        "Polls the provider now instead of when the next poll is due.",
        "visibility",
    ),
    RemedyKind.ADOPT_PREDICTION: RemedyWords(
        "Adopt a prediction",
        "Continues a prediction that the provider already started. No new prediction is created.",
        "input",
        "The prediction's id or link",
    ),
    RemedyKind.REDOWNLOAD: RemedyWords(
        "Re-download",
        "Asks the provider for its output and stores it. Nothing is made or charged twice.",
        "download",
    ),
    RemedyKind.REGENERATE: RemedyWords(
        "Regenerate",
        "Creates the missing picture again. A refunded one is charged again.",
        "replay",
    ),
    RemedyKind.FAIL_AND_REFUND: RemedyWords(
        "Fail and refund",
        "Ends it and refunds the credits of the missing pictures.",
        "money_off",
    ),
    RemedyKind.CANCEL_AND_RESTART: RemedyWords(
        "Cancel and restart",
        "Cancels it at the provider and submits it again. The provider may charge for both.",
        "restart_alt",
    ),
    RemedyKind.DECLARE_LOST: RemedyWords(
        "Declare the submit lost",
        "Records that the provider never received it, and submits it again. If it was received, both are paid.",
        "search_off",
    ),
    RemedyKind.SETTLE_REFUND: RemedyWords(
        "Settle the refund",
        "Corrects the credits so that charges, uses and refunds add up.",
        "balance",
    ),
    RemedyKind.ADOPT_OBJECT: RemedyWords(
        "Adopt the file",
        "Uses the stored file as the missing picture. No new prediction is created.",
        "add_link",
        "The id of the slot that it belongs to",
    ),
    RemedyKind.DELETE_ORPHAN: RemedyWords(
        "Delete the file",
        "Deletes a stored file that no row names. This cannot be undone.",
        "delete",
    ),
    RemedyKind.RESUME_PROVIDER: RemedyWords(
        "Resume the provider",
        "Sends work there again. It pauses again if the first call fails in the same way.",
        "play_arrow",
    ),
    RemedyKind.RESUME_QUEUE: RemedyWords(
        "Resume the queue",
        "Lets the dispatcher fill the queue again.",
        "play_arrow",
    ),
    RemedyKind.RESUME_RQ: RemedyWords(
        "Resume RQ",
        "Ends RQ's own stop of all queues.",
        "play_arrow",
    ),
    RemedyKind.CANCEL: RemedyWords(
        "Cancel the batch",
        "Cancels all unfinished pictures and refunds their credits.",
        "block",
    ),
    RemedyKind.RETRY: RemedyWords(
        "Retry failed",
        "Creates every missing picture again. They are charged again; their refunds stand.",
        "replay",
    ),
}

SEVERITY_BADGES = {
    Severity.ACT: Badge("Action required", "red", "error"),
    Severity.WAIT: Badge("No action needed", "blue", "hourglass_top"),
    Severity.TOLD: Badge("Info", "gray", "info"),
}
HEALTHY = Badge("Nothing is wrong", "green", "check_circle")
GOES_ON = Badge("Running", "blue", "progress_activity")
HEALING = Badge("Recovers automatically", "blue", "healing")

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
