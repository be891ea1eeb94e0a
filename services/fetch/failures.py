"""Why a download failed, in a form that says what to do about it."""

from enum import StrEnum


class FetchFailure(StrEnum):
    """Why a download failed; only TRANSIENT and TIMED_OUT are worth another try."""

    GONE = "gone"
    REFUSED_ADDRESS = "refused_address"
    TOO_BIG = "too_big"
    TRANSIENT = "transient"
    TIMED_OUT = "timed_out"


class FetchError(Exception):
    """A download failed. `detail` names hosts and numbers, never a URL: those can be signed."""

    def __init__(self, kind: FetchFailure, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


def refused_address(detail: str) -> FetchError:
    """The error for a place that nothing is fetched from."""
    return FetchError(FetchFailure.REFUSED_ADDRESS, detail)
