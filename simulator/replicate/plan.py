"""Fixes at creation when a prediction will start, put out pictures and end, and how.

Its state at any moment is then a function of the clock: no timers, thousands cost nothing.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator.faults import Fault, FaultName
from simulator.options import Pace
from simulator.replicate.models.catalogue import Model, Tempo

NEVER = math.inf
_NSFW = "NSFW content detected{}. Try running it again, or try a different prompt."
_SENSITIVE = (
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
)
_FAILURES = {
    FaultName.PUBLISH_FAILED: ("Failed to create trained image after successful training run"),
    FaultName.REFUSE_OUTPUT: _SENSITIVE,
    FaultName.PLATFORM_ERROR: "Prediction interrupted; please retry (code: PA)",
    FaultName.OUT_OF_MEMORY: (
        "CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 44.40 GiB total capacity; 42.11 GiB already "
        "allocated; 1.31 GiB free; 42.70 GiB reserved in total by PyTorch)"
    ),
}
_REACH_OF_STUCK, _REACH_OF_FAILED = 0.42, 0.6
_DEFAULT_SLOW_SECONDS = 60.0
_DEFAULT_COLD_SECONDS = 120.0
_DEFAULT_ABORT_SECONDS = 5.0


class Status(StrEnum):
    """The states of a prediction."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"


@dataclass(frozen=True)
class Plan:
    """Unix times, in seconds: the start, each output, the end, and when the data goes."""

    starts_at: float
    outputs_at: tuple[float, ...]
    ends_at: float
    ending: Status
    error: str | None
    retention_seconds: float
    typical_end: float
    """When it would end if nothing went wrong; its log is written at that pace."""
    reach: float = 1.0
    """How much of its work gets done, 0..1."""


def make_plan(
    model: Model,
    outputs: int,
    created_at: float,
    pace: Pace,
    faults: Mapping[FaultName, Fault],
    *,
    deadline: float | None,
    retention_seconds: float,
    dice: random.Random,
) -> Plan:
    """Decide the course of a prediction of `outputs` pictures; `deadline` is a Unix time."""
    boot, run = _durations(model.tempo, outputs, pace, dice)
    if fault := faults.get(FaultName.COLD_START):
        boot += _seconds(fault, pace, _DEFAULT_COLD_SECONDS)
    if fault := faults.get(FaultName.SLOW):
        run += _seconds(fault, pace, _DEFAULT_SLOW_SECONDS)
    starts_at = created_at + boot
    ends_at = starts_at + run
    if model.grows:
        outputs_at = tuple(
            starts_at + run * (index + 1) / (outputs + 0.2) for index in range(outputs)
        )
    else:
        outputs_at = (ends_at,) * outputs
    plan = Plan(starts_at, outputs_at, ends_at, Status.SUCCEEDED, None, retention_seconds, ends_at)
    plan = _with_faults(plan, model, faults, created_at, pace)
    return plan if deadline is None else _with_deadline(plan, deadline)


def _durations(tempo: Tempo, outputs: int, pace: Pace, dice: random.Random) -> tuple[float, float]:
    if pace.fixed_seconds is not None:
        return pace.fixed_seconds * 0.12, pace.fixed_seconds * 0.88
    boot = dice.uniform(tempo.start_from, tempo.start_to)
    run = (tempo.run + tempo.per_extra_output * (outputs - 1)) * dice.uniform(0.92, 1.1)
    return pace.scaled(boot), pace.scaled(run)


def _seconds(fault: Fault, pace: Pace, default: float) -> float:
    return pace.scaled(default) if fault.seconds is None else fault.seconds


def _with_faults(
    plan: Plan, model: Model, faults: Mapping[FaultName, Fault], created_at: float, pace: Pace
) -> Plan:
    if FaultName.FEWER_OUTPUTS in faults:
        plan = replace(plan, outputs_at=plan.outputs_at[:-1])
    if fault := faults.get(FaultName.EXPIRED_OUTPUTS):
        plan = replace(plan, retention_seconds=fault.seconds or 0.0)
    if FaultName.STUCK in faults:
        plan = replace(plan, outputs_at=(), ends_at=NEVER, reach=_REACH_OF_STUCK)
    if fault := faults.get(FaultName.ABORTED):
        plan = _with_deadline(
            replace(plan, starts_at=NEVER),
            created_at + _seconds(fault, pace, _DEFAULT_ABORT_SECONDS),
        )
    error = next((text for name, text in _FAILURES.items() if name in faults), None)
    if FaultName.REFUSE_CONTENT in faults:
        error = _NSFW.format(" in all outputs" if model.grows else "")
    if error is not None:
        plan = failed_plan(plan, plan.ends_at, error)
    return plan


def failed_plan(plan: Plan, at: float, error: str) -> Plan:
    """The same course, ended by an error at `at` with nothing to show."""
    return replace(
        plan,
        outputs_at=(),
        ends_at=at,
        ending=Status.FAILED,
        error=error,
        reach=min(plan.reach, _REACH_OF_FAILED),
    )


def _with_deadline(plan: Plan, deadline: float) -> Plan:
    if plan.ends_at <= deadline:
        return plan
    ending = Status.CANCELED if plan.starts_at <= deadline else Status.ABORTED
    return replace(plan, ends_at=deadline, ending=ending, error=None)


def canceled_plan(plan: Plan, now: float) -> Plan:
    """The same course, ended by a person at `now`; an ended one stays as it is."""
    if plan.ends_at <= now:
        return plan
    return replace(plan, ends_at=now, ending=Status.CANCELED, error=None)
