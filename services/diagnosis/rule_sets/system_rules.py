"""What is wrong with the house itself, and holds up everything that depends on it."""

from services.core.states import QueueName, RunState
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.words import clock, since
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.remedies.base import RemedyOffer

RQ = "rq"
RESTART_SECONDS = 30.0
"""By then a supervisor has started what died anew."""
START_DISPATCHER = "Start it: ./run does it by itself, elsewhere start the process `dispatcher`."
START_WORKER = "Start one: ./run does it by itself, elsewhere start the process `worker`."


def is_dispatcher_alive(house: House) -> bool:
    """Whether any dispatcher gives signs of life."""
    return any(it.role == "dispatcher" and is_working(it) for it in house.processes)


def is_working(process: ProcessFacts) -> bool:
    """Its sign of life is fresh, and the process is not known to be gone."""
    return process.is_alive and process.exists is not False


def dispatcher_finding(house: House) -> Finding | None:
    """Nobody rings: nothing begins and nothing goes on."""
    if is_dispatcher_alive(house):
        return None
    last = max((it.heartbeat_at for it in house.processes if it.role == "dispatcher"), default=None)
    told = f"silent for {since(last, house.now)}" if last else "not heard of within a day"
    return Finding(
        Cause.DISPATCHER_DOWN,
        Severity.ACT,
        f"The dispatcher is {told}, so nothing is rung: nothing begins and nothing goes on. Nothing"
        f" is lost meanwhile. {START_DISPATCHER}",
        (Evidence("database", f"The dispatcher is {told}.", last),),
        since=last,
    )


def queue_away_finding(house: House) -> Finding | None:
    """Redis does not answer."""
    if house.queue is not None:
        return None
    return Finding(
        Cause.QUEUE_AWAY,
        Severity.ACT,
        "Redis does not answer, so no worker can be told what to do. Everything is saved and goes on"
        " by itself when it is back.",
        (Evidence("queue", "Redis does not answer."),),
    )


def no_worker_finding(house: House, queue: QueueName | None = None) -> Finding | None:
    """No worker process lives, or none listens to the queue."""
    alive = [it for it in house.processes if it.role == "worker" and is_working(it)]
    is_heard = queue is None or house.queue is None or house.queue.listening.get(queue, 0) > 0
    if alive and is_heard:
        return None
    last = max((it.heartbeat_at for it in house.processes if it.role == "worker"), default=None)
    told = "No worker gives a sign of life." if not alive else f"No worker listens to {queue}."
    is_fresh = last is not None and (house.now - last).total_seconds() < RESTART_SECONDS
    is_healing = is_fresh and not alive
    then = "One that died is usually started again within seconds." if is_healing else START_WORKER
    return Finding(
        Cause.NO_WORKER,
        Severity.WAIT if is_healing else Severity.ACT,
        f"{told} What was rung waits in the queue. {then}",
        (Evidence("database", told, last),),
        since=last,
        is_healing=is_healing,
    )


def paused_finding(house: House, queue: QueueName) -> Finding | None:
    """Our own pause of this queue, or RQ's of all."""
    if house.queue is not None and house.queue.is_suspended:
        return Finding(
            Cause.QUEUE_PAUSED,
            Severity.ACT,
            "All queues are suspended in RQ itself, so workers take nothing. Somebody ran"
            " `rq suspend`.",
            (Evidence("queue", "The key rq:suspended is set."),),
            (RemedyOffer("resume_rq", RQ),),
        )
    pause = house.paused_queues.get(queue)
    if pause is None:
        return None
    return Finding(
        Cause.QUEUE_PAUSED,
        Severity.ACT,
        f"{pause.by} paused the queue {queue.value} {since(pause.at, house.now)} ago; what belongs"
        " there waits.",
        (Evidence("database", f"Paused by {pause.by}.", pause.at),),
        (RemedyOffer("resume_queue", queue.value),),
        since=pause.at,
    )


def provider_finding(house: House, run: RunFacts) -> Finding | None:
    """Why nothing is submitted to this run's provider: no token, a pause."""
    state = house.providers.get(run.provider)
    if state is None or not state.is_configured:
        return _no_token(run, state)
    if run.state is RunState.QUEUED and state.paused_at is not None:
        return _paused(house, state)
    return None


def _no_token(run: RunFacts, state: ProviderStatus | None) -> Finding:
    label = state.label if state else run.provider
    return Finding(
        Cause.TOKEN,
        Severity.ACT,
        f"{label} has no token here, so nothing of it can be sent or asked for. Set its token in .env"
        " and start again; what waits goes on by itself.",
        (Evidence("settings", f"No token is set for {label}."),),
        (RemedyOffer("fail_and_refund", run.id),),
        run_id=run.id,
    )


def _paused(house: House, state: ProviderStatus) -> Finding:
    assert state.paused_at is not None
    is_token = state.paused_failure == "configuration"
    told = f"{state.label} is paused since {clock(state.paused_at)}: {state.paused_reason}"
    then = (
        " Correct the token in .env and start again; that ends the pause."
        if is_token
        else " Put that right, then resume it; what waits begins at once."
    )
    return Finding(
        Cause.TOKEN if is_token else Cause.PROVIDER_PAUSED,
        Severity.ACT,
        f"{told.rstrip('.')}.{then}",
        (Evidence("database", f"Paused: {state.paused_reason}", state.paused_at),),
        (RemedyOffer("resume_provider", state.name),),
        since=state.paused_at,
    )
