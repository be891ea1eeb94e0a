"""Gemini, by API key or through a project of Google Cloud (Vertex AI), and its errors.

A generate call is synchronous: where no answer came it may have run, and may have been charged.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.core.settings import Settings
from services.providers.base import FailureClass, ModelCapabilities, ProviderError
from services.providers.definition import (
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
    classify,
)
from services.providers.replies import as_line, as_object, as_text, retry_after_seconds

_MODELS_PAGE = "ai.google.dev/gemini-api/docs/deprecations"
_TYPICAL_SECONDS = 10.0
_NO_QUOTA = r"limit: 0\b|\"quotaValue\": \"0\""
_DAILY = re.compile(r"per_?day", re.IGNORECASE)
_DAY_BEGINS_AT = ZoneInfo("America/Los_Angeles")
"""Google's daily quotas begin anew at midnight Pacific time."""
_USE = "pictures from words and references"
_CHECKED = date(2026, 12, 1)
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_TAKES = ModelCapabilities("*", max_images=3, aspect_ratios=_RATIOS)
_TAKES_TALL = replace(_TAKES, aspect_ratios=(*_RATIOS, "1:4", "4:1", "1:8", "8:1"))


@dataclass(frozen=True)
class GeminiDefinition(ProviderDefinition):
    """Vertex AI replaces the key by a project, its location and its credentials."""

    def is_configured(self, settings: Settings) -> bool:
        """Return whether there is a project, a key or a server that needs none."""
        return settings.uses_vertex or super().is_configured(settings)

    def needs_simulator(self, settings: Settings) -> bool:
        """Return whether neither a project nor a key nor a server is configured."""
        return not settings.uses_vertex and super().needs_simulator(settings)

    def arguments(self, settings: Settings) -> dict[str, Any]:
        """Return what the client is made with; Google's own address follows from the location."""
        model = {"model": settings.gemini_image_model}
        if not settings.uses_vertex:
            return super().arguments(settings) | model
        return model | {
            "project": settings.google_cloud_project_id,
            "location": settings.google_cloud_location,
            "credentials_file": settings.google_application_credentials,
            "base_url": settings.gemini_base_url if self.has_own_server(settings) else None,
        }

    def identity(self, settings: Settings) -> bytes:
        """Return project, location and key file: each of them may be replaced by another."""
        if not settings.uses_vertex:
            return super().identity(settings)
        project = f"{settings.google_cloud_project_id}/{settings.google_cloud_location}/".encode()
        file = settings.google_application_credentials
        # A file that cannot be read is reported where the client is made.
        with suppress(OSError):
            project += file.read_bytes() if file else b""
        return project

    def access(self, settings: Settings, masked_token: str) -> str:
        """Name the project on Vertex AI, else the key."""
        if settings.uses_vertex:
            return f"GOOGLE_CLOUD_PROJECT_ID {settings.google_cloud_project_id}"
        return super().access(settings, masked_token)

    def access_fix(self, settings: Settings) -> str:
        """Return what to set when the provider refuses the access."""
        if settings.uses_vertex:
            return (
                "Give the service account of GOOGLE_APPLICATION_CREDENTIALS the role Vertex AI"
                " User in that project, and start again."
            )
        return super().access_fix(settings)


def _retired(model: str, on: date, usd: float | None = None) -> ModelFacts:
    return ModelFacts(
        model,
        _USE,
        _TYPICAL_SECONDS,
        usd=usd,
        retires_on=on,
        replacement="gemini-nano-banana-2.1",
        source=_MODELS_PAGE,
        checked_on=_CHECKED,
        takes=_TAKES,
    )


DEFINITION = GeminiDefinition(
    name="gemini",
    label="Gemini",
    client="services.providers.gemini.provider:make_provider",
    is_synchronous=True,
    token_field="gemini_api_key",
    base_url_field="gemini_base_url",
    model_fields={Purpose.MASCOT: "gemini_image_model"},
    token_page="https://aistudio.google.com/apikey",
    token_prefix="AIza",
    errors=(
        # A bad key, and a country or a project that is not allowed, are 400 here, not 401/403.
        ErrorRule(
            FailureClass.CONFIGURATION,
            (400,),
            "API_KEY_INVALID|API key not valid|API key expired|FAILED_PRECONDITION|Cannot find field",
        ),
        # Google uses the status of a rate limit for it; waiting would never end it.
        ErrorRule(FailureClass.FUNDS, (429,), rf"prepayment credits are depleted|{_NO_QUOTA}"),
        ErrorRule(FailureClass.UNKNOWN, (422,)),
        *SYNCHRONOUS_ERRORS,
    ),
    models=(
        ModelFacts(
            "gemini-nano-banana-2.1",
            _USE,
            _TYPICAL_SECONDS,
            # $30 for a million output tokens; a 1K picture.
            usd=0.0336,
            source="ai.google.dev/gemini-api/docs/pricing",
            checked_on=_CHECKED,
            takes=_TAKES_TALL,
        ),
        _retired("gemini-2.5-flash-image", date(2026, 10, 2), usd=0.039),
        _retired("gemini-3.1-flash-image", date(2026, 10, 29)),
        ModelFacts("*", "every other model", _TYPICAL_SECONDS, usd=0.039, takes=_TAKES),
    ),
)


