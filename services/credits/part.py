"""What the parts of the service share: the database, and how long the models usually take."""

from services.database.engine import Database
from services.providers.durations import UsualSeconds


class Part:
    """One part of the service."""

    def __init__(self, database: Database, usual: UsualSeconds) -> None:
        self._database = database
        self._usual = usual
