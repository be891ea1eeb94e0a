"""What roles of slots and failures are called on pages."""

from services.core.states import SlotRole
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
    FailureClass.CONFIGURATION: "The provider refused our access or does not know the model.",
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
    FailureClass.EMPTY: "The provider finished without a picture.",
    FailureClass.WINDOW_MISSED: "The provider deleted the picture before it was fetched.",
    "partial": "The provider made fewer pictures than were ordered.",
    "parent_failed": "The picture that it is made from failed.",
    "given_up": "A person ended it.",
    "file_lost": "Its stored file was lost.",
}


UNKNOWN_FAILURE = "Something unexpected ended it."
