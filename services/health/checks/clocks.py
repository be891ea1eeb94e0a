"""Do the clocks of the database, of this machine and of Redis agree?"""

from collections.abc import Callable

from sqlalchemy import func, select

from services.core.errors import QueueUnavailableError
from services.health.check import Answer, Question, ok, warning
from services.health.system_under_check import House

LIMIT_SECONDS = 2.0
NOTED_SECONDS = 0.5


def clock_questions(house: House) -> list[Question]:
    """The one question about time."""
    return [Question("Clocks", "Database", lambda: _clocks(house))]


def _clocks(house: House) -> Answer:
    aheads = {"this machine": -_ahead(house, lambda: _database_time(house))}
    try:
        queue = house.needed_queue()
        aheads["Redis"] = _ahead(house, queue.time) + aheads["this machine"]
    except QueueUnavailableError:
        pass  # Its own check tells.
    told = ", ".join(f"{name} {_words(ahead)}" for name, ahead in aheads.items())
    finding = f"Beside the database's clock: {told}."
    if max(map(abs, aheads.values())) > LIMIT_SECONDS:
        return warning(
            finding, "Set the clocks by NTP (timedatectl set-ntp true) on every machine named."
        )
    return ok(finding)


def _ahead(house: House, ask: Callable[[], float]) -> float:
    """How far a clock is ahead of this machine's, its answer taken as of the call's middle."""
    before = house.now()
    told = ask()
    return told - (before + house.now()) / 2


def _database_time(house: House) -> float:
    with house.transaction() as session:
        moment = session.scalars(select(func.extract("epoch", func.clock_timestamp()))).one()
    return float(moment)


def _words(ahead: float) -> str:
    if abs(ahead) < NOTED_SECONDS:
        return "agrees"
    return f"is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}"
