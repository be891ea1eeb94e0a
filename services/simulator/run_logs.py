"""The log lines that each simulated model has written by a moment of its run."""

from collections.abc import Mapping
from typing import Any

from services.simulator.catalogue import Model
from services.simulator.plan import Plan

_BARS = 10


def written_logs(model: Model, values: Mapping[str, Any], seed: int, plan: Plan, now: float) -> str:
    """Everything written until `now`, a Unix time; empty before the start."""
    if now < plan.starts_at:
        return ""
    lines = [f"Using seed: {seed}"]
    if model.name == "consistent-character":
        lines += _character_lines(plan, now)
    elif "num_inference_steps" in model.inputs.properties:
        lines += _diffusion_lines(values, plan, now)
    return "\n".join(lines) + "\n"


def _character_lines(plan: Plan, now: float) -> list[str]:
    count = sum(1 for at in plan.outputs_at if at <= now)
    lines = ["Running workflow", "[ComfyUI] got prompt"]
    lines += [f"Saved ComfyUI_{index + 1:05d}_.png" for index in range(count)]
    return lines


def _diffusion_lines(values: Mapping[str, Any], plan: Plan, now: float) -> list[str]:
    lines = [f"Prompt: {values.get('prompt', '')}"]
    steps = int(values["num_inference_steps"])
    if values.get("image"):
        lines.append("img2img mode")
        steps = max(1, round(steps * float(values["prompt_strength"])))
    run = plan.outputs_at[-1] - plan.starts_at if plan.outputs_at else 8.0
    elapsed = now - plan.starts_at
    share = min(1.0, elapsed / run) if run > 0 else 1.0
    marks = sorted({round(steps * bar / _BARS) for bar in range(_BARS + 1)})
    return lines + [_bar(mark, steps, run) for mark in marks if mark <= steps * share + 1e-9]


def _bar(done: int, steps: int, run: float) -> str:
    share = done / steps
    filled = "█" * round(share * 10)
    pace = steps / run if run > 0 else 0.0
    return (
        f"{round(share * 100):3d}%|{filled:<10}| {done}/{steps} "
        f"[{_clock(run * share)}<{_clock(run * (1 - share))}, {pace:5.2f}it/s]"
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"
