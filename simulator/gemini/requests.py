"""Reads a generateContent request: its words, its picture, its settings."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any

from simulator.gemini.problems import invalid_argument

GENERATION_FIELDS = frozenset(
    {
        "candidateCount",
        "imageConfig",
        "maxOutputTokens",
        "mediaResolution",
        "responseMimeType",
        "responseModalities",
        "responseSchema",
        "seed",
        "stopSequences",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    }
)
"""What Google's GenerationConfig has; another name is refused."""
_SCALES = {"1K": 1, "2K": 2, "4K": 4}


@dataclass(frozen=True)
class GeminiRequest:
    """What a generateContent request asks for."""

    prompt: str
    picture: bytes | None
    seed: int
    aspect: str | None
    scale: int
    """The requested multiple of the normal width and height."""


def read_request(body: Any) -> GeminiRequest:
    """Understand a request's JSON; raises a 400 for what the API refuses."""
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("contents"), list)
        or not body["contents"]
    ):
        raise invalid_argument("* GenerateContentRequest.contents: contents is not specified")
    parts = [part for content in body["contents"] for part in content.get("parts", [])]
    settings = body.get("generationConfig") or {}
    if unknown := set(settings) - GENERATION_FIELDS:
        name = min(unknown)
        raise invalid_argument(
            f"Invalid JSON payload received. Unknown name \"{name}\" at 'generation_config': Cannot"
            " find field."
        )
    seed = settings.get("seed")
    image = settings.get("imageConfig") or {}
    return GeminiRequest(
        prompt="\n".join(part["text"] for part in parts if isinstance(part.get("text"), str)),
        picture=_first_picture(parts),
        seed=secrets.randbelow(2**31) if seed is None else int(seed),
        aspect=image.get("aspectRatio") or image.get("aspect_ratio"),
        scale=_scale(image.get("imageSize") or image.get("image_size")),
    )


def _scale(size: Any) -> int:
    if size is None:
        return 1
    if size not in _SCALES:
        raise invalid_argument(
            "* GenerateContentRequest.generation_config.image_config.image_size: invalid value"
        )
    return _SCALES[size]


def _first_picture(parts: list[dict[str, Any]]) -> bytes | None:
    for part in parts:
        inline = part.get("inlineData") or part.get("inline_data")
        if not isinstance(inline, dict):
            continue
        try:
            return _decoded(str(inline.get("data", "")))
        except (binascii.Error, ValueError) as error:
            raise invalid_argument(
                "Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES)"
            ) from error
    return None


def _decoded(text: str) -> bytes:
    """Either alphabet of base64, with or without padding, as protobuf's JSON reads bytes."""
    standard = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
