"""Does anybody work: workers, the dispatcher, and the age of what nobody has rung for."""

from services.health.check import Answer, Question, failed, ok, warning
from services.health.summary import DISPATCHER_SECONDS, UNDISPATCHED_SECONDS, undispatched_seconds
from services.health.system_under_check import House
from services.monitoring.processes import ProcessFacts, read_processes

GROUP = "Work"
LATE_SECONDS = 30.0


def worker_questions(house: House) -> list[Question]:
    """The questions about the processes that work."""
    return [
        Question("Workers", GROUP, lambda: _workers(house)),
        Question("Dispatcher", GROUP, lambda: _dispatcher(house)),
        Question("Oldest run without a ring", GROUP, lambda: _undispatched(house)),
    ]


def _workers(house: House) -> Answer:
    fix = "Start ./run, or ./run worker on a host of its own."
    if house.database is None:
        return failed("No worker runs: there is no database to work for.", fix)
    known = _processes(house, "worker")
    alive = [process for process in known if process.is_alive]
    silent = [process for process in known if not process.is_alive]
    if not alive:
        return failed(f"No worker is alive.{_silence(silent)}", fix)
    threads = sum(process.threads for process in alive)
    busy = sum(process.busy for process in alive)
    who = "1 process" if len(alive) == 1 else f"{len(alive)} processes"
    return ok(f"{who} with {threads} threads, {busy} of them busy.{_silence(silent)}")


def _silence(silent: list[ProcessFacts]) -> str:
    if not silent:
        return ""
    ended = "1 has" if len(silent) == 1 else f"{len(silent)} have"
    return f" In the last day {ended} gone silent without a goodbye."


def _dispatcher(house: House) -> Answer:
    fix = "Start ./run, or ./run dispatcher on one host."
    if house.database is None:
        return failed("No dispatcher runs: there is no database to work for.", fix)
    known = _processes(house, "dispatcher")
    if not known:
        return failed("No dispatcher runs: nothing is rung for a second time.", fix)
    age = min(process.age_seconds for process in known)
    if age >= DISPATCHER_SECONDS:
        return failed(f"The dispatcher's last tick was {age:.0f} s ago.", fix)
    return ok(f"The last tick was {age:.1f} s ago.")


def _undispatched(house: House) -> Answer:
    with house.transaction() as session:
        age = undispatched_seconds(session)
    if age is None:
        return ok("Nothing that is due waits for a ring.")
    told = f"The oldest due run has waited {age:.0f} s for a ring."
    fix = "See the dispatcher above; a paused provider (Providers, below) also holds its runs."
    if age >= UNDISPATCHED_SECONDS:
        return failed(told, fix)
    return warning(told, fix) if age >= LATE_SECONDS else ok(told)


def _processes(house: House, role: str) -> list[ProcessFacts]:
    with house.transaction() as session:
        return [process for process in read_processes(session) if process.role == role]
