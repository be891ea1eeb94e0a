"""Turns a prediction or a Gemini request into the order for one picture."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from simulator.drawing.subject import SubjectFacts
from simulator.replicate.models.catalogue import Work
from simulator.replicate.models.hosted_inputs import CUSTOM_ASPECT, MATCH_INPUT
from simulator.replicate.predictions import Prediction

_CLOSEST_ASPECTS = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
    "9:21": (672, 1536),
}
_SIZE_STEP = 8
_SMALLEST, _LARGEST = 256, 1536


@dataclass(frozen=True)
class PictureOrder:
    """All that decides one picture; equal orders give equal bytes."""

    prompt: str
    seed: int
    width: int
    height: int
    format: str
    quality: int
    facts: SubjectFacts | None
    is_cut_out: bool
    """Whether the background is left out (transparent in a PNG)."""
    digest: str
    """Hash of the model and of every input, so that other inputs never give the same bytes."""
    work: Work = Work.DRAW
    index: int = 0
    """Which of the prediction's outputs it is."""
    strength: float = 1.0
    """How much of a given picture is changed, 0..1."""
    ground: str = "rgba"
    """What is behind a cut-out: `rgba` for nothing, `map` for its mask, or a colour."""
    threshold: float = 0.0
    is_reversed: bool = False


def size_of_aspect(aspect: str | None) -> tuple[int, int]:
    """Width and height in pixels, about one megapixel."""
    return _CLOSEST_ASPECTS.get(aspect or "1:1", (1024, 1024))


def order_of_prediction(
    prediction: Prediction, index: int, facts: SubjectFacts | None
) -> PictureOrder:
    """The order for output `index` of a prediction."""
    values = prediction.values
    work = _work(prediction.model.work, values)
    width, height = _size(values, facts)
    plain = {
        key: value for key, value in values.items() if key not in prediction.model.subject_keys
    }
    # The first moves with the seed too: one seed's second output is not the next seed's first.
    seed = prediction.seed + index * 7_919
    return PictureOrder(
        prompt=prediction.prompt,
        seed=seed,
        width=width,
        height=height,
        format=prediction.picture_format,
        quality=int(values.get("output_quality", 90)),
        facts=facts,
        is_cut_out=work is Work.CUT_OUT,
        digest=_digest(prediction.model.full_name, {**plain, "output": index}, seed, facts),
        work=work,
        index=index,
        strength=float(values.get("prompt_strength", 1.0)),
        ground=str(values.get("background_type") or "rgba"),
        threshold=float(values.get("threshold") or 0.0),
        is_reversed=bool(values.get("reverse")),
    )


def _work(typical: Work, values: dict[str, Any]) -> Work:
    """A model that varies a picture draws when it is given none."""
    return Work.DRAW if typical is Work.VARY and not values.get("image") else typical


def order_of_request(
    model: str,
    prompt: str,
    seed: int,
    size: tuple[int, int],
    facts: SubjectFacts | None = None,
    details: dict[str, Any] | None = None,
) -> PictureOrder:
    """The order for a picture that is answered at once; `details` are its other inputs."""
    inputs = {"prompt": prompt, "size": size, **(details or {})}
    digest = _digest(model, inputs, seed, facts)
    return PictureOrder(prompt, seed, *size, "png", 90, facts, False, digest)


def _size(values: dict[str, Any], facts: SubjectFacts | None) -> tuple[int, int]:
    aspect = values.get("aspect_ratio")
    if aspect == MATCH_INPUT:
        return _size_like(facts)
    if aspect is not None and aspect != CUSTOM_ASPECT:
        width, height = size_of_aspect(aspect)
        return (width // 2, height // 2) if values.get("megapixels") == "0.25" else (width, height)
    return _side(values.get("width")), _side(values.get("height"))


def _size_like(facts: SubjectFacts | None) -> tuple[int, int]:
    """The shape of the given picture, at about one megapixel."""
    width, height = (1024, 1024) if facts is None else facts.size
    scale = (1024 * 1024 / (width * height)) ** 0.5
    return _side(round(width * scale)), _side(round(height * scale))


def _side(given: Any) -> int:
    pixels = int(given or 1024)
    return min(max(pixels, _SMALLEST), _LARGEST) // _SIZE_STEP * _SIZE_STEP


def _digest(model: str, values: dict[str, Any], seed: int, facts: SubjectFacts | None) -> str:
    parts = [model, values, seed, facts.digest if facts else ""]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
