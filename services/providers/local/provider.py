"""Atelier as a `SynchronousProvider`: crops pictures for channels and calls nobody.

So an export is a slot like any other: charged, queued, leased, retried and refunded.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

from services.core.errors import PictureRefusedError
from services.media.exports import DEFAULT_FOCUS, PRESETS, export_picture
from services.providers.base import (
    LOCAL,
    LOCAL_EXPORT,
    FailureClass,
    ModelCapabilities,
    OutputImage,
    PictureRequest,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
    SynchronousResult,
)
from services.providers.checks import refused
from services.providers.local.definition import DEFINITION


class LocalProvider:
    """Thread-safe, needs no token and no network; every call raises ProviderError alone."""

    name = LOCAL

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the catalogue says: one picture in, the same one out in a channel's size."""
        return DEFINITION.capabilities(model)

    def account(self) -> ProviderAccount:
        """Return Atelier itself: there is no account."""
        return ProviderAccount(self.name, "Atelier", "no account")

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Check the request; a seed means nothing here and is left out."""
        _check(request)
        payload = {
            "model": request.model,
            "preset": request.options["preset"],
            "focus": _focus(request.options),
            "image_sha256": [hashlib.sha256(image.content).hexdigest() for image in request.images],
        }
        return PreparedRequest(request.model, None, payload, request.images)

    def generate(self, prepared: PreparedRequest) -> SynchronousResult:
        """Crop the one picture; BAD_INPUT where it cannot be opened."""
        given = prepared.payload
        try:
            made = export_picture(
                prepared.images[0].content, PRESETS[given["preset"]], given["focus"]
            )
        except PictureRefusedError as error:
            raise ProviderError(FailureClass.BAD_INPUT, error.sentence) from None
        return SynchronousResult((OutputImage(made.content_type, made.content),))


def _check(request: PictureRequest) -> None:
    """Refuse what is not an export, so that nothing is dropped silently."""
    if request.model != LOCAL_EXPORT:
        raise refused(f"Atelier has no {request.model}.")
    if len(request.images) != 1 or request.output_count != 1:
        raise refused("An export is made of one picture, once.")
    if request.prompt or request.control_image or request.aspect_ratio:
        raise refused("An export takes no words, no control image and no aspect ratio.")
    unknown = set(request.options) - set(DEFINITION.capabilities(LOCAL_EXPORT).options)
    if unknown:
        raise refused(f"An export does not know {', '.join(sorted(unknown))}.")
    if request.options.get("preset") not in PRESETS:
        raise refused(f"There is no channel {request.options.get('preset')}.")


def _focus(options: Mapping[str, Any]) -> list[float]:
    given = options.get("focus", DEFAULT_FOCUS)
    numbers = list(given) if isinstance(given, list | tuple) else []
    is_point = len(numbers) == 2 and all(
        isinstance(number, int | float) and math.isfinite(number) and 0 <= number <= 1
        for number in numbers
    )
    if not is_point:
        raise refused("The focus is a point of the picture: two numbers from 0 to 1.")
    return [float(number) for number in numbers]
