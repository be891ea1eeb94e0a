"""Report which sources were checked for a verdict, and what each answered."""

from collections.abc import Iterator

from services.core.states import ACTIVE_RUNS, SlotState
from services.diagnosis.detail import CheckedSource
from services.diagnosis.facts.gather import Gathered
from services.diagnosis.facts.models import CaseFacts, SystemFacts
from services.providers.registry import provider_label


def checked_sources(gathered: Gathered) -> tuple[CheckedSource, ...]:
    """Report database, credits, processes, queue, providers and storage."""
    case = gathered.case
    return (
        _database(case),
        _credits(case),
        _processes(case.system),
        _queue(case),
        *_providers(case),
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
        return CheckedSource("queue", False, "Redis does not answer.")
    jobs = [run.job for run in case.runs if run.job is not None]
    depth = case.system.queue.waiting
    if not jobs:
        return CheckedSource("queue", True, f"It should have no job there; {depth} jobs in total.")
    lost = sum(not job.has_hash for job in jobs)
    sentence = f"{len(jobs)} of its jobs were checked, {lost} are lost; {depth} jobs in total."
    return CheckedSource("queue", not lost, sentence)


def _providers(case: CaseFacts) -> Iterator[CheckedSource]:
    for name in dict.fromkeys(run.provider for run in case.runs):
        runs = [run for run in case.runs if run.provider == name]
        polled = [run.live for run in runs if run.live is not None]
        problem = next((live.problem for live in polled if live.problem), None)
        is_ok: bool | None = None
        if problem:
            is_ok, sentence = False, problem
        elif polled:
            states = ", ".join(sorted({live.status or "" for live in polled}))
            is_ok, sentence = True, f"Polled for {len(polled)} just now: {states}."
        else:
            is_open = any(run.state in ACTIVE_RUNS for run in runs)
            sentence = (
                "It has no prediction of it now." if is_open else "All its predictions ended."
            )
        yield CheckedSource(provider_label(name), is_ok, sentence)


def _storage(gathered: Gathered) -> CheckedSource:
    problem = gathered.case.system.storage_problem
    if problem is not None:
        return CheckedSource("storage", False, problem)
    slots = gathered.case.slots
    files = [it.file for it in slots if it.state is SlotState.FILLED and it.file]
    if not files:
        return CheckedSource("storage", None, "There is no file of it yet.")
    if not gathered.was_storage_asked:
        return CheckedSource("storage", None, "Not asked.")
    found = sum(bool(file.has_object) for file in files)
    sentence = f"{found} of {len(files)} files are there."
    return CheckedSource("storage", found == len(files), sentence)
