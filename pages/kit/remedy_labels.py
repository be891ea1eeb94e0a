"""Labels of severities, sources and missing files. Knows no widget."""

from pages.kit.wording import Badge
from services.diagnosis.cause import Finding, Severity
from services.providers.registry import provider_label

SEVERITY_BADGES = {
    Severity.ACT: Badge("Action required", "red", "error"),
    Severity.WAIT: Badge("No action needed", "blue", "hourglass_top"),
    Severity.INFO: Badge("Info", "gray", "info"),
}
HEALTHY = Badge("No problems found", "green", "check_circle")
GOES_ON = Badge("In progress", "blue", "progress_activity")
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
    "output_not_fetched": ("red", "the provider deletes it when it expires"),
    "object_missing": ("red", "the row names a file that storage does not have"),
    "wrong_bucket": ("red", "stored in a bucket that the settings do not name"),
    "orphaned_file": ("gray", "left over, possibly from an interrupted step"),
}
"""Tone and what it means; the title is the cause's own."""

MISSING_REMEDIES = {
    "output_not_fetched": ("redownload",),
    "object_missing": ("regenerate",),
    "wrong_bucket": (),
    "orphaned_file": ("delete_orphan", "adopt_object"),
}
"""Remedies for one of them; the first one also in bulk."""

NOTHING_FOUND = (
    "any id (generation, run, slot, picture, mascot, account, batch, job)",
    "a prediction's id or its link at the provider",
    "a storage key, or the address of a picture",
    "a customer's name, a mascot's name, or a file's name",
    "some words of the prompt, or of the error message that the customer saw",
    "a time, such as “yesterday 14:00” or “20 minutes ago”",
)


def badge_of(finding: Finding) -> Badge:
    """Return the badge of a finding's severity."""
    if finding.cause == "healthy":
        return HEALTHY
    if finding.cause in ("working", "waiting_its_turn"):
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
