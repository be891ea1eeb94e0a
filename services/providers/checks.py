"""Checks before anything is sent: the token, the address, and what a request asks of a model."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from services.core.errors import SettingsError
from services.core.redaction import remember_secrets
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    PictureRequest,
    ProviderError,
)


def checked_secret(secret: str, provider: str) -> str:
    """Return a usable token or key, stripped, and mask it from now on; raises SettingsError.

    An empty one would make the vendors' clients read the environment, and one with odd
    characters would fail inside the HTTP library, which then prints the whole header.
    """
    secret = secret.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SettingsError(problem=f"{provider}'s key is empty or holds characters no key has.")
    remember_secrets([secret])
    return secret


def checked_url(url: str, provider: str) -> str:
    """Return an http(s) address without a slash at its end; raises SettingsError."""
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_usable = is_usable and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise SettingsError(problem=f"{provider}'s address is not an http(s) address.")
    return url


def request_problems(
    request: PictureRequest, can: ModelCapabilities, max_count: int = 1
) -> Iterator[str]:
    """Yield a sentence for each thing in a request that the model cannot do."""
    model = can.model
    if not 1 <= request.output_count <= max_count:
        count = "one picture" if max_count == 1 else f"1 to {max_count} pictures"
        yield f"{model} makes {count} a call."
    if can.needs_image and not request.images:
        yield f"{model} needs a picture."
    if len(request.images) > can.max_images:
        yield f"{model} takes {can.max_images} pictures, not {len(request.images)}."
    if request.control_image and not can.takes_control_image:
        yield f"{model} uses the pose's description only: it has no input for a control image."
    if can.takes_prompt and len(request.prompt) > can.max_prompt_characters:
        yield f"The prompt is longer than {can.max_prompt_characters} characters."
    if request.aspect_ratio and request.aspect_ratio not in can.aspect_ratios:
        yield f"{model} has no aspect ratio {request.aspect_ratio}."
    if unknown := sorted(set(request.options) - set(can.options)):
        yield f"{model} has no option {', '.join(unknown)}."


def refused(problem: str) -> ProviderError:
    """Return the error for a request that a model cannot take; nothing was sent."""
    return ProviderError(FailureClass.BAD_INPUT, problem, reached=False)


def wrong_model(problem: str) -> ProviderError:
    """Return the error for a model that a setting names wrongly; nothing was sent."""
    return ProviderError(FailureClass.CONFIGURATION, problem, reached=False)
