"""What providers do: refuse, throttle, boot, dawdle, hang, lose an answer."""

import httpx

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState
from services.pipeline.events import EventName

REPLICATE = {"provider": "replicate"}


def _match(words: str) -> dict[str, str]:
    return REPLICATE | {"operation": "create", "prompt_contains": words}


def provider_paused(environment: Environment, count: int) -> list[str]:
    """402: out of funds; the first create pauses the provider, the others wait."""
    environment.fault("no_funds", 1, match=REPLICATE | {"operation": "create"})
    environment.later(lambda: _resume(environment))
    spoiled = environment.start_poses("out of funds", 1)
    environment.wait_states(spoiled, RunState.FAILED)
    return environment.start_poses("waits for funds", count)


def token_refused(environment: Environment, count: int) -> list[str]:
    """401: the token is refused."""
    environment.fault("unauthorized", 1, match=REPLICATE | {"operation": "create"})
    environment.later(lambda: _resume(environment))
    spoiled = environment.start_poses("refused token", 1)
    environment.wait_states(spoiled, RunState.FAILED)
    return environment.start_poses("waits for a token", count)


def _resume(environment: Environment) -> None:
    environment.clear_faults()
    environment.sql(
        "UPDATE app.provider_states SET paused_at = NULL, paused_reason = NULL,"
        " paused_failure = NULL, blocked_until = NULL, create_rate = NULL"
        # One row alone: the dispatcher locks them in an order of its own.
        " WHERE provider = 'replicate'"
    )


def other_account(environment: Environment, count: int) -> list[str]:
    """The predictions are unknown at the provider: another account's token was set."""
    words = "another account"
    environment.fault("slow", count, match=_match(words), seconds=90)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    httpx.post(f"{environment.simulator_url}/_simulator/reset").raise_for_status()
    return started


def throttled(environment: Environment, count: int) -> list[str]:
    """429 with half a minute until the next try."""
    words = "throttled"
    environment.fault("throttle", count, match=_match(words), seconds=30)
    started = environment.start_poses(words, count)
    environment.wait_for("the provider is blocked", lambda: _is_blocked(environment))
    environment.later(lambda: _resume(environment))
    return started


def _is_blocked(environment: Environment) -> bool:
    blocked = (
        "UPDATE app.provider_states SET provider = provider"
        " WHERE provider = 'replicate' AND blocked_until > clock_timestamp()"
    )
    return environment.sql(blocked) == 1


def cold_start(environment: Environment, count: int) -> list[str]:
    """The model boots for minutes."""
    words = "cold start"
    environment.fault("cold_start", count, match=_match(words), seconds=environment.slow_seconds)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    return started


def slow_provider(environment: Environment, count: int) -> list[str]:
    """The work takes minutes where seconds are usual."""
    words = "much slower"
    environment.fault("slow", count, match=_match(words), seconds=environment.slow_seconds)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    return started


def provider_stuck(environment: Environment, count: int) -> list[str]:
    """It never ends there, and its deadline is over."""
    words = "stuck for ever"
    environment.fault("stuck", count, match=_match(words))
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    environment.sql(
        "UPDATE app.runs SET deadline_at = clock_timestamp() WHERE generation_id = ANY(:ids)",
        ids=started,
    )
    return started


def submit_unknown(environment: Environment, count: int) -> list[str]:
    """The connection breaks while it is sent; nothing was made, and nobody knows."""
    words = "nobody knows"
    environment.fault("drop_before_create", count, match=_match(words))
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.NEEDS_REVIEW)
    return started


PROVIDER_FAULTS = {
    "provider-paused": Fault(
        "provider_paused",
        provider_paused,
        "the simulator answers 402 once",
        is_global=True,
        remedy="resume_provider",
    ),
    "token-refused": Fault(
        "token",
        token_refused,
        "the simulator answers 401 once",
        is_global=True,
        remedy="resume_provider",
    ),
    "other-account": Fault(
        "token",
        other_account,
        "the simulator forgets its predictions",
        heals=True,
        event=EventName.RUN_FAILED,
        remedy="cancel_and_restart",
    ),
    "throttled": Fault("throttled", throttled, "the simulator answers 429", is_global=True),
    "cold-start": Fault("cold_start", cold_start, "the model boots for three minutes"),
    "slow-provider": Fault("slow_provider", slow_provider, "the work takes three minutes"),
    "provider-stuck": Fault(
        "provider_stuck",
        provider_stuck,
        "the prediction never ends, and its deadline is set to now",
        heals=True,
        event=EventName.RUN_FAILED,
        remedy="cancel_and_restart",
    ),
    "submit-unknown": Fault(
        "submit_unknown",
        submit_unknown,
        "the connection breaks before the create arrives",
        remedy="declare_lost",
    ),
}
