"""Report which sources were checked for a verdict, what each answered, and what was not checked."""

from collections.abc import Iterator

from services.core.humanize import count_of
from services.core.states import ACTIVE_RUNS, SlotState
from services.diagnosis.detail import CheckedSource
from services.diagnosis.facts.gather import Gathered
from services.diagnosis.facts.live import TIMEOUT_SECONDS, pollable
from services.diagnosis.facts.models import CaseFacts, RunFacts
from services.diagnosis.facts.system import SystemFacts
from services.providers.registry import provider_label


def checked_sources(gathered: Gathered) -> tuple[CheckedSource, ...]:
    """Report database, credits, processes, queue, providers and storage."""
    case = gathered.case
    return (
        _database(case),
        _credits(case),
        _processes(case.system),
        _queue(case),
        *_providers(gathered),
        _storage(gathered),
    )


def _database(case: CaseFacts) -> CheckedSource:
    state = case.generation.state.value
    sentence = f"{len(case.slots)} slots, {len(case.runs)} runs, state {state}."
    return CheckedSource("database", True, sentence)


def _credits(case: CaseFacts) -> CheckedSource:
    credits = case.credits
    is_even = credits.surplus == 0 and not credits.unrefunded_slots
    sentence = (
        f"{credits.charged} charged {'=' if is_even else '≠'} {credits.consumed} used"
        f" + {credits.refunded} refunded + {credits.held} held."
    )
    return CheckedSource("credits", is_even, sentence)


def _processes(system: SystemFacts) -> CheckedSource:
    workers = [it for it in system.processes if it.role == "worker"]
    live = len(system.live_workers)
    has_dispatcher = system.is_dispatcher_alive
    dispatcher = "The dispatcher is alive" if has_dispatcher else "No dispatcher is alive"
    sentence = f"{dispatcher}; {live} of {len(workers)} workers send heartbeats."
    return CheckedSource("processes", has_dispatcher and live > 0, sentence)


def _queue(case: CaseFacts) -> CheckedSource:
    if case.system.queue is None:
        reason = str(case.system.queue_problem or "Redis does not answer.")
        return CheckedSource("queue", False, reason, f"the queue and its jobs. {reason}")
    jobs = [run.job for run in case.runs if run.job is not None]
    depth = case.system.queue.waiting
    if not jobs:
        return CheckedSource("queue", True, f"It should have no job there; {depth} jobs in total.")
    lost = sum(not job.has_hash for job in jobs)
    sentence = f"{len(jobs)} of its jobs were checked, {lost} are lost; {depth} jobs in total."
    return CheckedSource("queue", not lost, sentence)


def _providers(gathered: Gathered) -> Iterator[CheckedSource]:
    runs_of: dict[str, list[RunFacts]] = {}
    for run in gathered.case.runs:
        runs_of.setdefault(run.provider, []).append(run)
    for name, runs in runs_of.items():
        yield _provider(provider_label(name), runs, is_live=gathered.is_live)


def _provider(label: str, runs: list[RunFacts], *, is_live: bool) -> CheckedSource:
    at_provider = [run for run in runs if pollable([run])]
    polled = [run.live for run in runs if run.live is not None]
    problem = next((live.problem for live in polled if live.problem), None)
    states = ", ".join(sorted({live.status or "" for live in polled}))
    open_predictions = count_of(len(at_provider), "prediction")
    if problem:
        return CheckedSource(label, False, problem, f"{label}: {problem}")
    if at_provider and not is_live:
        return CheckedSource(label, None, "Not asked.")
    answered = sum(run.live is not None or bool(run.candidates) for run in at_provider)
    reviewed = sum(run.attempt is None or not run.attempt.prediction_id for run in at_provider)
    if at_provider and answered + reviewed < len(at_provider):
        gap = f"{answered} of {open_predictions} answered within {TIMEOUT_SECONDS:.0f} s."
        return CheckedSource(label, None, gap, f"{label}: {gap}")
    if polled:
        return CheckedSource(label, True, f"Polled for {len(polled)} just now: {states}.")
    is_open = any(run.state in ACTIVE_RUNS for run in runs)
    sentence = "It has no prediction of it now." if is_open else "All its predictions ended."
    return CheckedSource(label, None, sentence)


def _storage(gathered: Gathered) -> CheckedSource:
    problem = gathered.case.system.storage_problem
    if problem is not None:
        return CheckedSource("storage", False, problem, f"the stored files. {problem}")
    slots = gathered.case.slots
    files = [it.file for it in slots if it.state is SlotState.FILLED and it.file]
    if not files:
        return CheckedSource("storage", None, "There is no file of it yet.")
    if not gathered.is_live:
        return CheckedSource("storage", None, "Not asked.")
    asked = [file for file in files if file.has_object is not None]
    found = sum(bool(file.has_object) for file in asked)
    gap = f"{len(files) - len(asked)} of {len(files)} files were not asked for."
    return CheckedSource(
        "storage",
        found == len(asked),
        f"{found} of {len(files)} files are there."
        if len(asked) == len(files)
        else f"{found} of {len(asked)} files are there; {gap}",
        "" if len(asked) == len(files) else f"storage: {gap}",
    )
