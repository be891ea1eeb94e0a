"""What each fault does and which provider it can happen at, for a page that offers them."""

from simulator.faults import PROVIDERS, FaultName

_REPLICATE = ("replicate",)
_DRAWN_BY_GOOGLE = ("replicate", "gemini")
_HOSTED = ("replicate", "gemini", "huggingface")
_COG = ("cog",)

_MEANINGS: dict[FaultName, tuple[str, tuple[str, ...]]] = {
    FaultName.SLOW: ("The work takes longer: 60 s, or the given seconds.", PROVIDERS),
    FaultName.COLD_START: (
        "The model boots first: 120 s, or the given seconds. Hugging Face and Cog answer 503.",
        PROVIDERS,
    ),
    FaultName.THROTTLE: ("429, with the seconds until the next try.", _HOSTED),
    FaultName.LOW_CREDIT: (
        "429, with the lower limit of an account that has little credit left.",
        _REPLICATE,
    ),
    FaultName.NO_FUNDS: ("The account is out of money: 402, at Gemini 429.", _HOSTED),
    FaultName.UNAUTHORIZED: ("The token is refused: 401, at Gemini 400.", PROVIDERS),
    FaultName.SERVER_ERROR: ("500, or the given status.", PROVIDERS),
    FaultName.MALFORMED: ("A success whose body cannot be read.", PROVIDERS),
    FaultName.DROP_BEFORE_CREATE: ("The connection breaks; nothing was made.", PROVIDERS),
    FaultName.DROP_AFTER_CREATE: (
        "The connection breaks; the work goes on, but at Cog, which cancels it.",
        PROVIDERS,
    ),
    FaultName.REFUSE_CONTENT: ("The words are refused as unsafe.", _DRAWN_BY_GOOGLE),
    FaultName.REFUSE_OUTPUT: ("What was drawn is refused as unsafe.", (*_DRAWN_BY_GOOGLE, "cog")),
    FaultName.FEWER_OUTPUTS: ("A success with one picture too few.", (*_DRAWN_BY_GOOGLE, "cog")),
    FaultName.ABORTED: ("Ended before it began: after 5 s, or the given seconds.", _REPLICATE),
    FaultName.PUBLISH_FAILED: (
        "A training ends well, and no version of it can be made; its weights are there.",
        _REPLICATE,
    ),
    FaultName.EXPIRED_OUTPUTS: (
        "Input, logs and outputs are gone at once, or the given seconds after the end.",
        _REPLICATE,
    ),
    FaultName.STUCK: (
        "It runs for ever. Without predictions: 1 h, or the given seconds.",
        PROVIDERS,
    ),
    FaultName.PLATFORM_ERROR: (
        "The provider's own fault: a failed prediction; 503 at Gemini and Hugging Face.",
        PROVIDERS,
    ),
    FaultName.OUT_OF_MEMORY: ("Fails for want of graphics memory.", ("replicate", "cog")),
    FaultName.TRUNCATED_OUTPUT: ("The picture's file ends half way.", PROVIDERS),
    FaultName.CUT_OUTPUT: ("The connection breaks half way through the file.", PROVIDERS),
    FaultName.FOREIGN_OUTPUT_HOST: ("Outputs lie on a host that nobody expects.", _REPLICATE),
    FaultName.DUPLICATE_WEBHOOK: ("Each webhook is delivered twice.", _REPLICATE),
    FaultName.REORDER_WEBHOOK: ("The last webhook arrives first.", _REPLICATE),
    FaultName.BUSY: ("409: the container is at work on something else.", _COG),
    FaultName.SETUP_FAILED: ("The container's setup has failed: 503 for everything.", _COG),
    FaultName.LINKED_OUTPUT: ("Addresses of pictures in place of the pictures.", _COG),
}


def catalogue() -> list[dict[str, object]]:
    """Every fault, as JSON."""
    return [
        {"name": name.value, "meaning": _MEANINGS[name][0], "providers": list(_MEANINGS[name][1])}
        for name in FaultName
    ]


def happens_at(name: FaultName, provider: str) -> bool:
    """Whether that provider can have that fault."""
    return provider in _MEANINGS[name][1]
