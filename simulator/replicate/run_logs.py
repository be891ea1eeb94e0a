"""The log lines of each simulated model, each with the moment it is written."""

from collections.abc import Mapping
from typing import Any

from simulator.replicate.models.catalogue import Model, Work
from simulator.replicate.plan import Plan

LogLine = tuple[float, str]
"""A Unix time and what is written then."""

_BARS = 10


def written(script: list[LogLine], now: float) -> str:
    """The lines of `script` until `now`."""
    return "".join(f"{line}\n" for at, line in script if at <= now)


def prediction_script(
    model: Model, values: Mapping[str, Any], seed: int, plan: Plan
) -> list[LogLine]:
    """Every line that a prediction writes."""
    script = [(plan.starts_at, f"Using seed: {seed}")]
    if model.name == "consistent-character":
        script += _character_lines(plan)
    elif steps_of(model, values):
        script += _diffusion_lines(model, values, plan)
    return script


def steps_of(model: Model, values: Mapping[str, Any]) -> int:
    """How many denoising steps a run takes; an image-to-image run leaves out the first ones."""
    given = values.get("num_inference_steps") or values.get("ddim_steps") or values.get("steps")
    steps = int(given or 0)
    if steps and _starts_from_picture(model, values):
        return max(1, round(steps * float(values["prompt_strength"])))
    return steps


def _starts_from_picture(model: Model, values: Mapping[str, Any]) -> bool:
    return bool(values.get("image")) and "prompt_strength" in model.inputs.properties


def _character_lines(plan: Plan) -> list[LogLine]:
    lines = [(plan.starts_at, "Running workflow"), (plan.starts_at, "[ComfyUI] got prompt")]
    saved = enumerate(plan.outputs_at, start=1)
    return lines + [(at, f"Saved ComfyUI_{index:05d}_.png") for index, at in saved]


def _diffusion_lines(model: Model, values: Mapping[str, Any], plan: Plan) -> list[LogLine]:
    lines = [(plan.starts_at, f"Prompt: {values.get('prompt', '')}")]
    if _starts_from_picture(model, values):
        lines.append((plan.starts_at, "img2img mode"))
    run = plan.typical_end - plan.starts_at
    steps = steps_of(model, values)
    lines += bar_lines("", steps, plan.starts_at, run, plan.reach, _BARS)
    refiner_steps = int(values.get("refine_steps") or 0)
    if model.work is Work.VARY and values.get("refine") != "no_refiner" and refiner_steps:
        lines += bar_lines("", refiner_steps, plan.starts_at + run, 0.0, plan.reach, 1)
    return lines


def bar_lines(
    name: str, steps: int, starts_at: float, run: float, reach: float, bars: int, note: str = ""
) -> list[LogLine]:
    """A progress bar as tqdm rewrites it, from 0 to `reach` (0..1) of `steps`."""
    marks = sorted({round(steps * at / bars) for at in range(bars + 1)})
    return [
        (starts_at + run * mark / steps, tqdm_bar(name, mark, steps, run, note))
        for mark in marks
        if mark <= steps * reach
    ]


def tqdm_bar(name: str, done: int, steps: int, run: float, note: str = "") -> str:
    """One state of a progress bar; `run` is what all its steps take, in seconds."""
    share = done / steps
    filled = "█" * round(share * 10)
    pace = steps / run if run > 0 else 0.0
    after = f", {note}" if note else ""
    return (
        f"{name}{round(share * 100):3d}%|{filled:<10}| {done}/{steps} "
        f"[{_clock(run * share)}<{_clock(run * (1 - share))}, {pace:5.2f}it/s{after}]"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
