"""Which parts were asked for a verdict, and what each said; also when nothing is wrong."""

from collections.abc import Iterator

from services.core.states import ACTIVE_RUNS, SlotState
from services.diagnosis.facts import Case, House
from services.diagnosis.facts_gathering.gather import Gathered
from services.diagnosis.findings import Checked
from services.diagnosis.rule_sets.system_rules import is_dispatcher_alive, is_working
from services.diagnosis.rule_sets.words import provider_of


def checked_parts(gathered: Gathered) -> tuple[Checked, ...]:
    """Database, money, processes, queue, providers and storage, in the order of their importance."""
    case = gathered.case
    return (
        _database(case),
        _money(case),
        _processes(case.house),
        _queue(gathered),
        *_providers(gathered),
        _storage(gathered),
    )


def _database(case: Case) -> Checked:
    told = f"{len(case.slots)} slots, {len(case.runs)} runs, state {case.generation.state.value}."
    return Checked("database", True, told)


def _money(case: Case) -> Checked:
    money = case.money
    is_even = money.surplus == 0 and not money.unrefunded_slots
    told = (
        f"{money.charged} charged = {money.consumed} used + {money.refunded} given back"
        f" + {money.held} held."
    )
    return Checked("credits", is_even, told if is_even else told.replace(" = ", " ≠ "))


def _processes(house: House) -> Checked:
    workers = [it for it in house.processes if it.role == "worker"]
    alive = [it for it in workers if is_working(it)]
    is_enqueued = is_dispatcher_alive(house)
    dispatcher = "The dispatcher is alive" if is_enqueued else "No dispatcher is alive"
    told = f"{dispatcher}; {len(alive)} of {len(workers)} workers give signs of life."
    return Checked("processes", is_enqueued and bool(alive), told)


def _queue(gathered: Gathered) -> Checked:
    case = gathered.case
    if case.house.queue is None:
        return Checked("queue", False, gathered.queue_problem or "Redis does not answer.")
    asked = [run for run in case.runs if run.job is not None]
    depth = sum(case.house.queue.depths.values())
    if not asked:
        return Checked("queue", True, f"Nothing of it should be there; {depth} jobs wait in all.")
    lost = [run for run in asked if run.job and not run.job.has_hash]
    told = f"{len(asked)} of its jobs were looked up, {len(lost)} are lost; {depth} wait in all."
    return Checked("queue", not lost, told)


def _providers(gathered: Gathered) -> Iterator[Checked]:
    case = gathered.case
    for name in dict.fromkeys(run.provider for run in case.runs):
        runs = [run for run in case.runs if run.provider == name]
        looks = [run.live for run in runs if run.live is not None]
        bad = [look for look in looks if look.problem]
        if bad:
            yield Checked(provider_of(name), False, str(bad[0].problem))
        elif looks:
            states = ", ".join(sorted({look.status or "" for look in looks}))
            yield Checked(provider_of(name), True, f"Asked for {len(looks)} just now: {states}.")
        else:
            is_open = any(run.state in ACTIVE_RUNS for run in runs)
            told = "It holds nothing of it now." if is_open else "Everything of it has ended there."
            yield Checked(provider_of(name), None, told)


def _storage(gathered: Gathered) -> Checked:
    if gathered.storage_problem is not None:
        return Checked("storage", False, gathered.storage_problem)
    filled = [it for it in gathered.case.slots if it.state is SlotState.FILLED and it.file]
    asked = [it for it in filled if it.file and it.file.has_object is not None]
    there = [it for it in asked if it.file and it.file.has_object]
    if not gathered.was_storage_asked or not filled:
        return Checked(
            "storage", None, "There is no file of it yet." if not filled else "Not asked."
        )
    return Checked(
        "storage", len(there) == len(filled), f"{len(there)} of {len(filled)} files are there."
    )
