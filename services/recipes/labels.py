"""Name roles, failures and pictures as pages, galleries and files show them."""

import re
import unicodedata

from services.core.states import Kind, SlotRole
from services.database.models import Slot
from services.media.exports import PRESETS
from services.providers.base import FailureClass

ROLE_LABELS = {
    SlotRole.FULL_BODY: "Full body",
    SlotRole.AVATAR: "Avatar",
    SlotRole.SQUARE_ICON: "Square icon",
    SlotRole.POSE: "Pose",
    SlotRole.REAR_VIEW: "Rear view",
    SlotRole.SIDE_VIEW: "Side view",
    SlotRole.VERSION: "Trained version",
    SlotRole.WEIGHTS: "Weights",
    SlotRole.STUDIO: "Picture",
    SlotRole.BACKGROUND: "Background",
    SlotRole.EXPORT: "Export",
}


FAILURE_SENTENCES = {
    FailureClass.BAD_INPUT: "The model did not accept the request.",
    FailureClass.CONTENT_REFUSED: "The model's content filter refused it. Change the words.",
    FailureClass.CONFIGURATION: "The provider refused our access.",
    FailureClass.MODEL_RETIRED: "The provider does not have this model any more.",
    FailureClass.FUNDS: "The provider's account is out of funds.",
    FailureClass.LOST: "The provider no longer knows this request.",
    FailureClass.TRANSIENT: "The provider could not be reached.",
    FailureClass.THROTTLED: "The provider takes no more requests for now.",
    FailureClass.AMBIGUOUS: "Given up: nobody knows whether the provider received it.",
    FailureClass.PLATFORM: "The provider had a fault of its own.",
    FailureClass.TOO_BIG: "It was too big for the provider's machine.",
    FailureClass.DEADLINE: "The provider did not begin in time.",
    FailureClass.CANCELED: "It was canceled at the provider.",
    FailureClass.TIMED_OUT: "It was not ready when its time was up.",
    FailureClass.UNPUBLISHED: "It was trained, and the provider could not make a version of it.",
    FailureClass.EMPTY: "The provider finished without a picture.",
    FailureClass.BLANK: "The provider answered with a blank picture, as content filters do.",
    FailureClass.BAD_OUTPUT: "The provider's file is of no use.",
    FailureClass.NOT_FETCHED: "The finished picture could not be downloaded and stored.",
    FailureClass.UNANSWERED: "The provider could not be asked about it until its time was up.",
    FailureClass.WAITED_TOO_LONG: "It waited too long and was ended.",
    FailureClass.WINDOW_MISSED: "The provider deleted the picture before it was fetched.",
    "partial": "The provider made fewer pictures than were ordered.",
    "parent_failed": "Skipped: its source picture failed.",
    "given_up": "A person ended it.",
    "file_lost": "Its stored file was lost.",
}


UNKNOWN_FAILURE = "Something unexpected ended it."


MASCOT_ROLES = (SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON)


def picture_title(
    role: SlotRole, title: str, mascot_name: str | None, pose_name: str | None
) -> str:
    """Title a picture by its mascot and role, or pose; else by its generation's title."""
    if role in (SlotRole.REAR_VIEW, SlotRole.SIDE_VIEW):
        return f"{ROLE_LABELS[role]} of {title}"
    if role in MASCOT_ROLES and mascot_name:
        return f"{mascot_name} · {ROLE_LABELS[role]}"
    if role is SlotRole.STUDIO:
        return title
    if role is not SlotRole.POSE:
        return f"{title} · {ROLE_LABELS[role]}"
    if pose_name is None:
        return title
    return f"{mascot_name}: {pose_name}" if mascot_name else pose_name


def slot_title(slot: Slot, title: str, mascot_name: str | None, pose_name: str | None) -> str:
    """Title a slot's picture; `title` is its generation's."""
    if slot.role in EDIT_ROLES:
        return edit_title(slot, title, mascot_name, pose_name)
    return picture_title(slot.role, title, mascot_name, pose_name)


EDIT_ROLES = frozenset({SlotRole.BACKGROUND, SlotRole.EXPORT})
MAX_NAME_CHARACTERS = 80
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def edit_words(slot: Slot) -> str:
    """`Background removed`, `Instagram story`."""
    if slot.role is SlotRole.BACKGROUND:
        return "Background replaced" if slot.prompt else "Background removed"
    preset = PRESETS.get(str(slot.options.get("preset")))
    return preset.label if preset else "Export"


def edit_label(slot: Slot, pose: str | None, number: int, count: int) -> str:
    """`Waving · TikTok`; several of the same sort in one batch are numbered."""
    is_of_pose = slot.kind is Kind.POSES
    if pose is not None:
        name = f"{pose} · {number}" if count > 1 else pose
    elif is_of_pose or count > 1:
        name = f"{'Pose' if is_of_pose else 'Picture'} {number}"
    else:
        return edit_words(slot)
    return f"{name} · {edit_words(slot)}"


def edit_title(slot: Slot, title: str, mascot_name: str | None, pose_name: str | None) -> str:
    """`Fennel: Waving · TikTok`; without a pose, the generation's title."""
    if pose_name is not None:
        name = f"{mascot_name}: {pose_name}" if mascot_name else pose_name
    else:
        name = (slot.kind is Kind.EDITS and title.rpartition(" · ")[0]) or title
    return f"{name} · {edit_words(slot)}"


def file_name(title: str, extension: str) -> str:
    """`fennel-waving-instagram-story.jpg`: a title as a name that every system takes."""
    plain = unicodedata.normalize("NFKC", title).lower()
    words = _BETWEEN_WORDS.sub("-", plain)[:MAX_NAME_CHARACTERS].strip("-")
    return f"{words or 'picture'}.{extension}"
