"""Cog: a GPU server of one's own that runs a container and speaks Cog's HTTP API.

github.com/replicate/cog, docs/http.md; the behaviour behind it was read off Cog 0.23.
"""

from collections.abc import Mapping
from typing import Any

from services.core.redaction import shown_address
from services.core.settings import Settings
from services.providers.base import FailureClass, ModelCapabilities, ProviderError
from services.providers.definition import (
    MODEL_ERRORS,
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
    classify,
)
from services.providers.replies import Reply, as_line, as_object, as_text, retry_after_seconds


class CogDefinition(ProviderDefinition):
    """Its server has an address and no vendor, and needs a token only behind a reverse proxy."""

    def needs_simulator(self, settings: Settings) -> bool:
        """Return whether the simulator stands in: where it is asked for, and no server is set."""
        return settings.cog_simulated and not self.exists(settings)

    def arguments(self, settings: Settings) -> dict[str, Any]:
        """Return what the client is made with."""
        token = settings.cog_api_token
        secret = token.get_secret_value() if token else None
        return {"token": secret, "base_url": settings.cog_base_url}

    def identity(self, settings: Settings) -> bytes:
        """Return what the fingerprint is made of: another server is another account."""
        return b"\n".join((super().identity(settings), str(settings.cog_base_url).encode()))

    def access(self, settings: Settings, masked_token: str) -> str:
        """Name the setting that gives access, for the check-up."""
        return f"COG_BASE_URL {shown_address(settings.cog_base_url or '')}"

    def access_fix(self, settings: Settings) -> str:
        """Return what to set when the server refuses the access."""
        return (
            "Set COG_BASE_URL to the address of a Cog container, and COG_API_TOKEN to the token of"
            " the reverse proxy before it, if there is one; then start again."
        )


DEFINITION = CogDefinition(
    name="cog",
    label="Cog",
    client="services.providers.cog.provider:CogProvider",
    is_synchronous=True,
    is_idempotent=True,
    is_optional=True,
    token_field="cog_api_token",
    base_url_field="cog_base_url",
    concurrency_field="cog_concurrency",
    model_fields={Purpose.POSE: "cog_pose_model"},
    errors=(
        # The address is wrong, or a reverse proxy refuses it.
        ErrorRule(FailureClass.CONFIGURATION, (404, 405, 410)),
        # An error of the proxy's: the container may be at work on the prediction.
        ErrorRule(FailureClass.AMBIGUOUS, (408, 499, 502, 504, 520, 522, 524)),
        *SYNCHRONOUS_ERRORS,
    ),
    models=(
        ModelFacts(
            "*",
            "whatever model the container serves",
            30.0,
            usd=0.0,
            takes=ModelCapabilities("*"),
            source="one's own hardware",
        ),
    ),
)
PREDICTION_ERRORS = (
    *MODEL_ERRORS,
    ErrorRule(FailureClass.PLATFORM, text="worker crashed|prediction task lost"),
)
"""By the `error` of a failed prediction."""

_BROKEN = ("SETUP_FAILED", "DEFUNCT")
_DEAD_WORKER = "healthcheck channel closed"
"""What Cog 0.23 reports of itself, as UNHEALTHY, after its worker has crashed; it stays so."""
_READY = ("READY", "BUSY")


def health_problem(health: Mapping[str, Any]) -> str:
    """Return why a container makes no predictions; empty where it makes some."""
    status, setup = as_text(health.get("status")), as_object(health.get("setup"))
    if status in _READY:
        return ""
    if status == "SETUP_FAILED":
        lines = as_text(setup.get("logs")).strip().splitlines()
        return f"its setup failed: {as_line(lines[-1]) if lines else 'its log is empty'}"
    if status == "UNHEALTHY":
        reason = as_line(health.get("user_healthcheck_error")).rstrip(".")
        return f"its own health check fails ({reason}). Restart the container if this stays"
    if status == "DEFUNCT":
        return "its worker has ended for good (DEFUNCT). Restart the container"
    since = as_line(setup.get("started_at"), limit=40)
    return f"its setup has not finished ({status}{f', begun {since}' if since else ''})"


def is_broken(health: Mapping[str, Any]) -> bool:
    """Whether only a person who restarts the container can put it right."""
    is_dead = _DEAD_WORKER in as_text(health.get("user_healthcheck_error"))
    return is_dead or health.get("status") in _BROKEN


def status_error(place: str, reply: Reply, *, creates: bool) -> ProviderError:
    """Return the error of a reply that is no success; `place` is who answered."""
    text = _words(reply)
    failure = classify(DEFINITION.errors, reply.status, text)
    if failure is FailureClass.AMBIGUOUS and not creates:
        failure = FailureClass.TRANSIENT
    return ProviderError(
        failure,
        f"{place} answered {reply.status}" + (f": {text}" if text else " and no reason"),
        reached=creates,
        retry_after_seconds=retry_after_seconds(reply.headers),
        pauses_provider=failure in (FailureClass.CONFIGURATION, FailureClass.FUNDS),
        status_code=reply.status,
    )


def _words(reply: Reply) -> str:
    """The server's reason: Cog's `error`, its list of wrong inputs, or the body's first words."""
    detail = reply.body.get("detail")
    if isinstance(detail, list):
        return as_line("; ".join(_wrong_input(as_object(item)) for item in detail))
    said = as_line(reply.body.get("error")) or as_line(detail)
    return said or (reply.excerpt if reply.content else "")


def _wrong_input(item: Mapping[str, Any]) -> str:
    """`seed: "x" is not of type "integer"`."""
    place = item.get("loc")
    name = place[-1] if isinstance(place, list) and place else ""
    return f"{name}: {as_text(item.get('msg'))}".removeprefix(": ")
