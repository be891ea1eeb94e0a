"""Providers that refuse, throttle, boot slowly, hang or lose an answer."""

import httpx

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState
from services.pipeline.events import EventName

REPLICATE = {"provider": "replicate"}


def _match(words: str) -> dict[str, str]:
    return REPLICATE | {"operation": "create", "prompt_contains": words}


def provider_paused(environment: Environment, count: int) -> list[str]:
    """Answer the first create with 402, which pauses the provider; the others wait."""
    environment.fault("no_funds", 1, match=REPLICATE | {"operation": "create"})
    environment.later(lambda: _resume(environment))
    failed = environment.start_poses("out of funds", 1)
    environment.wait_states(failed, RunState.FAILED)
    return environment.start_poses("waits for funds", count)


def token_refused(environment: Environment, count: int) -> list[str]:
    """Answer the first create with 401, which pauses the provider."""
    environment.fault("unauthorized", 1, match=REPLICATE | {"operation": "create"})
    environment.later(lambda: _resume(environment))
    failed = environment.start_poses("refused token", 1)
    environment.wait_states(failed, RunState.FAILED)
    return environment.start_poses("waits for a token", count)


def _resume(environment: Environment) -> None:
    environment.clear_faults()
    environment.sql(
        "UPDATE app.provider_states SET paused_at = NULL, paused_reason = NULL,"
        " paused_failure = NULL, blocked_until = NULL, create_rate = NULL"
        # One row only: the dispatcher locks rows in its own order.
        " WHERE provider = 'replicate'"
    )


def other_account(environment: Environment, count: int) -> list[str]:
    """Let the provider forget the predictions, as another account's token would."""
    words = "another account"
    environment.fault("slow", count, match=_match(words), seconds=90)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    httpx.post(f"{environment.simulator_url}/_simulator/reset").raise_for_status()
    return started


def model_retired(environment: Environment, count: int) -> list[str]:
    """Answer creates with 404, as for a model that is gone."""
    words = "model is gone"
    environment.fault("server_error", count, match=_match(words), status=404)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.FAILED)
    return started


def throttled(environment: Environment, count: int) -> list[str]:
    """Answer creates with 429 and half a minute to wait."""
    words = "throttled"
    environment.fault("throttle", count, match=_match(words), seconds=30)
    started = environment.start_poses(words, count)
    environment.wait_for("the provider is blocked", lambda: _is_blocked(environment))
    environment.later(lambda: _resume(environment))
    return started


def waited_too_long(environment: Environment, count: int) -> list[str]:
    """Answer creates with 429 and an hour to wait."""
    words = "an hour to wait"
    environment.fault("throttle", count, match=_match(words), seconds=3600)
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
    """Let the model boot for minutes."""
    words = "cold start"
    environment.fault("cold_start", count, match=_match(words), seconds=environment.slow_seconds)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    return started


def slow_provider(environment: Environment, count: int) -> list[str]:
    """Let the work take minutes instead of seconds."""
    words = "much slower"
    environment.fault("slow", count, match=_match(words), seconds=environment.slow_seconds)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    return started


def provider_stuck(environment: Environment, count: int) -> list[str]:
    """Let predictions never end, and set their deadline to now."""
    words = "never ends"
    environment.fault("stuck", count, match=_match(words))
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    environment.sql(
        "UPDATE app.runs SET deadline_at = clock_timestamp() WHERE generation_id = ANY(:ids)",
        ids=started,
    )
    return started


def submit_unknown(environment: Environment, count: int) -> list[str]:
    """Break the connection before the create arrives."""
    words = "unknown submit"
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
        is_rough=True,
        heals=True,
        event=EventName.RUN_FAILED,
        remedy="cancel_and_restart",
    ),
    "model-retired": Fault(
        "model_retired", model_retired, "the simulator answers 404 for the model"
    ),
    "throttled": Fault("throttled", throttled, "the simulator answers 429", is_global=True),
    "waited-too-long": Fault(
        "waited_too_long", waited_too_long, "the simulator answers 429 with an hour", is_global=True
    ),
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
        remedy="fail_and_refund",
    ),
}
