"""Words, tones and numbers, the same on every page. Knows no widget and asks no service."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.generations.slot_cards import (
    FAILURE_SENTENCES,
    ROLE_LABELS,
    UNKNOWN_FAILURE,
    SlotStatus,
)
from services.jobs.groups import RunGroup
from services.recipes.training_set import CheckState
from services.statuses import AttemptState, GenerationState, Kind
from services.trained_models import TrainingState

SIMULATED = "Pictures are simulated: no provider token is set"


class Look(NamedTuple):
    """How a status is told: its word, its tone and its symbol."""

    word: str
    tone: str
    icon: str


GENERATION_LOOKS = {
    GenerationState.QUEUED: Look("Queued", "gray", "schedule"),
    GenerationState.RUNNING: Look("Running", "blue", "progress_activity"),
    GenerationState.SUCCEEDED: Look("Done", "green", "check"),
    GenerationState.PARTIAL: Look("Partly done", "amber", "contrast"),
    GenerationState.FAILED: Look("Failed", "red", "error"),
    GenerationState.CANCELED: Look("Canceled", "struck", "block"),
    GenerationState.NEEDS_REVIEW: Look("Needs a person", "violet", "front_hand"),
}

SLOT_LOOKS = {
    SlotStatus.QUEUED: Look("Queued", "gray", "schedule"),
    SlotStatus.BLOCKED: Look("Next", "gray", "subdirectory_arrow_right"),
    SlotStatus.RUNNING: Look("Running", "blue", "progress_activity"),
    SlotStatus.DONE: Look("Done", "green", "check"),
    SlotStatus.FAILED: Look("Failed", "red", "error"),
    SlotStatus.CANCELED: Look("Canceled", "struck", "block"),
    SlotStatus.NEEDS_REVIEW: Look("Needs a person", "violet", "front_hand"),
}

RUN_LOOKS = {
    RunGroup.WAITING: Look("Waiting", "gray", "schedule"),
    RunGroup.ACTIVE: Look("Active", "blue", "progress_activity"),
    RunGroup.DELAYED: Look("Delayed", "gray", "snooze"),
    RunGroup.NEEDS_REVIEW: Look("Needs a person", "violet", "front_hand"),
    RunGroup.COMPLETED: Look("Completed", "green", "check"),
    RunGroup.FAILED: Look("Failed", "red", "error"),
    RunGroup.CANCELED: Look("Canceled", "struck", "block"),
}

ATTEMPT_LOOKS = {
    AttemptState.SUBMITTING: Look("Sending", "blue", "send"),
    AttemptState.NOT_SENT: Look("Not sent", "gray", "cancel_schedule_send"),
    AttemptState.UNKNOWN: Look("Unanswered", "violet", "question_mark"),
    AttemptState.RUNNING: Look("Running", "blue", "progress_activity"),
    AttemptState.SUCCEEDED: Look("Done", "green", "check"),
    AttemptState.FAILED: Look("Failed", "red", "error"),
    AttemptState.CANCELED: Look("Canceled", "struck", "block"),
    AttemptState.LOST: Look("Lost", "red", "link_off"),
}

SHARPNESS_LOOKS = {
    "sharp": Look("Sharp", "green", "center_focus_strong"),
    "soft": Look("Soft", "gray", "center_focus_weak"),
    "blurred": Look("Blurred", "amber", "blur_on"),
}

TRAINING_LOOKS = {
    TrainingState.STARTING: Look("Starting", "gray", "schedule"),
    TrainingState.TRAINING: Look("Training", "blue", "progress_activity"),
    TrainingState.COMPLETED: Look("Completed", "green", "check"),
    TrainingState.FAILED: Look("Failed", "red", "error"),
}

CHECK_LOOKS = {
    CheckState.OK: Look("Good", "green", "check"),
    CheckState.WARNING: Look("Look at it", "amber", "warning"),
    CheckState.PROBLEM: Look("In the way", "red", "block"),
}

KIND_WORDS = {
    Kind.MASCOTS: "Mascots",
    Kind.POSES: "Poses",
    Kind.SIMULATIONS: "Simulations",
    Kind.TRAINING: "Training",
    Kind.STUDIO: "Studio",
    Kind.EDITS: "Edits",
}

ROLE_WORDS = ROLE_LABELS

OPTION_WORDS = {
    "strength": "Strength",
    "steps": "Steps",
    "guidance": "Guidance",
    "lora_scale": "Likeness scale",
    "negative_prompt": "Kept out",
}

TIER_WORDS = {"free": "Free", "pro": "Pro", "unlimited": "Unlimited"}

ITEM_WORDS = {
    "pose": "Pose",
    "mascot_picture": "Mascot picture",
    "simulation_view": "Simulation view",
    "training_version": "Trained version",
    "training_weights": "Weights file",
    "studio_picture": "Studio picture",
    "cutout": "Background removed",
    "background": "Background replaced",
    "export": "Export",
}

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$:=&])")


def escaped(text: str) -> str:
    """Text as it is, in a place that would read markdown."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def count_of(number: int, one: str, many: str = "") -> str:
    """`1 picture`, `1,204 pictures`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def credits_of(number: int) -> str:
    """`1 credit`, `360 credits`."""
    return count_of(number, "credit")


def option_facts(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a model was told beside the prompt, as label and value; `("Strength", "0.5")`."""
    return [
        (label, f"{options[name]:g}" if isinstance(options[name], float) else str(options[name]))
        for name, label in OPTION_WORDS.items()
        if name in options
    ]


def duration(seconds: float) -> str:
    """`8 s`, `2 min`, `1 h 5 min`: as exact as a wait is felt."""
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def exact_seconds(seconds: float) -> str:
    """`23.1 s` or `2 min 5 s`, for what was measured."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def dollars(amount: float) -> str:
    """`$0.59`; below a cent `under $0.01`."""
    return "under $0.01" if 0 < amount < 0.01 else f"${amount:,.2f}"


def refund_reason(failure: str) -> str:
    """Why a slot's credits came back; the ledger keeps a failure's class, or a person's words."""
    if " " in failure:
        return failure
    return FAILURE_SENTENCES.get(failure, UNKNOWN_FAILURE)


def model_name(model: str) -> str:
    """A model without its owner: `black-forest-labs/flux-dev` is `flux-dev`."""
    return model.rpartition("/")[2]


def file_size(byte_count: int) -> str:
    """`842 KB`, `1.2 MB`."""
    if byte_count < 1_000_000:
        return f"{max(1, round(byte_count / 1000))} KB"
    return f"{byte_count / 1_000_000:.1f} MB"


def size(width: int, height: int) -> str:
    """`1024 × 1024`."""
    return f"{width} × {height}"
