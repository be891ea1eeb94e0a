"""Labels and status badges, the same on every page. No widget and no service here."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from services.core.states import AttemptState, GenerationState
from services.diagnosis.cause import Finding, Severity
from services.monitoring.run_status import RunGroup
from services.monitoring.slots import SlotStatus
from services.providers.registry import provider_label
from services.recipes.labels import FAILURE_SENTENCES, ROLE_LABELS, UNKNOWN_FAILURE
from services.recipes.registry import PRICE_ITEMS, RECIPES
from services.recipes.training.data_set import CheckState
from services.recipes.training.trained_models import TrainingState
from services.remedies.registry import REMEDIES

RETRY_LABEL = REMEDIES["retry"].label
"""Of the button and its dialog on every page: the remedy's own."""
SIMULATED = "Pictures of {providers} are simulated: no token is set, and nothing is billed"


class Badge(NamedTuple):
    """The label, tone and icon of a status."""

    label: str
    tone: str
    icon: str


GENERATION_BADGES = {
    GenerationState.QUEUED: Badge("Queued", "gray", "schedule"),
    GenerationState.RUNNING: Badge("Running", "blue", "progress_activity"),
    GenerationState.SUCCEEDED: Badge("Done", "green", "check"),
    GenerationState.PARTIAL: Badge("Partly done", "amber", "contrast"),
    GenerationState.FAILED: Badge("Failed", "red", "error"),
    GenerationState.CANCELED: Badge("Canceled", "struck", "block"),
    GenerationState.NEEDS_REVIEW: Badge("Action required", "violet", "front_hand"),
}

SLOT_BADGES = {
    SlotStatus.QUEUED: Badge("Queued", "gray", "schedule"),
    SlotStatus.BLOCKED: Badge("Next", "gray", "subdirectory_arrow_right"),
    SlotStatus.RUNNING: Badge("Running", "blue", "progress_activity"),
    SlotStatus.DONE: Badge("Done", "green", "check"),
    SlotStatus.FAILED: Badge("Failed", "red", "error"),
    SlotStatus.CANCELED: Badge("Canceled", "struck", "block"),
    SlotStatus.NEEDS_REVIEW: Badge("Action required", "violet", "front_hand"),
}

OVERDUE = Badge("Overdue", "amber", "hourglass_bottom")
"""Of a running slot that takes several times as long as usual."""

RUN_BADGES = {
    RunGroup.WAITING: Badge("Waiting", "gray", "schedule"),
    RunGroup.ACTIVE: Badge("Active", "blue", "progress_activity"),
    RunGroup.DELAYED: Badge("Delayed", "gray", "snooze"),
    RunGroup.NEEDS_REVIEW: Badge("Action required", "violet", "front_hand"),
    RunGroup.COMPLETED: Badge("Completed", "green", "check"),
    RunGroup.FAILED: Badge("Failed", "red", "error"),
    RunGroup.CANCELED: Badge("Canceled", "struck", "block"),
}

ATTEMPT_BADGES = {
    AttemptState.SUBMITTING: Badge("Sending", "blue", "send"),
    AttemptState.NOT_SENT: Badge("Not sent", "gray", "cancel_schedule_send"),
    AttemptState.UNKNOWN: Badge("Unanswered", "violet", "question_mark"),
    AttemptState.RUNNING: Badge("Running", "blue", "progress_activity"),
    AttemptState.SUCCEEDED: Badge("Done", "green", "check"),
    AttemptState.FAILED: Badge("Failed", "red", "error"),
    AttemptState.CANCELED: Badge("Canceled", "struck", "block"),
    AttemptState.LOST: Badge("Lost", "red", "link_off"),
}

SHARPNESS_BADGES = {
    "sharp": Badge("Sharp", "green", "center_focus_strong"),
    "soft": Badge("Soft", "gray", "center_focus_weak"),
    "blurred": Badge("Blurred", "amber", "blur_on"),
}

TRAINING_BADGES = {
    TrainingState.STARTING: Badge("Starting", "gray", "schedule"),
    TrainingState.TRAINING: Badge("Training", "blue", "progress_activity"),
    TrainingState.COMPLETED: Badge("Completed", "green", "check"),
    TrainingState.FAILED: Badge("Failed", "red", "error"),
    TrainingState.CANCELED: Badge("Canceled", "struck", "block"),
}

CHECK_BADGES = {
    CheckState.OK: Badge("Good", "green", "check"),
    CheckState.WARNING: Badge("Check it", "amber", "warning"),
    CheckState.PROBLEM: Badge("Blocking", "red", "block"),
}

KIND_WORDS = {kind: recipe.label for kind, recipe in RECIPES.items()}

ROLE_WORDS = ROLE_LABELS

OPTION_WORDS = {
    "strength": "Strength",
    "steps": "Steps",
    "guidance": "Guidance",
    "lora_scale": "Likeness scale",
    "negative_prompt": "Negative prompt",
}

TIER_WORDS = {"free": "Free", "pro": "Pro", "unlimited": "Unlimited"}

ITEM_WORDS = {item: price.label for item, price in PRICE_ITEMS.items()}