_REFUSED_IN_WORDS = re.compile(
    r"\b(?:cannot|can't|can’t|can not|unable to|not able to|won't|won’t)\s+(?:\w+\s+){0,3}?"
    r"(?:create|generate|fulfil?l|draw|produce|make|depict|provide|help|assist|comply)"
    r"|against (?:my|our|the) (?:\w+ )?(?:policy|policies|guidelines)|violates? (?:\w+ ){0,3}(?:policy|policies|guidelines)",
    re.IGNORECASE,
)
"""What a model writes in place of a picture that it does not want to draw."""
_REFUSALS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "ESCALATION",
        "MODEL_ARMOR",
    }
)


def status_error(code: int, status: str, details: Any, headers: Mapping[str, str]) -> ProviderError:
    """Return the error of a reply other than 200; `details` is its JSON body."""
    failure = classify(DEFINITION.errors, code, f"{status} {as_text(details)}")
    error = as_object(as_object(details).get("error")) or as_object(details)
    message = as_line(error.get("message"))
    if failure is FailureClass.MODEL_RETIRED and not error.get("status"):
        # Not Google's words: another server answered, which does not know this path.
        failure = FailureClass.CONFIGURATION
    retry = [part.get("retryDelay") for part in map(as_object, _list(error.get("details")))]
    wait = retry_after_seconds(headers, *retry, error.get("message"))
    note = ""
    if failure is FailureClass.FUNDS and re.search(_NO_QUOTA, as_text(details)):
        note = " This key has no quota for this model (limit 0), and waiting does not change it."
    elif failure is FailureClass.THROTTLED and _DAILY.search(as_text(details)):
        wait = seconds_to_next_day(datetime.now(_DAY_BEGINS_AT))
        note = " The day's quota is used up; it begins anew at midnight Pacific time."
    elif "Cannot find field" in as_text(details):
        note = (
            " The address does not know a field of the request: end GEMINI_BASE_URL with another"
            " version, such as /v1beta."
        )
    pauses = failure is FailureClass.FUNDS or (
        failure is FailureClass.CONFIGURATION and code in (400, 401, 403)
    )
    return ProviderError(
        failure,
        f"Gemini answered {code} {status}: {message}{note}",
        retry_after_seconds=wait if code in (429, 500, 503, 504) else None,
        pauses_provider=pauses,
        status_code=code,
    )


def seconds_to_next_day(now: datetime) -> float:
    """Return the seconds to the next midnight of `now`'s time zone."""
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
    return midnight.timestamp() - now.timestamp()


def credentials_error(what: str, *, is_passing: bool) -> ProviderError:
    """Google gave no access token, so nothing was sent; `is_passing` when later it may."""
    if is_passing:
        return ProviderError(
            FailureClass.TRANSIENT, f"Google gave no access token ({what})", reached=False
        )
    detail = f"Google no longer accepts these credentials, or there are none ({what})"
    return ProviderError(FailureClass.CONFIGURATION, detail, pauses_provider=True, reached=False)


def unreadable_error(error: Exception) -> ProviderError:
    """A 200 whose body is not what the API promises; the call ran."""
    return ProviderError(
        FailureClass.TRANSIENT, f"Gemini's answer could not be read ({type(error).__name__})"
    )


def no_picture_error(block_reason: str, finish_reasons: list[str], text: str) -> ProviderError:
    """Return the error of a 200 without a picture: refused for its content, or empty."""
    refusal = block_reason or next((why for why in finish_reasons if why in _REFUSALS), "")
    if not refusal and _REFUSED_IN_WORDS.search(text):
        refusal = as_line(text, limit=160)
    if refusal:
        detail = f"Gemini refused the content ({refusal})."
        return ProviderError(FailureClass.CONTENT_REFUSED, detail)
    reason = ", ".join(finish_reasons) or "no reason given"
    answer = f" Its answer: {as_line(text, limit=200)}" if text else ""
    return ProviderError(
        FailureClass.EMPTY, f"Gemini answered without a picture ({reason}).{answer}"
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
