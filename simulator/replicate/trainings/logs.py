"""What a trainer writes while it works, in its order: unpack, caption, cache, train, save."""

import hashlib
import math
import random
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from simulator.drawing.traits import Traits
from simulator.replicate.plan import Plan
from simulator.replicate.run_logs import LogLine, bar_lines, tqdm_bar
from simulator.replicate.trainings.pictures import TrainingSet

_JOB = "flux_train_replicate"
_CAPTIONED_AT, _CACHED_AT, _TRAINS_FROM, _SAVED_AT = 0.08, 0.11, 0.12, 0.99
_BARS = 50
_LOSS_FROM, _LOSS_TO, _LOSS_NOISE = 0.52, 0.29, 0.07
_VIEWS = (
    "standing and looking at the viewer",
    "seen from the side",
    "with a plain background",
    "in soft light, the whole body in the picture",
    "close to the viewer",
)


def training_script(
    values: Mapping[str, Any], training_set: TrainingSet, seed: str, plan: Plan
) -> list[LogLine]:
    """Every line that a training writes if nothing stops it."""
    run = plan.typical_end - plan.starts_at

    def at(share: float) -> float:
        return plan.starts_at + run * share

    count = training_set.files
    script = [(at(0.0), f"Extracted {count} files from zip to input_images")]
    script += [
        (at(_CAPTIONED_AT * (index + 1) / len(lines)), line)
        for lines in [caption_lines(values, training_set)]
        for index, line in enumerate(lines)
    ]
    script.append((at(_CAPTIONED_AT), "Starting train job"))
    script += [(at(_CACHED_AT), line) for line in _dataset_lines(values, training_set)]
    share = _SAVED_AT - _TRAINS_FROM
    script += _train_bar(values, seed, at(_TRAINS_FROM), run * share, plan.reach)
    if plan.reach == 1.0:
        saved = f"Saved to output/{_JOB}/{_JOB}.safetensors"
        script.append((at(_SAVED_AT), saved))
    return script


def caption_lines(values: Mapping[str, Any], training_set: TrainingSet) -> list[str]:
    """A line for each picture; none when captions are given for all, or not requested."""
    pictures = training_set.captioned
    is_complete = all(training_set.caption_of(picture) is not None for picture in pictures)
    if is_complete or not values.get("autocaption", True):
        return []
    return [
        f"{PurePosixPath(picture).name} is already captioned"
        if training_set.caption_of(picture) is not None
        else f"Caption for input_images/{picture}: {made_caption(values, training_set, picture)}"
        for picture in pictures
    ]


def made_caption(values: Mapping[str, Any], training_set: TrainingSet, picture: str) -> str:
    """The captioner's sentence for a picture."""
    number = hashlib.sha256(picture.encode()).digest()[0]
    facts = training_set.facts
    shown = _words(facts.traits) if facts is not None else "someone"
    caption = f"Illustration of {shown}, {_VIEWS[number % len(_VIEWS)]}."
    around = (values.get("autocaption_prefix"), caption, values.get("autocaption_suffix"))
    return " ".join(str(part).strip() for part in around if part)


def _words(traits: Traits) -> str:
    article = "an" if traits.colour[0] in "aeiou" else "a"
    worn = traits.outfit.value
    worn = worn if worn.endswith("s") else f"a {worn}"
    return f"{article} {traits.colour} {traits.species.value} with {worn}"


def _dataset_lines(values: Mapping[str, Any], training_set: TrainingSet) -> list[str]:
    pictures = len(training_set.pictures)
    lines = []
    for side in str(values.get("resolution", "512,768,1024")).split(","):
        lines += [
            "Dataset: input_images",
            "  -  Preprocessing image dimensions",
            f"  -  Found {pictures} images",
            "Bucket sizes for input_images:",
            f"{side.strip()}x{side.strip()}: {pictures} files",
            "1 buckets made",
            "Caching latents for input_images",
            tqdm_bar("Caching latents: ", pictures, max(pictures, 1), pictures * 0.1),
        ]
    return lines


def _train_bar(
    values: Mapping[str, Any], seed: str, starts_at: float, run: float, reach: float
) -> list[LogLine]:
    """The bar of the steps, each with its loss: it falls, and it jumps about."""
    steps = int(values.get("steps") or values.get("training_steps") or 1000)
    rate = float(values.get("learning_rate") or 4e-4)
    dice = random.Random(seed)
    lines = []
    for at, line in bar_lines(f"{_JOB}: ", steps, starts_at, run, reach, _BARS, "lr: %"):
        share = (at - starts_at) / run if run > 0 else 1.0
        fallen = _LOSS_TO + (_LOSS_FROM - _LOSS_TO) * math.exp(-3 * share)
        loss = fallen * (1 + dice.uniform(-_LOSS_NOISE, _LOSS_NOISE))
        lines.append((at, line.replace("lr: %", f"lr: {rate:.1e} loss: {loss:.3e}")))
    return lines
