"""What the parts of the service share: the database, and how long the models usually take."""

from services.database.engine import Database
from services.providers.durations import DurationEstimator


class Part:
    """One part of the service."""

    def __init__(self, database: Database, durations: DurationEstimator) -> None:
        self._database = database
        self._durations = durations
