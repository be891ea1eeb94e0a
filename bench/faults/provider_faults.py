"""What providers do: refuse, throttle, boot, dawdle, hang, lose an answer."""

import httpx

from bench.faults.environment import Ground
from bench.faults.fault import Plant
from services.core.states import RunState
from services.diagnosis.causes import Cause
from services.pipeline.events import EventName
from services.remedies.base import RemedyKind

REPLICATE = {"provider": "replicate"}


def _match(words: str) -> dict[str, str]:
    return REPLICATE | {"operation": "create", "prompt_contains": words}


def provider_paused(ground: Ground, count: int) -> list[str]:
    """402: out of funds; the first create pauses the provider, the others wait."""
    ground.fault("no_funds", 1, match=REPLICATE | {"operation": "create"})
    ground.later(lambda: _resume(ground))
    spoiled = ground.start_poses("out of funds", 1)
    ground.wait_states(spoiled, RunState.FAILED)
    return ground.start_poses("waits for funds", count)


def token_refused(ground: Ground, count: int) -> list[str]:
    """401: the token is refused."""
    ground.fault("unauthorized", 1, match=REPLICATE | {"operation": "create"})
    ground.later(lambda: _resume(ground))
    spoiled = ground.start_poses("refused token", 1)
    ground.wait_states(spoiled, RunState.FAILED)
    return ground.start_poses("waits for a token", count)


def _resume(ground: Ground) -> None:
    ground.clear_faults()
    ground.sql(
        "UPDATE app.provider_states SET paused_at = NULL, paused_reason = NULL,"
        " paused_failure = NULL, blocked_until = NULL, create_rate = NULL"
        # One row alone: the dispatcher locks them in an order of its own.
        " WHERE provider = 'replicate'"
    )


def other_account(ground: Ground, count: int) -> list[str]:
    """The predictions are unknown at the provider: another account's token was set."""
    words = "another account"
    ground.fault("slow", count, match=_match(words), seconds=90)
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.WAITING)
    httpx.post(f"{ground.simulator_url}/_simulator/reset").raise_for_status()
    return started


def throttled(ground: Ground, count: int) -> list[str]:
    """429 with half a minute until the next try."""
    words = "throttled"
    ground.fault("throttle", count, match=_match(words), seconds=30)
    started = ground.start_poses(words, count)
    ground.wait_for("the provider is blocked", lambda: _is_blocked(ground))
    ground.later(lambda: _resume(ground))
    return started


def _is_blocked(ground: Ground) -> bool:
    blocked = (
        "UPDATE app.provider_states SET provider = provider"
        " WHERE provider = 'replicate' AND blocked_until > clock_timestamp()"
    )
    return ground.sql(blocked) == 1


def cold_start(ground: Ground, count: int) -> list[str]:
    """The model boots for minutes."""
    words = "cold start"
    ground.fault("cold_start", count, match=_match(words), seconds=ground.slow_seconds)
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.WAITING)
    return started


def slow_provider(ground: Ground, count: int) -> list[str]:
    """The work takes minutes where seconds are usual."""
    words = "much slower"
    ground.fault("slow", count, match=_match(words), seconds=ground.slow_seconds)
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.WAITING)
    return started


def provider_stuck(ground: Ground, count: int) -> list[str]:
    """It never ends there, and its deadline is over."""
    words = "stuck for ever"
    ground.fault("stuck", count, match=_match(words))
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.WAITING)
    ground.sql(
        "UPDATE app.runs SET deadline_at = clock_timestamp() WHERE generation_id = ANY(:ids)",
        ids=started,
    )
    return started


def submit_unknown(ground: Ground, count: int) -> list[str]:
    """The connection breaks while it is sent; nothing was made, and nobody knows."""
    words = "nobody knows"
    ground.fault("drop_before_create", count, match=_match(words))
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.NEEDS_REVIEW)
    return started


PROVIDER_PLANTS = {
    "provider-paused": Plant(
        Cause.PROVIDER_PAUSED,
        provider_paused,
        "the simulator answers 402 once",
        is_global=True,
        remedy=RemedyKind.RESUME_PROVIDER,
    ),
    "token-refused": Plant(
        Cause.TOKEN,
        token_refused,
        "the simulator answers 401 once",
        is_global=True,
        remedy=RemedyKind.RESUME_PROVIDER,
    ),
    "other-account": Plant(
        Cause.TOKEN,
        other_account,
        "the simulator forgets its predictions",
        heals=True,
        event=EventName.RUN_FAILED,
        remedy=RemedyKind.CANCEL_AND_RESTART,
    ),
    "throttled": Plant(Cause.THROTTLED, throttled, "the simulator answers 429", is_global=True),
    "cold-start": Plant(Cause.COLD_START, cold_start, "the model boots for three minutes"),
    "slow-provider": Plant(Cause.SLOW_PROVIDER, slow_provider, "the work takes three minutes"),
    "provider-stuck": Plant(
        Cause.PROVIDER_STUCK,
        provider_stuck,
        "the prediction never ends, and its deadline is set to now",
        heals=True,
        event=EventName.RUN_FAILED,
        remedy=RemedyKind.CANCEL_AND_RESTART,
    ),
    "submit-unknown": Plant(
        Cause.SUBMIT_UNKNOWN,
        submit_unknown,
        "the connection breaks before the create arrives",
        remedy=RemedyKind.DECLARE_LOST,
    ),
}
