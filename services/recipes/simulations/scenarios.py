"""The scenarios of simulations: what one shows and how far it may leave the photograph."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.models import Scenario, new_id

MIN_STRENGTH = 0.05
MAX_STRENGTH = 1.0
MAX_NAME_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 300
# Each applies from this strength on; the ranges are the guide's (002).
STRENGTH_WORDS = (
    (0.8, "As far as it goes: the person may no longer be recognised"),
    (0.6, "Strong"),
    (0.4, "Moderate"),
    (0.2, "Very subtle"),
    (0.0, "Barely visible"),
)


@dataclass(frozen=True)
class ScenarioWords:
    """The editable text and strength of a scenario."""

    name: str
    description: str
    strength: float


@dataclass(frozen=True)
class ScenarioView:
    """One scenario; an archived one cannot be chosen any more."""

    id: str
    name: str
    description: str
    strength: float
    version: int
    is_archived: bool


def strength_words(strength: float) -> str:
    """Describe a strength in words."""
    rounded = round(strength, 3)
    return next(words for least, words in STRENGTH_WORDS if rounded >= least)


class Scenarios:
    """Lists scenarios and changes them; every change is audited with the words before and after."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choices(self, actor: Actor) -> tuple[ScenarioView, ...]:
        """Return those that can be chosen, in their order."""
        require(actor, Role.OPERATOR)
        return tuple(view for view in self._all() if not view.is_archived)

    def everything(self, actor: Actor) -> tuple[ScenarioView, ...]:
        """Return all scenarios, archived ones too."""
        require(actor, Role.ADMIN)
        return self._all()

    def add(self, actor: Actor, words: ScenarioWords, reason: str) -> str:
        """Add one after the others; returns its id. Raises InvalidRequestError."""
        require(actor, Role.ADMIN)
        checked, why = _checked(words), reason_of(reason)
        with self._database.transaction() as session:
            last = session.scalar(select(func.max(Scenario.position)))
            row = Scenario(id=new_id("scn"), position=(last or 0) + 1, **asdict(checked))
            session.add(row)
            record_change(
                session, actor, "scenario.add", row.id, why, before=None, after=asdict(checked)
            )
            return row.id

    def edit(self, actor: Actor, scenario_id: str, words: ScenarioWords, reason: str) -> None:
        """Change its words and raise its version; existing simulations are unchanged.

        Raises InvalidRequestError when there is nothing to change, or a word is missing.
        """
        require(actor, Role.ADMIN)
        checked, why = _checked(words), reason_of(reason)
        with self._database.transaction() as session:
            row = _locked(session, scenario_id)
            before = ScenarioWords(row.name, row.description, row.strength)
            if before == checked:
                raise InvalidRequestError(problem="Nothing is different. Change it, then save.")
            row.name, row.description = checked.name, checked.description
            row.strength, row.version = checked.strength, row.version + 1
            row.updated_at = func.clock_timestamp()
            record_change(
                session,
                actor,
                "scenario.edit",
                row.id,
                why,
                before=asdict(before),
                after=asdict(checked),
            )

    def archive(self, actor: Actor, scenario_id: str, reason: str) -> None:
        """Remove it from the form; simulations made with it still name it."""
        self._set_archived(actor, scenario_id, reason, is_archived=True)

    def restore(self, actor: Actor, scenario_id: str, reason: str) -> None:
        """Return an archived one to the form."""
        self._set_archived(actor, scenario_id, reason, is_archived=False)

    def _set_archived(
        self, actor: Actor, scenario_id: str, reason: str, *, is_archived: bool
    ) -> None:
        require(actor, Role.ADMIN)
        why = reason_of(reason)
        with self._database.transaction() as session:
            row = _locked(session, scenario_id)
            was = row.archived_at is not None
            if was is is_archived:
                raise InvalidRequestError(problem="It is so already. Reload the page to see it.")
            row.archived_at = func.clock_timestamp() if is_archived else None
            before, after = {"is_archived": was}, {"is_archived": is_archived}
            action = "scenario.archive" if is_archived else "scenario.restore"
            record_change(session, actor, action, row.id, why, before=before, after=after)

    def _all(self) -> tuple[ScenarioView, ...]:
        query = select(Scenario).order_by(Scenario.position, Scenario.id)
        with self._database.transaction() as session:
            return tuple(_view(row) for row in session.scalars(query))


def _view(row: Scenario) -> ScenarioView:
    is_archived = row.archived_at is not None
    return ScenarioView(row.id, row.name, row.description, row.strength, row.version, is_archived)


def _locked(session: Session, scenario_id: str) -> Scenario:
    row = session.scalar(select(Scenario).where(Scenario.id == scenario_id).with_for_update())
    if row is None:
        raise NotFoundError(what="scenario", id=scenario_id)
    return row


def _checked(words: ScenarioWords) -> ScenarioWords:
    """Return the words as they will be stored; raises InvalidRequestError with the first problem."""
    stored = ScenarioWords(
        clean(words.name).strip(), clean(words.description).strip(), round(words.strength, 3)
    )
    problems = [
        (not stored.name, "Give the scenario a name."),
        (
            len(stored.name) > MAX_NAME_CHARACTERS,
            f"The name is longer than {MAX_NAME_CHARACTERS} characters. Shorten it.",
        ),
        (not stored.description, "The description is empty: say what the simulation shows."),
        (
            len(stored.description) > MAX_DESCRIPTION_CHARACTERS,
            f"The description is longer than {MAX_DESCRIPTION_CHARACTERS} characters. Shorten it.",
        ),
        (
            not MIN_STRENGTH <= stored.strength <= MAX_STRENGTH,
            f"The strength is a number from {MIN_STRENGTH} to {MAX_STRENGTH:.0f}.",
        ),
    ]
    for is_wrong, problem in problems:
        if is_wrong:
            raise InvalidRequestError(problem=problem)
    return stored
