"""The people of this desk, as actors."""

from sqlalchemy import select

from services.core.actors import Actor
from services.database.engine import Database
from services.database.models import Person
from services.database.seed import LOCAL_PERSON_ID


class People:
    """Looks people up. The caller has proved who they are; this says what they may do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def local(self) -> Actor:
        """The person at this machine, where no identity provider is set."""
        with self._database.transaction() as session:
            person = session.get_one(Person, LOCAL_PERSON_ID)
            return Actor(person.id, person.name, person.role)

    def by_email(self, email: str) -> Actor | None:
        """The enabled person with this address, asked anew each time, or None."""
        with self._database.transaction() as session:
            person = session.scalar(
                select(Person).where(Person.email == email.lower(), Person.disabled_at.is_(None))
            )
            return Actor(person.id, person.name, person.role) if person else None