AUDIT_WORDS = {
    "account.change": "Changed an account",
    "account.create": "Created an account",
    "account.grant": "Granted credits",
    "budget.change": "Changed the budget",
    "database.recover": "Ended the recovery of a restored database",
    "consent.withdraw": "Withdrew a consent",
    "generation.cancel": "Canceled a batch",
    "generation.retry": "Retried failed pictures",
    "pose.add": "Added a pose",
    "pose.archive": "Archived a pose",
    "pose.change": "Changed a pose",
    "pose.restore": "Restored a pose",
    "price.change": "Changed a price",
    "prompt_text.change": "Changed a text of prompts",
    "provider.pause": "Paused a provider",
    "provider.resume": "Resumed a provider",
    "provider_price.change": "Changed a provider's price",
    "queue.pause": "Paused a queue",
    "queue.resume": "Resumed a queue",
    "reference.delete": "Deleted a reference",
    "reference.erase": "Erased a reference",
    "reference.restore": "Restored a reference",
    "run.give_up": "Gave up and refunded",
    "run.make_again": "Retried an unknown submit",
    "scenario.add": "Added a scenario",
    "scenario.archive": "Archived a scenario",
    "scenario.edit": "Changed a scenario",
    "scenario.restore": "Restored a scenario",
    "simulator.clear_faults": "Cleared the simulator's faults",
    "simulator.fault": "Injected a fault into the simulator",
    "simulator.speed": "Set the simulator's speed",
    "sql.run": "Ran a query",
    "storage.compare": "Compared storage with database",
    "test_picture.end": "Finished a test picture",
    "test_picture.start": "Started a test picture",
    "trained_model.archive": "Archived a trained model",
    "trained_model.rename": "Renamed a trained model",
    "trained_model.restore": "Restored a trained model",
    **{f"remedy.{remedy.id}": remedy.audit_label for remedy in REMEDIES.values()},
}

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
    "object_damaged": ("red", "the stored bytes are not those of its row"),
    "wrong_bucket": ("red", "stored in a bucket that the settings do not name"),
    "orphaned_file": ("gray", "left over, possibly from an interrupted step"),
}
"""Tone and what it means; the title is the cause's own."""

MISSING_REMEDIES = {
    "output_not_fetched": ("redownload",),
    "object_missing": ("regenerate",),
    "object_damaged": ("regenerate",),
    "wrong_bucket": (),
    "orphaned_file": ("delete_orphan", "adopt_object"),
}
"""Remedies for one of them; the first one also in bulk."""

SEARCH_EXAMPLES = (
    "any id (generation, run, slot, picture, mascot, account, batch, job)",
    "a prediction's id or its link at the provider",
    "a storage key, or the address of a picture",
    "a customer's name, a mascot's name, or a file's name",
    "some words of the prompt, or of the error message that the customer saw",
    "a time, such as “yesterday 14:00” or “20 minutes ago”",
)

_DIAGNOSED = ("gen_", "run_", "slot_", "att_", "batch_")
_PAGES_OF_AUDIT = {
    "account": "credits",
    "budget": "credits?view=Prices",
    "pose": "pose_library",
    "price": "credits?view=Prices",
    "prompt_text": "system",
    "provider": "",
    "provider_price": "credits?view=Prices",
    "reference": "references",
    "scenario": "simulations",
    "simulator": "system",
    "test_picture": "system",
    "trained_model": "studio",
}

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$:=&])")
_REPLACED = re.compile(
    r"(?<=:)(?<!\d:)(?=//|[\w/+-]+:)|(?<=www)(?=\.)|(?=@)|(?<=[<>~-])(?=[->=])", re.IGNORECASE
)
_WORD_JOINER = "\u2060"


def escaped(text: str) -> str:
    """Return text as it is, for Streamlit's labels and messages, which are markdown.

    Addresses, `:icon:` and `->` are replaced after the escapes are read: an invisible character
    cuts them.
    """
    cut = _REPLACED.sub(_WORD_JOINER, " ".join(text.split()))
    return _MARKS.sub(r"\\\1", cut)


def option_facts(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a model's options as label and value; `("Strength", "0.5")`."""
    return [
        (label, f"{options[name]:g}" if isinstance(options[name], float) else str(options[name]))
        for name, label in OPTION_WORDS.items()
        if name in options
    ]


def audit_words(action: str) -> str:
    """Return an audited action in words."""
    return AUDIT_WORDS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def audit_place(action: str, subject_id: str) -> str | None:
    """Return the relative address of a change's subject; None where there is none."""
    if subject_id.startswith(_DIAGNOSED):
        return f"diagnose?id={quote(subject_id)}"
    if subject_id.startswith("ast_"):
        return f"picture?id={quote(subject_id)}"
    return _PAGES_OF_AUDIT.get(action.partition(".")[0])


def audit_field(name: str) -> str:
    """Return a field in words: `is_archived` is `Archived`, `daily_usd` is `Daily USD`."""
    words = name.removeprefix("is_").replace("_", " ").replace(".", ": ")
    return re.sub(r"\b(usd|id)\b", lambda found: found[0].upper(), words[:1].upper() + words[1:])


def refund_reason(failure: str) -> str:
    """Return why a slot was refunded; the ledger stores a failure's class or a person's words."""
    if " " in failure:
        return failure
    return FAILURE_SENTENCES.get(failure, UNKNOWN_FAILURE)


def model_name(model: str) -> str:
    """Return a model without its owner: `black-forest-labs/flux-dev` is `flux-dev`; a version is cut."""
    name, _, version = model.rpartition("/")[2].partition(":")
    return f"{name}:{version[:8]}" if version else name


def badge_of(finding: Finding) -> Badge:
    """Return the badge of a finding's severity."""
    if finding.cause == "healthy":
        return HEALTHY
    if finding.cause in ("working", "waiting_its_turn"):
        return GOES_ON
    return SEVERITY_BADGES[finding.severity]


def source_words(source: str) -> tuple[str, str]:
    """Return a source's name and icon."""
    known = SOURCE_WORDS.get(source.lower())
    return known or (provider_label(source), PROVIDER_ICON)


def clock_words(source: str, clock: str) -> str:
    """Return whose clock a time is by; empty for the source's own and for our database."""
    own = {OUR_CLOCK, f"{source}'s clock".lower(), f"the {source}'s clock".lower()}
    return "" if clock.lower() in own else clock
